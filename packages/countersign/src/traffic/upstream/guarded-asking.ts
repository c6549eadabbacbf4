/** One request to an upstream: within its time, tried again where that is safe, and what came of it reported. */
import { Readable } from 'node:stream';
import type { Clock } from '../../ground/clock/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import type { Answer, Asking, AskingListeners, HeaderList, Question } from '../relay/index.ts';
import type { Deadlines, Waiting } from './deadlines.ts';
import type { Limits } from './limits.ts';
import type { Target } from './target.ts';
import { failureOf, kindOf } from './upstream-failure.ts';

export interface Guard {
  readonly upstream: string;
  readonly clock: Clock;
  readonly deadlines: Deadlines;
  readonly limits: Limits;
  readonly answerMs: number;
  readonly tryMs: number;
  readonly stallMs: number;
  readonly mostRetries: number;
  readonly headBytes: number | undefined;
  /** For another try. */
  another(tried: ReadonlySet<Target>): Target | undefined;
}

/** RFC 9110, 9.2.2. */
const idempotent: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

export class GuardedAsking implements Asking, Waiting {
  readonly #guard: Guard;
  readonly #question: Question;
  readonly #decides: boolean;
  readonly #end: number;
  /** The targets of those that failed. */
  #tried: Set<Target> | undefined;
  #tries = 0;
  #target: Target;
  #asking: Asking;
  #listeners: AskingListeners | undefined;
  #answer: Answer | undefined;
  #state: 'waiting' | 'answering' | 'over' = 'waiting';
  deadline = 0;
  place = -1;
  #began = 0;
  #lastOctet = 0;

  /** @throws what the target's program throws where the question cannot be said; nothing is under way then */
  constructor(guard: Guard, target: Target, question: Question) {
    this.#guard = guard;
    this.#question = question;
    this.#target = target;
    const now = question.nowMs ?? guard.clock.monotonic();
    this.#end = now + guard.answerMs;
    this.#asking = target.program.ask(placed(question, target));
    this.#decides = guard.limits.begin();
    this.#begin(now);
  }

  get body(): Asking['body'] {
    return this.#asking.body;
  }

  trail(trailers: HeaderList): void {
    this.#asking.trail(trailers);
  }

  on(listeners: AskingListeners): void {
    this.#listeners = listeners;
  }

  giveUp(): void {
    if (this.#state === 'over') return;
    this.#finish(undefined);
    this.#asking.giveUp();
  }

  onLate(): void {
    if (this.#state === 'over') return;
    const { upstream, clock, stallMs } = this.#guard;
    const target = this.#target.url;
    if (this.#state === 'waiting') {
      this.#failed(
        new Refusal('CS-GATEWAY-031', { upstream, target, waitedMs: Math.round(clock.monotonic() - this.#began) }),
      );
      return;
    }
    const now = clock.monotonic();
    const body = this.#answer?.body;
    // Whoever does not read what is there waits for nothing.
    const heldBack = body instanceof Readable && (body.isPaused() || body.readableLength > 0);
    if (heldBack) this.#lastOctet = now;
    if (now - this.#lastOctet >= stallMs)
      this.#failed(new Refusal('CS-GATEWAY-042', { upstream, target, waitedMs: stallMs }));
    else this.#waitFor(this.#lastOctet + stallMs);
  }

  #begin(now: number): void {
    this.#began = now;
    this.#tries += 1;
    this.#target.underWay += 1;
    this.#target.requests += 1;
    if (this.#tries > 1) this.#guard.limits.retrying += 1;
    this.#waitFor(Math.min(this.#end, now + this.#guard.tryMs));
    this.#asking.on(new Try(this, this.#asking));
  }

  /** Of a try: the one before may still say something, which nobody wants to hear. */
  answered(asking: Asking, answer: Answer): void {
    if (asking === this.#asking && this.#state === 'waiting') this.#onAnswer(answer);
  }

  failed(asking: Asking, error: unknown): void {
    if (asking === this.#asking && this.#state !== 'over') this.#failed(error);
  }

  #onAnswer(answer: Answer): void {
    const { limits, stallMs } = this.#guard;
    this.#guard.deadlines.remove(this);
    limits.pending -= 1;
    this.#state = 'answering';
    this.#answer = answer;
    const { body } = answer;
    if (!(body instanceof Readable)) {
      this.#finish(true);
      this.#listeners?.onAnswer(answer);
      return;
    }
    this.#listeners?.onAnswer(answer);
    body.once('close', () => {
      if (this.#state !== 'over' && body.readableEnded) this.#finish(true);
    });
    if (stallMs > 0) {
      this.#lastOctet = this.#guard.clock.monotonic();
      body.on('data', () => (this.#lastOctet = this.#guard.clock.monotonic()));
      this.#waitFor(this.#lastOctet + stallMs);
    }
  }

  #failed(error: unknown): void {
    const { upstream, headBytes } = this.#guard;
    if (this.#state === 'waiting' && this.#mayTryAgain(error) && this.#tryAgain()) return;
    const refusal = failureOf(error, { upstream, target: this.#target.url, headBytes });
    this.#finish(false);
    this.#asking.giveUp();
    this.#listeners?.onFailure(refusal);
  }

  /** Nothing of an answer is here, and nothing of a body was said. */
  #mayTryAgain(error: unknown): boolean {
    const { method, hasBody } = this.#question;
    const { limits, mostRetries, clock } = this.#guard;
    if (hasBody || this.#tries > mostRetries || clock.monotonic() >= this.#end || !limits.mayRetry()) return false;
    const kind = error instanceof Refusal ? 'no-answer' : kindOf(error);
    // What reached nobody may be tried again whatever it does.
    return kind === 'unreachable' || (kind === 'no-answer' && idempotent.has(method));
  }

  #tryAgain(): boolean {
    this.#tried ??= new Set();
    this.#tried.add(this.#target);
    const next = this.#guard.another(this.#tried);
    if (next === undefined) return false;
    const before = this.#asking;
    this.#leaveTarget(false);
    this.#target = next;
    this.#asking = next.program.ask({ ...this.#question, upstream: next.place, nowMs: undefined });
    before.giveUp();
    this.#begin(this.#guard.clock.monotonic());
    return true;
  }

  #leaveTarget(succeeded: boolean | undefined): void {
    this.#guard.deadlines.remove(this);
    this.#target.underWay -= 1;
    if (this.#tries > 1) this.#guard.limits.retrying -= 1;
    if (succeeded === false) this.#target.failedOnce();
  }

  /** @param succeeded `undefined`: the caller is gone, which says nothing of the upstream */
  #finish(succeeded: boolean | undefined): void {
    const { limits } = this.#guard;
    if (this.#state === 'waiting') limits.pending -= 1;
    this.#state = 'over';
    limits.underWay -= 1;
    limits.outcome(succeeded, this.#decides);
    this.#leaveTarget(succeeded);
  }

  #waitFor(deadline: number): void {
    this.deadline = deadline;
    this.#guard.deadlines.add(this);
  }
}

class Try implements AskingListeners {
  readonly #guarded: GuardedAsking;
  readonly #asking: Asking;

  constructor(guarded: GuardedAsking, asking: Asking) {
    this.#guarded = guarded;
    this.#asking = asking;
  }

  onAnswer(answer: Answer): void {
    this.#guarded.answered(this.#asking, answer);
  }

  onFailure(error: Error): void {
    this.#guarded.failed(this.#asking, error);
  }
}

function placed(question: Question, { place }: Target): Question {
  return question.upstream === place ? question : { ...question, upstream: place };
}
