/** Asks every target now and then whether it is well. */
import { Readable } from 'node:stream';
import type { Clock, Timer } from '../../ground/clock/index.ts';
import type { Target } from './target.ts';
import type { ActiveHealth } from './upstream-options.ts';

export interface Checks {
  stop(): void;
}

/** Begins at once; the first answer decides alone. */
export function checkHealth(
  targets: readonly Target[],
  health: ActiveHealth,
  clock: Clock,
  preface?: Uint8Array,
): Checks {
  const checks = targets.map((target) => new Check(target, health, clock, preface));
  for (const check of checks) check.ask();
  return {
    stop: () => {
      for (const check of checks) check.stop();
    },
  };
}

class Check {
  readonly #target: Target;
  readonly #clock: Clock;
  readonly #health: Required<ActiveHealth>;
  readonly #preface: Uint8Array | undefined;
  /** Of nobody, and never closed. */
  readonly #connection = { once: () => undefined };
  #row = 0;
  #passed: boolean | undefined;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(target: Target, health: ActiveHealth, clock: Clock, preface: Uint8Array | undefined) {
    this.#preface = preface;
    this.#target = target;
    this.#clock = clock;
    const { host, port } = target.place;
    const place = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    this.#health = { everyMs: 5000, timeoutMs: 2000, healthyAfter: 2, unhealthyAfter: 3, host: place, ...health };
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  ask(): void {
    const { path, host, timeoutMs } = this.#health;
    const { program, place } = this.#target;
    const asking = program.ask({
      upstream: place,
      method: 'GET',
      target: path,
      headers: [['host', host]],
      hasBody: false,
      connection: this.#connection,
      preface: this.#preface,
    });
    let over = false;
    const end = (passed: boolean): void => {
      if (over) return;
      over = true;
      this.#timer?.cancel();
      if (!passed) asking.giveUp();
      this.#onResult(passed);
    };
    this.#timer = this.#clock.after(timeoutMs, () => end(false), { unref: true });
    asking.on({
      onAnswer: ({ status, body }) => {
        // Read to its end, so that the connection can be used again; within the same time.
        if (body instanceof Readable) {
          body.on('end', () => end(status < 400)).on('close', () => end(false));
          body.resume();
        } else end(status >= 200 && status < 400);
      },
      onFailure: () => end(false),
    });
  }

  #onResult(passed: boolean): void {
    if (this.#stopped) return;
    const { everyMs, healthyAfter, unhealthyAfter } = this.#health;
    const first = this.#passed === undefined;
    this.#row = passed === this.#passed ? this.#row + 1 : 1;
    this.#passed = passed;
    if (first || this.#row >= (passed ? healthyAfter : unhealthyAfter)) this.#target.checked(passed);
    this.#timer = this.#clock.after(everyMs, () => this.ask(), { unref: true });
  }
}
