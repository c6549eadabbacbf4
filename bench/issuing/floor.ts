/**
 * What nobody can save of issuing one certificate: the verification of a request's signature and one signature, by node:crypto.
 * The request's key is loaded each time, since each request brings another one; the second subject shows what that is of it.
 */
import { createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { parseCertificationRequest } from 'countersign/x509';
import type { Subject } from '../frame/scenario.ts';
import { makeRequest } from './request.ts';

/** As long as the part of a service's certificate that is signed. */
const signedOctets = 450;

type Key = KeyObject | { readonly key: Buffer; readonly format: 'der'; readonly type: 'spki' };

function issuingFloor(name: string, prepared: (key: Exclude<Key, KeyObject>) => Key): Subject {
  return {
    name,
    start: async () => {
      const { signed, signature, publicKey } = parseCertificationRequest(makeRequest('web.internal').der);
      const requester = prepared({ key: Buffer.from(publicKey.raw), format: 'der', type: 'spki' });
      const issuer = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
      const toBeSigned = new Uint8Array(signedOctets);
      return {
        operation: async () => {
          if (!verify('sha256', signed, requester, signature)) throw new Error('the request does not verify');
          sign('sha256', toBeSigned, issuer);
        },
        close: async () => undefined,
      };
    },
  };
}

export const floor: Subject = issuingFloor('floor', (key) => key);
export const floorWithLoadedKey: Subject = issuingFloor('floor, its key loaded before', createPublicKey);
