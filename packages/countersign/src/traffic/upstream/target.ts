/** One place of an upstream: what is under way there, whether it is well, and what share of requests it may have. */
import type { Clock } from '../../ground/clock/index.ts';
import type { Program, Upstream } from '../relay/index.ts';
import type { HealthChange, PassiveHealth } from './upstream-options.ts';

export interface TargetOptions {
  readonly clock: Clock;
  readonly passive: Required<PassiveHealth>;
  readonly slowStartMs: number;
  readonly onHealth: (change: Omit<HealthChange, 'upstream'>) => void;
  /** Whether it may be taken out: another one is left. */
  readonly mayLeave: (target: Target) => boolean;
}

/** Of its share, that a target which has just come back gets. Our own choice. */
const leastShare = 0.1;

export class Target {
  /** As it was given. */
  readonly url: string;
  readonly place: Upstream;
  readonly program: Program;
  readonly #options: TargetOptions;
  underWay = 0;
  requests = 0;
  failed = 0;
  /** For taking turns. */
  credit = 0;
  #passesChecks = true;
  #failures: number[] = [];
  #outUntil: number | undefined;
  #backSince: number | undefined;

  constructor(url: string, place: Upstream, program: Program, options: TargetOptions) {
    this.url = url;
    this.place = place;
    this.program = program;
    this.#options = options;
  }

  /** Whether it may be asked now. */
  isWell(): boolean {
    if (!this.#passesChecks) return false;
    if (this.#outUntil === undefined) return true;
    if (this.#options.clock.monotonic() < this.#outUntil) return false;
    this.#outUntil = undefined;
    this.#comeBack('time is over');
    return true;
  }

  /** Above 0, 1 at the most. */
  share(): number {
    if (this.#backSince === undefined) return 1;
    const share = (this.#options.clock.monotonic() - this.#backSince) / this.#options.slowStartMs;
    if (share >= 1) this.#backSince = undefined;
    return Math.min(1, Math.max(leastShare, share));
  }

  /** Successes take no failure back: a target that fails every other request is not well. */
  failedOnce(): void {
    this.failed += 1;
    const { failures, outMs } = this.#options.passive;
    this.#failures.push(this.#options.clock.monotonic());
    this.#forget();
    if (this.#failures.length < failures || this.#outUntil !== undefined || !this.#options.mayLeave(this)) return;
    this.#failures = [];
    this.#outUntil = this.#options.clock.monotonic() + outMs;
    this.#options.onHealth({ target: this.url, isWell: false, because: 'failures' });
  }

  /** What the health check has found. */
  checked(passes: boolean): void {
    if (passes === this.#passesChecks) return;
    this.#passesChecks = passes;
    if (passes) this.#comeBack('health check');
    else this.#options.onHealth({ target: this.url, isWell: false, because: 'health check' });
  }

  #comeBack(because: HealthChange['because']): void {
    const { clock, slowStartMs, onHealth } = this.#options;
    this.credit = 0;
    this.#backSince = slowStartMs > 0 ? clock.monotonic() : undefined;
    onHealth({ target: this.url, isWell: true, because });
  }

  #forget(): void {
    const since = this.#options.clock.monotonic() - this.#options.passive.withinMs;
    // Kept bounded: more than decide need not be known.
    this.#failures = this.#failures.filter((at) => at > since).slice(-this.#options.passive.failures);
  }
}
