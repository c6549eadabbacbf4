/** The primary of a gateway of several processes: it checks configurations, keeps what is counted for all, and starts again who ends. */
import type { ChildProcess } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import type { Clock, Timer } from '../../../ground/clock/index.ts';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { type MetricFamily, Metrics } from '../../../runtime/telemetry/index.ts';
import type { Listening } from '../../../runtime/tls/index.ts';
import type { LoadedConfiguration } from '../configuration/load-configuration.ts';
import type { Applied } from '../gateway.ts';
import { GatewayEvidence } from '../evidence/gateway-evidence.ts';
import { GatewayLimits, type Held, limitsByKey } from '../limits.ts';
import type { AdminView, Seen } from '../operating/admin-view.ts';
import type { Followed } from '../operating/follow-configuration.ts';
import { joinSeen } from './join-seen.ts';
import type { CheckPlace } from '../serving/check-listener.ts';
import { type Closed, Registry } from '../registry/registry.ts';
import { PrimarySigning } from './primary-signing.ts';
import type {
  AppliedAnswer,
  ClosedAnswer,
  FromWorker,
  LimiterName,
  MeasuredAnswer,
  PreparedAnswer,
  SeenAnswer,
  ToWorker,
} from './messages.ts';
import { primaryMetrics } from './primary-metrics.ts';
import { refusalOf, toldOf } from '../told-refusal.ts';
import { countedBefore, sumMetrics } from './sum-metrics.ts';
import { type Unasked, WorkerProcess } from './worker-process.ts';

export interface WorkersOptions {
  readonly clock: Clock;
  readonly count: number;
  /** Starts a process that makes a `GatewayWorker` of itself; messages are structured clones (`serialization: 'advanced'`). */
  readonly start: (worker: number) => ChildProcess;
  readonly onStarted: (worker: number, pid: number) => void;
  readonly onRefusal: (refusal: Refusal) => void;
  /** Of the registry: that it is away, or what it has cannot be used. */
  readonly onWarning: (warning: Refusal) => void;
  readonly onLimitsNotKept: (error: unknown) => void;
}

/** For one to say whether it takes a configuration: as long as asking about revocation may take. Own choice. */
const mostPrepareMs = 30_000;
const mostAnswerMs = 5_000;

/** After the first end, doubled with each that follows soon. Own choice. */
const leastBackOffMs = 100;
const mostBackOffMs = 30_000;
/** Whoever served this long has not ended at once. */
const soonMs = 10_000;

/** A gateway closes what is left after 5 s; who is there still has hung. */
const mostDrainMs = 10_000;

interface Seat {
  readonly number: number;
  process: WorkerProcess | undefined;
  failures: number;
  /** When its decisions were heard of last. */
  toldMs: number;
  timer: Timer | undefined;
  /** As it was told last. */
  measured: readonly MetricFamily[];
  readonly held: Map<number, Held>;
}

export class GatewayWorkers implements Followed, AdminView {
  readonly trusts: { keepActive(): void } = { keepActive: () => undefined };
  readonly #options: WorkersOptions;
  readonly #limits: GatewayLimits;
  readonly #evidence: GatewayEvidence;
  readonly #registry: Registry;
  readonly #signing: PrimarySigning;
  /** Its own. */
  readonly #metrics = new Metrics();
  readonly #seats: readonly Seat[];
  #configuration: LoadedConfiguration;
  #generation = 1;
  #limitsOf: ReturnType<typeof limitsByKey>;
  #listening: Listening | undefined;
  #checking: Listening | undefined;
  #draining = false;
  #gone: readonly MetricFamily[] = [];
  #restarts = 0;

  constructor(configuration: LoadedConfiguration, options: WorkersOptions) {
    this.#options = options;
    this.#configuration = configuration;
    this.#limits = new GatewayLimits(options.clock);
    const { clock, onRefusal, onWarning: onTrouble } = options;
    const onHalt = (why: Refusal | undefined): void => this.#tell({ kind: 'halt', halted: why && toldOf(why) });
    this.#evidence = new GatewayEvidence({ clock, onTrouble: onRefusal, elsewhere: false, onHalt });
    this.#registry = new Registry({ clock, onTrouble, onPartners: () => this.#handOn() });
    this.#registry.take(configuration);
    this.#registry.observe(this.#metrics);
    const onKeys = (text: string): void => this.#tell({ kind: 'keys', text });
    this.#signing = new PrimarySigning({ clock, onUnkept: onRefusal, onKeys });
    this.#signing.contentsOf(configuration);
    this.#signing.take(configuration);
    this.#limitsOf = limitsByKey(this.#registry.whole(configuration).file);
    this.#seats = Array.from({ length: options.count }, (_, at) => ({
      number: at + 1,
      process: undefined,
      failures: 0,
      toldMs: options.clock.now(),
      timer: undefined,
      measured: [],
      held: new Map<number, Held>(),
    }));
  }

  get configuration(): LoadedConfiguration {
    return this.#configuration;
  }

  /** The first says which port it got. @throws what a worker could not do */
  async listen(): Promise<Listening> {
    const { file, path } = this.#configuration;
    if (file.state !== undefined)
      await this.#limits.keepIn(resolve(dirname(path), file.state.folder), this.#options.onLimitsNotKept);
    await this.#evidence.prepare(this.#configuration);
    this.#evidence.take(this.#configuration);
    await this.#evidence.begun();
    const [first, ...others] = this.#seats;
    if (first !== undefined) this.#listening = await this.#start(first);
    await Promise.all(others.map((seat) => this.#start(seat)));
    if (this.#listening === undefined) throw new TypeError('a gateway has one worker at least');
    this.#registry.begin();
    return this.#listening;
  }

  /** Where the check listener is, which the first worker has. */
  get checking(): Listening | undefined {
    return this.#checking;
  }

  /** Where decisions are written down; the rest the workers open. */
  prepare(configuration: LoadedConfiguration): Promise<void> {
    return this.#evidence.prepare(configuration);
  }

  /** Each says first whether it takes it; then all take it, or none. @throws why one does not; what was in force stays */
  async apply(configuration: LoadedConfiguration): Promise<Applied> {
    const asked = this.#running();
    const { path } = configuration;
    const registered = this.#registry.registered(configuration);
    const question = { kind: 'prepare', path, contents: this.#signing.contentsOf(configuration), registered } as const;
    const answers = await Promise.all(asked.map((worker) => worker.ask(question, mostPrepareMs)));
    const refusal = answers
      .map((answer, at) => {
        if (answer === undefined)
          return new Refusal('CS-GATEWAY-076', { worker: asked[at]?.number ?? 0, waitedMs: mostPrepareMs });
        const [first] = (answer.value as PreparedAnswer).refusals;
        return first && refusalOf(first);
      })
      .find((one) => one !== undefined);
    if (refusal !== undefined) {
      for (const worker of asked) worker.send({ kind: 'abandon', id: 0 });
      throw refusal;
    }
    // Decided: whoever ends from here on comes back with it.
    this.#configuration = configuration;
    this.#evidence.take(configuration);
    this.#registry.take(configuration);
    this.#signing.take(configuration);
    this.#limitsOf = limitsByKey(this.#registry.whole(configuration).file);
    this.#generation += 1;
    const taken = await Promise.all(asked.map((worker) => worker.ask({ kind: 'commit' }, mostAnswerMs)));
    // One that says nothing now would serve by the old one.
    taken.forEach((answer, at) => {
      if (answer === undefined) asked[at]?.kill();
    });
    // They may have been exchanged since they were prepared.
    const { text } = this.#signing;
    if (text !== undefined) this.#tell({ kind: 'keys', text });
    const applied = taken.flatMap((answer) => (answer === undefined ? [] : [answer.value as AppliedAnswer]));
    return {
      generation: this.#generation,
      endedRequests: sum(applied.map(({ endedRequests }) => endedRequests)),
      closedConnections: sum(applied.map(({ closedConnections }) => closedConnections)),
      waiting: (applied[0]?.waiting ?? []).map(refusalOf),
    };
  }

  async look(path: string): Promise<Seen | undefined> {
    const answers = await Promise.all(
      this.#running().map(async (worker) => {
        const seen = (await worker.ask({ kind: 'look', path }, mostAnswerMs))?.value as SeenAnswer;
        return seen && { worker: worker.number, ...seen };
      }),
    );
    const facts = {
      workers: this.#seats.length,
      generation: this.#generation,
      draining: this.#draining,
      registry: this.#registry.status,
      evidence: this.#evidence.status,
      halted: this.#evidence.halt.refusal?.code,
    };
    return joinSeen(
      path,
      answers.filter((answer) => answer !== undefined),
      facts,
    );
  }

  async metrics(): Promise<readonly MetricFamily[]> {
    const read = this.#seats.map(async (seat) => {
      const answer = await seat.process?.ask({ kind: 'measure' }, mostAnswerMs);
      // Who does not answer has counted what he told last; a worker that came meanwhile is not this one.
      if (answer !== undefined) seat.measured = answer.value as MeasuredAnswer;
      return seat.measured;
    });
    const summed = sumMetrics([...(await Promise.all(read)), this.#gone]);
    const facts = { generation: this.#generation, workers: this.#running().length, restarts: this.#restarts };
    const own = [...primaryMetrics(facts), ...(await this.#metrics.read())];
    return [...summed.filter(({ name }) => own.every((one) => one.name !== name)), ...own];
  }

  /** Lets each finish what is under way, and ends who does not. */
  async close(): Promise<void> {
    this.#draining = true;
    for (const { timer } of this.#seats) timer?.cancel();
    const running = this.#seats.flatMap(({ process }) => (process === undefined ? [] : [process]));
    for (const worker of running) worker.send({ kind: 'drain' });
    const timer = this.#options.clock.after(mostDrainMs, () => running.forEach((worker) => worker.kill()));
    await Promise.all(running.map(({ ended }) => ended));
    timer.cancel();
    await Promise.all([this.#registry.close(), this.#signing.close(), this.#limits.close()]);
    await this.#evidence.close();
  }

  #running(): readonly WorkerProcess[] {
    return this.#seats.flatMap(({ process }) => (process?.listening === true ? [process] : []));
  }

  #start(seat: Seat): Promise<Listening> {
    const { clock, start, onStarted } = this.#options;
    return new Promise((resolve, reject) => {
      const began = clock.monotonic();
      const given = { configuration: this.#configuration };
      const worker = new WorkerProcess(seat.number, start(seat.number), clock, (message) => {
        if (message.kind === 'listening') {
          // Another configuration came meanwhile: it comes again, with that one.
          if (given.configuration !== this.#configuration) worker.kill();
          worker.listening = true;
          seat.toldMs = clock.now();
          this.#checking = message.check ?? this.#checking;
          onStarted(seat.number, worker.pid);
          resolve(message.at);
        } else if (message.kind === 'failed') {
          const [first] = message.refusals;
          reject(first === undefined ? new TypeError('a worker failed') : refusalOf(first));
          worker.kill();
        } else {
          if (message.kind === 'here') given.configuration = this.#configuration;
          this.#hear(seat, worker, message);
        }
      });
      seat.process = worker;
      void worker.ended.then((reason) => {
        reject(new TypeError(`worker ${seat.number} ended before it listened: ${reason}`));
        this.#onEnd(seat, worker, { reason, livedMs: clock.monotonic() - began });
      });
    });
  }

  #onEnd(seat: Seat, { pid }: WorkerProcess, { reason, livedMs }: { reason: string; livedMs: number }): void {
    seat.process = undefined;
    // What it had told is written; what it had not is gone with it.
    if (!this.#draining) this.#evidence.gap(`worker ${seat.number} ended: ${reason}`, seat.toldMs);
    for (const giveBack of seat.held.values()) giveBack();
    seat.held.clear();
    this.#gone = sumMetrics([this.#gone, countedBefore(seat.measured)]);
    seat.measured = [];
    // Before the first has a port there is nothing to come back to.
    if (this.#draining || this.#listening === undefined) return;
    seat.failures = livedMs >= soonMs ? 0 : seat.failures + 1;
    const againInMs = Math.min(mostBackOffMs, leastBackOffMs * 2 ** Math.max(0, seat.failures - 1));
    this.#options.onRefusal(new Refusal('CS-GATEWAY-075', { worker: seat.number, pid, reason, againInMs }));
    this.#restarts += 1;
    seat.timer = this.#options.clock.after(againInMs, () => {
      // Why it does not come up is told when it ends, and once more what it said itself.
      this.#start(seat).catch((error: unknown) => {
        if (isRefusal(error)) this.#options.onRefusal(error);
      });
    });
  }

  #hear(seat: Seat, worker: WorkerProcess, message: Exclude<Unasked, { kind: 'listening' | 'failed' }>): void {
    switch (message.kind) {
      case 'here':
        worker.send({
          kind: 'start',
          path: this.#configuration.path,
          contents: this.#signing.contentsOf(this.#configuration),
          port: this.#listening?.port,
          check: seat.number === 1 ? this.#checkPlace() : undefined,
          registered: this.#registry.registered(this.#configuration),
          used: { known: [...this.#limits.known.kept()], strangers: [...this.#limits.strangers.kept()] },
          halted: this.#evidence.halt.refusal && toldOf(this.#evidence.halt.refusal),
        });
        worker.told = true;
        return;
      case 'used':
        this.#share(worker, message.of, message);
        return;
      case 'connect': {
        const { id, partner, limits } = message;
        const held = this.#limits.connections.connect(partner, limits);
        if (held instanceof Promise) throw new TypeError('the primary counts itself');
        if (held !== undefined) seat.held.set(id, held);
        worker.send({ kind: 'connected', id, held: held !== undefined });
        return;
      }
      case 'decided':
        this.#evidence.hear(message.decisions, message.lost);
        seat.toldMs = this.#options.clock.now();
        worker.send({ kind: 'heard' });
        return;
      case 'closed':
        seat.held.get(message.id)?.();
        seat.held.delete(message.id);
    }
  }

  /** Each change of the registry, to all of them. @returns what it closed, over all */
  async #handOn(): Promise<Closed> {
    const registered = this.#registry.registered(this.#configuration);
    this.#limitsOf = limitsByKey(this.#registry.whole(this.#configuration).file);
    const asked = this.#told();
    const answers = await Promise.all(asked.map((one) => one.ask({ kind: 'partners', registered }, mostAnswerMs)));
    // One that says nothing now would serve the partners of before.
    answers.forEach((answer, at) => {
      if (answer === undefined) asked[at]?.kill();
    });
    const closed = answers.flatMap((answer) => (answer === undefined ? [] : [answer.value as ClosedAnswer]));
    return {
      connections: sum(closed.map(({ connections }) => connections)),
      requests: sum(closed.map(({ requests }) => requests)),
    };
  }

  #tell(message: ToWorker): void {
    for (const worker of this.#told()) worker.send(message);
  }

  /** Those that begin, too. */
  #told(): readonly WorkerProcess[] {
    return this.#seats.flatMap(({ process }) => (process?.told === true ? [process] : []));
  }

  /** The same after a restart of the worker, whatever was written meanwhile; in the beginning where the file says. */
  #checkPlace(): CheckPlace | undefined {
    return this.#listening === undefined ? this.#configuration.file.check : this.#checking;
  }

  #share(from: WorkerProcess, of: LimiterName, { used }: Extract<FromWorker, { kind: 'used' }>): void {
    this.#limits[of].hear(used, this.#limitsOf);
    for (const { process } of this.#seats) if (process !== from) process?.send({ kind: 'used', of, used });
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
