/** An upstream: where a request goes to, and what becomes of it there. */
import type { Socket } from 'node:net';
import { Refusal } from '../../ground/errors/index.ts';
import {
  type AnswerBounds,
  type Asking,
  http1Program,
  http2Program,
  type Http1Program,
  prefacedProgram,
  type Program,
  type Question,
  type Upstream,
} from '../relay/index.ts';
import { checkHealth } from './active-health.ts';
import { balancer } from './balance.ts';
import { Deadlines } from './deadlines.ts';
import { type Guard, GuardedAsking } from './guarded-asking.ts';
import { Limits } from './limits.ts';
import { NotAuthenticated } from './not-authenticated.ts';
import { type Opener, opener } from './open-target.ts';
import { stillPasses } from './passing.ts';
import { Target } from './target.ts';
import { parseTarget, type ParsedTarget } from './target-url.ts';
import { failureOf } from './upstream-failure.ts';
import type { UpstreamOptions } from './upstream-options.ts';

export interface Chosen {
  /** As it was configured: for logs. */
  readonly url: string;
  readonly target: Upstream;
  /** To be handed to `relayRequest` with `target`. It fails with a Refusal, CS-GATEWAY-030 to 042. */
  readonly program: Program;
  /** For `relayUpgrade`: a connection of its own. */
  open(preface?: Uint8Array): Socket | Promise<Socket>;
  /** For what did not go through `program`: what came of it, once. After an `ask` of `program` it changes nothing. */
  done(outcome: Outcome): void;
}

/** `unknown`: the caller went away. */
export type Outcome = 'answered' | 'failed' | 'unknown';

export interface TargetFigures {
  readonly target: string;
  readonly isWell: boolean;
  readonly underWay: number;
  readonly requests: number;
  readonly failed: number;
}

export interface UpstreamPool {
  readonly name: string;
  choose(): Chosen | Refusal;
  /** Any error of `program` or of a connection of `open`, by its code. */
  failureOf(error: unknown, chosen: Chosen): Refusal;
  /** For metrics. */
  figures(): readonly TargetFigures[];
  /** No more health checks; connections without a request are closed. */
  close(): void;
}

const defaultPassive = { failures: 5, withinMs: 10_000, outMs: 10_000 };

export function createUpstream(options: UpstreamOptions): UpstreamPool {
  return new Pool(options);
}

class Pool implements UpstreamPool {
  readonly name: string;
  readonly #targets: readonly Target[];
  readonly #openers = new Map<Target, Opener>();
  readonly #programs: Http1Program[] = [];
  readonly #limits: Limits;
  readonly #guard: Guard;
  readonly #balance: (targets: readonly Target[]) => Target | undefined;
  readonly #endings: (() => void)[] = [];

  constructor(options: UpstreamOptions) {
    const { name, clock, balance = 'least-requests', health = {}, circuitBreaker = {}, retries = {} } = options;
    const { answerMs = 60_000, stallMs = 300_000 } = options;
    this.name = name;
    if (options.targets.length === 0) throw new TypeError(`upstream ${name} has no target`);
    this.#targets = options.targets.map((url) => this.#targetOf(url, options));
    this.#limits = new Limits(name, clock, circuitBreaker);
    this.#balance = balancer(balance);
    const tryMs = retries === false ? answerMs : (retries.perRequestMs ?? answerMs);
    this.#guard = {
      upstream: name,
      clock,
      limits: this.#limits,
      deadlines: new Deadlines(clock, Math.min(tryMs, answerMs, stallMs === 0 ? Infinity : stallMs)),
      answerMs,
      tryMs,
      stallMs,
      mostRetries: retries === false ? 0 : (retries.most ?? 1),
      headBytes: options.answerBounds?.headBytes,
      another: (tried) => this.#another(tried),
    };
    if (health.active !== undefined) {
      const checks = checkHealth(this.#targets, health.active, clock, options.ownPreface);
      this.#endings.push(() => checks.stop());
    }
    // Another identity from now on: no connection of the earlier one is used for another request.
    const ending = options.tls?.credentials.watch(() => this.#retire());
    if (ending !== undefined) this.#endings.push(ending);
  }

  choose(): Chosen | Refusal {
    const refusal = this.#limits.refusal();
    if (refusal !== undefined) return refusal;
    const target = this.#balance(this.#well());
    if (target === undefined)
      return new Refusal('CS-GATEWAY-037', { upstream: this.name, targets: this.#targets.map(({ url }) => url) });
    return new ChosenTarget(target, this.#guard, this.#openers.get(target));
  }

  failureOf(error: unknown, { url }: Chosen): Refusal {
    return failureOf(error, { upstream: this.name, target: url, headBytes: this.#guard.headBytes });
  }

  figures(): readonly TargetFigures[] {
    return this.#targets.map((target) => ({
      target: target.url,
      isWell: target.isWell(),
      underWay: target.underWay,
      requests: target.requests,
      failed: target.failed,
    }));
  }

  close(): void {
    for (const end of this.#endings.splice(0)) end();
    this.#retire();
  }

  #retire(): void {
    for (const program of this.#programs) program.retire();
  }

  #well(): readonly Target[] {
    for (const target of this.#targets) if (!target.isWell()) return this.#targets.filter((one) => one.isWell());
    return this.#targets;
  }

  /** One that was not tried yet; where there is none, one that is well. */
  #another(tried: ReadonlySet<Target>): Target | undefined {
    const well = this.#well();
    const fresh = well.filter((target) => !tried.has(target));
    return this.#balance(fresh.length > 0 ? fresh : well);
  }

  #targetOf(url: string, options: UpstreamOptions): Target {
    const { name, clock, connectMs = 5000, slowStartMs = 10_000, health = {}, answerBounds = {} } = options;
    const parsed = parseTarget(url);
    const open = opener({
      upstream: name,
      target: url,
      clock,
      connectMs,
      version: parsed.version,
      tls: tlsOf(parsed, options),
      onRetire: () => program.retire(),
      notAuthenticated: new NotAuthenticated({ upstream: name, target: url }, clock, (why) =>
        options.onNotAuthenticated?.(why),
      ),
    });
    const program = programOf(parsed, {
      clock,
      open,
      bounds: answerBounds,
      prefaced: options.ownPreface !== undefined,
    });
    this.#programs.push(program);
    const target = new Target(url, parsed.place, program, {
      clock,
      slowStartMs,
      passive: { ...defaultPassive, ...health.passive },
      onHealth: (change) => options.onHealth?.({ upstream: name, ...change }),
      mayLeave: (leaving) => this.#targets.some((one) => one !== leaving && one.isWell()),
    });
    this.#openers.set(target, open);
    return target;
  }
}

interface ProgramParts {
  readonly clock: UpstreamOptions['clock'];
  readonly open: Opener;
  readonly bounds: Partial<AnswerBounds>;
  readonly prefaced: boolean;
}

function programOf(
  { version, url, isTls }: ParsedTarget,
  { clock, open, bounds, prefaced }: ProgramParts,
): Http1Program {
  const mayAsk = isTls ? stillPasses : undefined;
  if (prefaced && version === 'h2') throw new TypeError(`connections to ${url} are shared by callers: no preface`);
  if (prefaced) return prefacedProgram({ clock, open, mayAsk, bounds });
  const openPlain = (upstream: Upstream): Socket | Promise<Socket> => open(upstream);
  return version === 'h2'
    ? http2Program({ clock, open: openPlain, mayAsk })
    : http1Program({ clock, open: openPlain, mayAsk, bounds });
}

function tlsOf({ url, isTls }: ParsedTarget, { tls, name }: UpstreamOptions): UpstreamOptions['tls'] {
  if (!isTls) return undefined;
  if (tls === undefined) throw new TypeError(`upstream ${name} speaks TLS with ${url}, and has no tls`);
  return tls;
}

class ChosenTarget implements Chosen, Program {
  readonly #target: Target;
  readonly #guard: Guard;
  readonly #opens: Opener | undefined;
  #decides = false;
  #state: 'chosen' | 'asked' | 'open' | 'done' = 'chosen';

  constructor(target: Target, guard: Guard, opens: Opener | undefined) {
    this.#target = target;
    this.#guard = guard;
    this.#opens = opens;
  }

  get url(): string {
    return this.#target.url;
  }

  get target(): Upstream {
    return this.#target.place;
  }

  get program(): Program {
    return this;
  }

  ask(question: Question): Asking {
    const asking = new GuardedAsking(this.#guard, this.#target, question);
    this.#state = 'asked';
    return asking;
  }

  open(preface?: Uint8Array): Socket | Promise<Socket> {
    if (this.#opens === undefined || this.#state !== 'chosen') throw new TypeError('a choice is for one request');
    this.#state = 'open';
    const { limits } = this.#guard;
    this.#decides = limits.begin();
    limits.pending -= 1;
    this.#target.underWay += 1;
    this.#target.requests += 1;
    return this.#opens(this.#target.place, preface);
  }

  done(outcome: Outcome): void {
    if (this.#state !== 'open') return;
    this.#state = 'done';
    const { limits } = this.#guard;
    limits.underWay -= 1;
    limits.outcome(outcome === 'unknown' ? undefined : outcome === 'answered', this.#decides);
    this.#target.underWay -= 1;
    if (outcome === 'failed') this.#target.failedOnce();
  }
}
