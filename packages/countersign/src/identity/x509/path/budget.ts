/** What one question may cost: certificates of an attacker's choosing must not multiply work (CVE-2022-3602's neighbours, CVE-2023-0464). */
import { Refusal } from '../../../ground/errors/index.ts';
import type { PathWork } from './path-report.ts';

/** Signatures verified; rustls-webpki's budget is 100, too, and the longest real search seen (crossed roots of the Web) needs 12. */
const mostSignatures = 100;

/** Whole paths looked at. Own choice: each brings at least one fault that prunes the others, so hundreds mean a maze. */
const mostPaths = 250;

/** Issuers tried while building. Own choice: rustls-webpki tries 200,000, at a fraction of the cost of one here. */
const mostSteps = 20_000;

/** Names compared with constraints; rustls-webpki's budget is 250,000. */
const mostNames = 250_000;

export class Budget {
  #signatures = 0;
  #paths = 0;
  #steps = 0;
  #names = 0;

  spendSignature(): void {
    if (++this.#signatures > mostSignatures) throw used('signatures', mostSignatures);
  }

  spendPath(): void {
    if (++this.#paths > mostPaths) throw used('paths', mostPaths);
  }

  spendStep(): void {
    if (++this.#steps > mostSteps) throw used('steps of path building', mostSteps);
  }

  spendNames(count: number): void {
    this.#names += count;
    if (this.#names > mostNames) throw used('names under constraints', mostNames);
  }

  get work(): PathWork {
    return { signatures: this.#signatures, paths: this.#paths, names: this.#names };
  }
}

function used(limit: string, maximum: number): Refusal {
  return new Refusal('CS-PATH-014', { limit, maximum });
}
