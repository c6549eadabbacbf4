/** Hashes, random bytes and the comparison of secrets. */
import { createHash, createHmac, hash, randomBytes as nodeRandomBytes, timingSafeEqual } from 'node:crypto';

import type { CertIdHash } from '../../identity/x509/index.ts';

export function sha256(bytes: Uint8Array): Uint8Array {
  return plainView(hash('sha256', bytes, 'buffer'));
}

/** Lower-case hexadecimal digits. */
export function sha256Hex(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex');
}

/** The same, of the text in UTF-8. */
export function sha256HexOfText(text: string): string {
  return hash('sha256', text, 'hex');
}

const certIdHashes: Readonly<Record<CertIdHash, string>> = {
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

/** The hashes by which OCSP names issuers and responders: SHA-1 among them, which is good for nothing else. */
export function certIdHash(algorithm: CertIdHash, bytes: Uint8Array): Uint8Array {
  return plainView(hash(certIdHashes[algorithm], bytes, 'buffer'));
}

/** A certificate's thumbprint as `x5t#S256` writes it (RFC 8705, 3.1): SHA-256 of its DER, base64url. */
export function thumbprint(der: Uint8Array): string {
  return hash('sha256', der, 'base64url');
}

export function hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHmac('sha256', key).update(bytes).digest());
}

export function randomBytes(count: number): Uint8Array {
  return new Uint8Array(nodeRandomBytes(count));
}

/** Without the methods of a Buffer, whose `slice` is no copy; the octets are the same ones. */
export function plainView(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}

/** Compares secrets in a time that depends on their lengths alone. */
export function constantTimeEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** A hash of what comes piece by piece. */
export interface StreamingSha256 {
  update(bytes: Uint8Array): void;
  /** Lower-case hexadecimal digits; nothing can follow. */
  hex(): string;
}

export function streamingSha256(): StreamingSha256 {
  const hashing = createHash('sha256');
  return { update: (bytes) => void hashing.update(bytes), hex: () => hashing.digest('hex') };
}

/** Of a whole stream, with how long it was. */
export async function sha256Stream(stream: AsyncIterable<Uint8Array>): Promise<{ bytes: number; sha256: string }> {
  const hashing = streamingSha256();
  let bytes = 0;
  for await (const part of stream) {
    bytes += part.length;
    hashing.update(part);
  }
  return { bytes, sha256: hashing.hex() };
}
