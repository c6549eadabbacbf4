/** Random octets for many small uses, such as salts: a call of the generator costs more than the octets. Not for keys. */
import { randomBytes } from 'node:crypto';

/** 4 KiB: 256 salts from one call. */
const poolBytes = 4096;

/** Each call of the function that is returned gives octets that were never given before, at most 4096. */
export function pooledRandomBytes(): (count: number) => Uint8Array {
  let pool = new Uint8Array(0);
  let used = 0;
  return (count) => {
    if (count > poolBytes) throw new TypeError(`a pool gives at most ${String(poolBytes)} octets`);
    if (used + count > pool.length) {
      pool = new Uint8Array(randomBytes(poolBytes));
      used = 0;
    }
    used += count;
    return pool.slice(used - count, used);
  };
}
