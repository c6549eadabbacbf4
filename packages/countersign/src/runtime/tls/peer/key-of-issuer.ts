/** Under which key what an issuer signed is looked up in revocations, computed once: the issuers of a bundle are the same objects for every peer. */
import { issuerKeyOf } from '../../../identity/revocation/index.ts';
import type { Certificate } from '../../../identity/x509/index.ts';
import { sha256 } from '../../cryptography/index.ts';

const keys = new WeakMap<Certificate, string>();

/** Lower-case hex SHA-256 of its SubjectPublicKeyInfo. */
export function keyOfIssuer(issuer: Certificate): string {
  const known = keys.get(issuer);
  if (known !== undefined) return known;
  const key = issuerKeyOf(issuer, sha256);
  keys.set(issuer, key);
  return key;
}
