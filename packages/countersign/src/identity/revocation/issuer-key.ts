/** The name of an issuer's key in revocation: lower-case hex SHA-256 of its SubjectPublicKeyInfo. */
import { toHex } from '../../ground/encoding/index.ts';
import type { Certificate } from '../x509/index.ts';

export type Sha256 = (bytes: Uint8Array) => Uint8Array;

export function issuerKeyOf(issuer: Pick<Certificate, 'publicKey'>, sha256: Sha256): string {
  return toHex(sha256(issuer.publicKey.raw)).toLowerCase();
}
