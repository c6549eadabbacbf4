/** A public key as JWK (RFC 7517; RFC 8037), and the thumbprint by which it is named (RFC 7638). */
import { createPublicKey } from 'node:crypto';
import type { JsonObject } from '../../identity/bound-tokens/index.ts';
import type { PublicKeyInfo } from '../../identity/x509/index.ts';
import { sha256, plainView } from './hashes.ts';

/** The members that make up a key (RFC 7638, 3.2), in the order of their names. */
const required = ['crv', 'e', 'kty', 'n', 'x', 'y'] as const;

export function publicJwk({ raw }: PublicKeyInfo): JsonObject {
  const key = createPublicKey({ key: Buffer.from(raw), format: 'der', type: 'spki' });
  return { ...key.export({ format: 'jwk' }) };
}

/** base64url of SHA-256. */
export function jwkThumbprint(jwk: JsonObject): string {
  const members = required.filter((name) => jwk[name] !== undefined).map((name) => [name, jwk[name]] as const);
  const text = JSON.stringify(Object.fromEntries(members));
  return Buffer.from(sha256(plainView(Buffer.from(text)))).toString('base64url');
}
