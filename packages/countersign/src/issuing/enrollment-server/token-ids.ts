/**
 * Identifiers of tokens that only this authority can make: a stranger who invents tokens is answered from memory, in constant time, and the database
 * hears nothing of it, however many come. What proves a token is its secret; this only says whether it is worth looking for.
 */
import { concatBytes, fromBase64Url, toBase64Url } from '../../ground/encoding/index.ts';
import { constantTimeEqual, hmacSha256, randomBytes } from '../../runtime/cryptography/index.ts';

export interface TokenIds {
  create(): string;
  isOurs(id: string): boolean;
}

/** 96 random bits, so that no two are alike; a tag of 72, which is guessed once in 10^21 tries, to be told that the secret is wrong. */
const randomByteCount = 12;
const tagBytes = 9;

const context = new TextEncoder().encode('countersign token identifier, version 1\0');

/** @param secret known to nobody else, and the same after a restart: tokens made before it stay good */
export function tokenIds(secret: Uint8Array): TokenIds {
  const key = hmacSha256(secret, context);
  const tag = (head: Uint8Array): Uint8Array => hmacSha256(key, head).subarray(0, tagBytes);
  return {
    create: () => {
      const head = randomBytes(randomByteCount);
      return toBase64Url(concatBytes([head, tag(head)]));
    },
    isOurs: (id) => {
      const bytes = fromBase64Url(id) ?? new Uint8Array();
      const head = bytes.subarray(0, randomByteCount);
      return constantTimeEqual(bytes.subarray(head.length), tag(head));
    },
  };
}

/** For an authority in memory alone: plain random identifiers, each of which is looked for. */
export const untaggedIds: TokenIds = {
  create: () => toBase64Url(randomBytes(randomByteCount)),
  isOurs: () => true,
};
