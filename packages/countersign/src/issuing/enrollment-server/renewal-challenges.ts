/** Challenges for renewal after expiry: nothing is kept for them, so asking for many costs the authority nothing. */
import { concatBytes, fromBase64Url, toBase64Url } from '../../ground/encoding/index.ts';
import type { Clock } from '../../ground/clock/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { constantTimeEqual, hmacSha256, randomBytes } from '../../runtime/cryptography/index.ts';

export interface RenewalChallenges {
  create(): string;
  /** Throws CS-RENEW-004. */
  require(challenge: string): void;
}

/** 5 minutes, for a slow connection and a person looking on; a proof is of use only with the request that it names. */
const lifeMs = 5 * 60_000;

/** 48 bits of milliseconds last until the year 10889; 80 random bits; half of an HMAC-SHA-256 (RFC 2104, 5: not less than half). */
const timeBytes = 6;
const randomByteCount = 10;
const tagBytes = 16;

/** The key is made anew at each start, so that no challenge outlives the process that made it. */
export function renewalChallenges(clock: Clock): RenewalChallenges {
  const key = randomBytes(32);
  const tag = (head: Uint8Array): Uint8Array => hmacSha256(key, head).subarray(0, tagBytes);

  return {
    create: () => {
      const head = concatBytes([encodeTime(clock.now() + lifeMs), randomBytes(randomByteCount)]);
      return toBase64Url(concatBytes([head, tag(head)]));
    },
    require: (challenge) => {
      const bytes = fromBase64Url(challenge) ?? new Uint8Array();
      const head = bytes.subarray(0, timeBytes + randomByteCount);
      if (!constantTimeEqual(bytes.subarray(head.length), tag(head))) {
        throw new Refusal('CS-RENEW-004', { rule: 'made by this authority since it was started' });
      }
      const leftMs = decodeTime(head) - clock.now();
      if (leftMs <= 0 || leftMs > lifeMs)
        throw new Refusal('CS-RENEW-004', { rule: `used within ${String(lifeMs / 60_000)} minutes` });
    },
  };
}

function encodeTime(ms: number): Uint8Array {
  const bytes = new Uint8Array(timeBytes);
  new DataView(bytes.buffer).setUint16(0, Math.floor(ms / 2 ** 32));
  new DataView(bytes.buffer).setUint32(2, ms % 2 ** 32);
  return bytes;
}

function decodeTime(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, timeBytes);
  return view.getUint16(0) * 2 ** 32 + view.getUint32(2);
}
