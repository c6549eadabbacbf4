/** What one question may cost: certificates of an attacker's choosing must not multiply work (CVE-2023-0464, CVE-2025-58187). */
import { Refusal } from '../../../ground/errors/index.ts';
import type { PathWork } from './path-report.ts';

/** Each a count, for one question. */
export interface PathLimits {
  /** Signatures verified. */
  readonly signatures: number;
  /** Whole paths looked at. */
  readonly paths: number;
  /** Issuers tried while building. */
  readonly steps: number;
  /** Names of one certificate that stands under name constraints. */
  readonly namesOfOne: number;
  /** Names compared with one issuer's constraints, over all paths. */
  readonly names: number;
}

/**
 * - signatures: rustls-webpki's budget is 100, too; the longest real search seen, among crossed roots of the Web, takes 12.
 * - paths: own choice: each path that fails brings at least one fault that prunes others, so hundreds of them are a maze.
 * - steps: own choice: rustls-webpki tries 200,000, each at a fraction of the cost of one here.
 * - namesOfOne: own choice: no public authority certifies more than 1,000 names at once, Let's Encrypt 100. It costs us little to look at
 *   more; but names and constraints by the thousand are made to stall whoever compares each with each.
 * - names: rustls-webpki's budget is 250,000 comparisons.
 */
export const defaultPathLimits: PathLimits = {
  signatures: 100,
  paths: 250,
  steps: 20_000,
  namesOfOne: 1000,
  names: 250_000,
};

export class Budget {
  readonly #limits: PathLimits;
  #signatures = 0;
  #paths = 0;
  #steps = 0;
  #names = 0;

  constructor(limits: Partial<PathLimits> = {}) {
    this.#limits = { ...defaultPathLimits, ...limits };
    // Compared with what is no number, nothing would ever be too much.
    for (const [limit, most] of Object.entries<unknown>({ ...this.#limits })) {
      if (!(typeof most === 'number' && most >= 0)) throw new TypeError(`the limit of ${limit} must be a number`);
    }
  }

  spendSignature(): void {
    if (this.#signatures >= this.#limits.signatures) throw used('signatures', this.#limits.signatures);
    this.#signatures++;
  }

  spendPath(): void {
    if (this.#paths >= this.#limits.paths) throw used('paths', this.#limits.paths);
    this.#paths++;
  }

  spendStep(): void {
    if (this.#steps >= this.#limits.steps) throw used('steps of path building', this.#limits.steps);
    this.#steps++;
  }

  /** @param constraints how many issuers above constrain these names */
  spendNames(names: number, constraints: number): void {
    const { namesOfOne, names: most } = this.#limits;
    if (names > namesOfOne) throw used('names of one certificate under constraints', namesOfOne);
    const compared = names * constraints;
    if (this.#names + compared > most) throw used('names under constraints', most);
    this.#names += compared;
  }

  get work(): PathWork {
    return { signatures: this.#signatures, paths: this.#paths, names: this.#names };
  }
}

function used(limit: string, maximum: number): Refusal {
  return new Refusal('CS-PATH-014', { limit, maximum });
}
