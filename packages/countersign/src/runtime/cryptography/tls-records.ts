/** Opens records of TLS 1.3 with a traffic secret that OpenSSL has told: to see what a server said in its handshake (RFC 8446, 5.2). */
import { createDecipheriv, createHmac } from 'node:crypto';

interface Suite {
  readonly hash: 'sha256' | 'sha384';
  readonly cipher: 'aes-128-gcm' | 'aes-256-gcm' | 'chacha20-poly1305';
  readonly keyBytes: number;
}

/** RFC 8446, B.4; those with CCM are not met. */
const suites: ReadonlyMap<number, Suite> = new Map([
  [0x1301, { hash: 'sha256', cipher: 'aes-128-gcm', keyBytes: 16 }],
  [0x1302, { hash: 'sha384', cipher: 'aes-256-gcm', keyBytes: 32 }],
  [0x1303, { hash: 'sha256', cipher: 'chacha20-poly1305', keyBytes: 32 }],
]);

const ivBytes = 12;
const tagBytes = 16;

export interface TlsRecordOpener {
  /** The contents with their type behind, or `undefined` where the record was not sealed with this secret. */
  open(header: Uint8Array, sealed: Uint8Array): Uint8Array | undefined;
}

/** Records in their order, from the first one under `secret`; `undefined` for a suite that is not known here. */
export function tlsRecordOpener(suite: number, secret: Uint8Array): TlsRecordOpener | undefined {
  const known = suites.get(suite);
  if (known === undefined) return undefined;
  const key = expandLabel(known.hash, secret, 'key', known.keyBytes);
  const iv = expandLabel(known.hash, secret, 'iv', ivBytes);
  let sequence = 0;
  return {
    open(header, sealed) {
      const opened = openRecord(known, key, nonceOf(iv, sequence), header, sealed);
      sequence += 1;
      return opened;
    },
  };
}

function openRecord(
  { cipher }: Suite,
  key: Uint8Array,
  nonce: Uint8Array,
  header: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | undefined {
  if (sealed.length < tagBytes) return undefined;
  const end = sealed.length - tagBytes;
  // One call for both kinds of cipher: Node's types know each by its name alone.
  const decryption = createDecipheriv(cipher as 'aes-256-gcm', key, nonce, { authTagLength: tagBytes });
  decryption.setAAD(header, { plaintextLength: end });
  decryption.setAuthTag(sealed.subarray(end));
  try {
    return new Uint8Array(Buffer.concat([decryption.update(sealed.subarray(0, end)), decryption.final()]));
  } catch {
    return undefined;
  }
}

/** The sequence number, to the right, over the initialization vector (RFC 8446, 5.3). */
function nonceOf(iv: Uint8Array, sequence: number): Uint8Array {
  const nonce = Uint8Array.from(iv);
  const view = new DataView(nonce.buffer);
  view.setUint32(ivBytes - 4, view.getUint32(ivBytes - 4) ^ sequence);
  return nonce;
}

/** HKDF-Expand-Label without context (RFC 8446, 7.1), for at most one block of the hash. */
function expandLabel(hash: Suite['hash'], secret: Uint8Array, label: string, bytes: number): Uint8Array {
  const name = Buffer.from(`tls13 ${label}`, 'ascii');
  const info = Buffer.concat([Buffer.of(0, bytes, name.length), name, Buffer.of(0, 1)]);
  return new Uint8Array(createHmac(hash, secret).update(info).digest().subarray(0, bytes));
}
