/**
 * A long secret under a passphrase, in pieces: scrypt (RFC 7914) makes two keys, HMAC-SHA256 guards the head, AES-256-GCM each piece. A piece's nonce is its
 * number and whether it is the last (STREAM, Hoang, Reyhanitabar, Rogaway and Vizár, CRYPTO 2015), so that none can be left out, exchanged or cut off. The
 * keys come from a salt of their own for each whole, so no nonce is used twice with one.
 */
import { createCipheriv, createDecipheriv, scrypt } from 'node:crypto';

import { concatBytes } from '../../ground/encoding/index.ts';
import { hmacSha256 } from './hashes.ts';

export interface SealingKeys {
  readonly head: Uint8Array;
  readonly pieces: Uint8Array;
}

export interface PiecePlace {
  readonly number: number;
  readonly last: boolean;
}

/** What a piece grows by: the tag of GCM. */
export const sealBytes = 16;

/** Block size 8 and no parallel lanes, as RFC 7914, 2 suggests; the cost is what is chosen. */
const [blockSize, parallelization] = [8, 1];

/** @param log2Cost 17 takes 128 MiB and some tenths of a second */
export function sealingKeys(passphrase: string, salt: Uint8Array, log2Cost: number): Promise<SealingKeys> {
  const cost = 2 ** log2Cost;
  const options = { N: cost, r: blockSize, p: parallelization, maxmem: 128 * blockSize * (cost + 16) };
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFC'), salt, 64, options, (error, key) => {
      if (error !== null) reject(error);
      else resolve({ head: new Uint8Array(key.subarray(0, 32)), pieces: new Uint8Array(key.subarray(32)) });
    });
  });
}

export function headTag({ head }: SealingKeys, bytes: Uint8Array): Uint8Array {
  return hmacSha256(head, bytes);
}

export function sealPiece({ pieces }: SealingKeys, place: PiecePlace, plaintext: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', pieces, nonceOf(place), { authTagLength: sealBytes });
  return concatBytes([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** `undefined` where it is not what was sealed at this place. */
export function openPiece({ pieces }: SealingKeys, place: PiecePlace, sealed: Uint8Array): Uint8Array | undefined {
  if (sealed.length < sealBytes) return undefined;
  const end = sealed.length - sealBytes;
  const decipher = createDecipheriv('aes-256-gcm', pieces, nonceOf(place), { authTagLength: sealBytes });
  decipher.setAuthTag(sealed.subarray(end));
  try {
    return concatBytes([decipher.update(sealed.subarray(0, end)), decipher.final()]);
  } catch {
    // Without the cause, which says nothing more.
    return undefined;
  }
}

/** Twelve octets: three zeros, the number in eight, and whether it is the last. */
function nonceOf({ number, last }: PiecePlace): Uint8Array {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setBigUint64(3, BigInt(number));
  nonce[11] = last ? 1 : 0;
  return nonce;
}
