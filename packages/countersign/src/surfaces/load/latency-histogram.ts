/** Latencies in fixed memory, whatever their number: buckets whose width grows with the value, so that each is known to 1 part in 128. */

/** Buckets in each power of two: 7 bits of precision. */
const steps = 128;

/** Microseconds: 2^32, 71 minutes; what took longer counts as that, and `max` stays exact. */
const mostUs = 2 ** 32 - 1;

/** Values below `2 * steps` have a bucket each; above, `steps` for each power of two up to the 32nd. */
const buckets = 2 * steps + (32 - 8) * steps;

export class LatencyHistogram {
  readonly #counts = new Float64Array(buckets);
  #count = 0;
  #maxMs = 0;

  get count(): number {
    return this.#count;
  }

  get maxMs(): number {
    return this.#maxMs;
  }

  record(ms: number): void {
    const us = Math.min(Math.max(0, Math.round(ms * 1000)), mostUs);
    const at = bucketOf(us);
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#count += 1;
    if (ms > this.#maxMs) this.#maxMs = ms;
  }

  /** The latency, in milliseconds, that the share `quantile` (0.99) of all did not exceed; 0 where there are none. */
  quantile(quantile: number): number {
    const rank = Math.max(1, Math.ceil(quantile * this.#count));
    let seen = 0;
    for (const [at, count] of this.#counts.entries()) {
      seen += count;
      if (seen >= rank && count > 0) return Math.min(highestOf(at) / 1000, this.#maxMs);
    }
    return this.#maxMs;
  }

  /** How many lie in each power of two of microseconds, from the first that has any to the last. */
  octaves(): { readonly belowMs: number; readonly count: number }[] {
    const found = new Map<number, number>();
    for (const [at, count] of this.#counts.entries()) {
      if (count === 0) continue;
      const octave = Math.ceil(Math.log2(highestOf(at) + 1));
      found.set(octave, (found.get(octave) ?? 0) + count);
    }
    const octaves = [...found.keys()];
    if (octaves.length === 0) return [];
    const first = Math.min(...octaves);
    return Array.from({ length: Math.max(...octaves) - first + 1 }, (_, index) => ({
      belowMs: 2 ** (first + index) / 1000,
      count: found.get(first + index) ?? 0,
    }));
  }
}

function bucketOf(us: number): number {
  if (us < 2 * steps) return us;
  const power = 31 - Math.clz32(us);
  // The bits below the leading one, cut to the precision.
  return 2 * steps + (power - 8) * steps + ((us >>> (power - 7)) - steps);
}

/** The greatest whole number of microseconds that falls into the bucket. */
function highestOf(bucket: number): number {
  if (bucket < 2 * steps) return bucket;
  const power = 8 + Math.floor((bucket - 2 * steps) / steps);
  const step = (bucket - 2 * steps) % steps;
  return (steps + step + 1) * 2 ** (power - 7) - 1;
}
