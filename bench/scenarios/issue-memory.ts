/**
 * Issuing one certificate for a certification request, with the record kept in memory: request, profile, names, lint, intent, signature.
 * Beside it `floor`, what nobody can save: the verification of the request's signature and one signature, by node:crypto.
 */
import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { createAuthority, memoryLedger, openAuthority, serviceProfile } from 'countersign/authority';
import { systemClock } from 'countersign/clock';
import { generatePrivateKey, verifyOnce } from 'countersign/cryptography';
import {
  encodeCertificationRequestInfo,
  encodeName,
  encodeSigned,
  parseCertificationRequest,
  verifyCertificationRequest,
} from 'countersign/x509';
import type { Subject } from '../frame/scenario.ts';

export const scenario = 'issue-memory';

const names = ['spiffe://bench.internal/web', 'web.internal'];

export const subjects: readonly Subject[] = [
  {
    name: 'countersign',
    start: async () => {
      const keys = createAuthority({ trustDomain: 'bench.internal', clock: systemClock });
      const authority = await openAuthority({ keys, ledger: memoryLedger(), clock: systemClock });
      const request = certificationRequest();
      let issued = 0;
      return {
        operation: async () => {
          issued += 1;
          const parsed = parseCertificationRequest(request);
          verifyCertificationRequest(parsed, verifyOnce);
          const publicKey = parsed.publicKey.raw;
          await authority.issue({ profile: serviceProfile, names, publicKey, origin: `bench:${issued}` });
        },
        close: async () => undefined,
      };
    },
  },
  {
    name: 'floor',
    start: async () => {
      const { signed, signature, publicKey } = parseCertificationRequest(certificationRequest());
      const requester = createPublicKey({ key: Buffer.from(publicKey.raw), format: 'der', type: 'spki' });
      const issuer = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
      // As long as the part of a service's certificate that is signed.
      const toBeSigned = new Uint8Array(450);
      return {
        operation: async () => {
          if (!verify('sha256', signed, requester, signature)) throw new Error('the request does not verify');
          sign('sha256', toBeSigned, issuer);
        },
        close: async () => undefined,
      };
    },
  },
];

/** DER, with a P-256 key. */
function certificationRequest(): Uint8Array {
  const key = generatePrivateKey('P-256');
  const info = encodeCertificationRequestInfo({
    subject: encodeName({ commonName: 'web' }),
    publicKey: key.publicKey.raw,
    subjectAltName: { uri: [names[0] ?? ''], dns: [names[1] ?? ''] },
  });
  return encodeSigned(info, key.signatureAlgorithm, key.sign(info));
}
