/** One worker: a gateway that takes its configuration from the process that started it, and counts together with the others. */
import type { Timer } from '../../../ground/clock/index.ts';
import { isRefusal } from '../../../ground/errors/index.ts';
import type { Metrics } from '../../../runtime/telemetry/index.ts';
import { type LimitChannel, type Limits, shareLimits, type ToldUsage } from '../../limits/index.ts';
import { type LoadedConfiguration, loadConfiguration } from '../configuration/load-configuration.ts';
import { Gateway } from '../gateway.ts';
import type { GatewayOptions } from '../gateway-options.ts';
import { type Held, limitsByKey } from '../limits.ts';
import { HandedRegistry } from '../registry/handed-registry.ts';
import { viewOf } from '../operating/admin-view.ts';
import type {
  AppliedAnswer,
  ClosedAnswer,
  FromWorker,
  KeptUse,
  LimiterName,
  PreparedAnswer,
  ToWorker,
} from './messages.ts';
import { Preparation } from './preparation.ts';
import { refusalOf, type ToldRefusal, toldOf } from '../told-refusal.ts';

/** To the primary and back. */
export interface WorkerChannel {
  send(message: FromWorker): void;
  onMessage(listener: (message: ToWorker) => void): void;
}

export interface WorkerOptions extends Omit<GatewayOptions, 'worker'> {
  readonly channel: WorkerChannel;
  readonly metrics: Metrics;
  /** The primary says that it shall end. */
  readonly onDrain: () => void;
}

/** What is lost at most of a worker that dies. Own choice. */
const tellEveryMs = 5_000;

/** For who writes to say that it heard. */
const mostHeardMs = 2_000;

type StartMessage = Extract<ToWorker, { kind: 'start' }>;

export class GatewayWorker {
  readonly #options: WorkerOptions;
  readonly #waiting = new Map<number, (held: boolean) => void>();
  readonly #registry = new HandedRegistry();
  readonly #heard = new Map<LimiterName, (used: readonly ToldUsage[]) => void>();
  #gateway: Gateway | undefined;
  readonly #preparation = new Preparation();
  #stopSharing: (() => void)[] = [];
  #telling: Timer | undefined;
  #onHeard: (() => void) | undefined;
  #limitsOf: (key: string) => Limits | undefined = () => undefined;
  #keys: string | undefined;
  #halted: ToldRefusal | undefined;
  #next = 1;

  constructor(options: WorkerOptions) {
    this.#options = options;
    options.channel.onMessage((message) => void this.#take(message));
    options.channel.send({ kind: 'here' });
  }

  async close(): Promise<void> {
    this.#stopSharing.forEach((stop) => stop());
    await this.#gateway?.close();
    this.#telling?.cancel();
    await this.#tellLast();
  }

  async #take(message: ToWorker): Promise<void> {
    const { channel, metrics } = this.#options;
    const answer = (id: number, value: unknown): void => channel.send({ kind: 'answer', id, value });
    switch (message.kind) {
      case 'start':
        await this.#start(message).catch((error: unknown) =>
          channel.send({ kind: 'failed', refusals: refusalsOf(error) }),
        );
        return;
      case 'prepare':
        answer(message.id, await this.#prepare(message));
        return;
      case 'partners': {
        const closed: ClosedAnswer = this.#registry.hand(message.registered);
        this.#takeLimits();
        answer(message.id, closed);
        return;
      }
      case 'keys':
        this.#keys = message.text;
        this.#gateway?.handKeys(message.text);
        return;
      case 'halt':
        this.#halt(message.halted);
        return;
      case 'commit':
        answer(message.id, this.#commit());
        return;
      case 'abandon':
        this.#abandon();
        return;
      case 'used':
        this.#heard.get(message.of)?.(message.used);
        return;
      case 'connected':
        this.#waiting.get(message.id)?.(message.held);
        this.#waiting.delete(message.id);
        return;
      case 'look':
        answer(message.id, this.#gateway && (await viewOf(this.#gateway, metrics).look(message.path)));
        return;
      case 'measure':
        answer(message.id, await metrics.read());
        return;
      case 'heard':
        this.#onHeard?.();
        return;
      case 'drain':
        this.#options.onDrain();
    }
  }

  async #start({ path, contents, port, check, registered, used, halted }: StartMessage): Promise<void> {
    const { channel, metrics } = this.#options;
    this.#registry.offer(registered);
    this.#halt(halted);
    const configuration = await loaded(path, contents);
    const worker = { port, check, registry: this.#registry };
    const gateway = new Gateway(configuration, { ...this.#options, worker });
    this.#gateway = gateway;
    // What was told meanwhile.
    if (this.#keys !== undefined) gateway.handKeys(this.#keys);
    this.#halt(this.#halted);
    gateway.observe(metrics);
    gateway.limits.connections = { connect: (partner, limits) => this.#connect(partner, limits) };
    this.#share('known', used.known);
    this.#share('strangers', used.strangers);
    const at = await gateway.listen();
    channel.send({ kind: 'listening', at, check: gateway.checking });
    this.#tellLater();
  }

  #halt(halted: ToldRefusal | undefined): void {
    this.#halted = halted;
    this.#gateway?.evidence.halt.set(halted && refusalOf(halted));
  }

  #tellLater(): void {
    this.#telling = this.#options.clock.after(
      tellEveryMs,
      () => {
        this.#tell();
        this.#tellLater();
      },
      { unref: true },
    );
  }

  /** Nothing, too: then it is known that there was nothing. @returns whether anybody hears */
  #tell(): boolean {
    const told = this.#gateway?.evidence.told();
    if (told !== undefined) this.#options.channel.send({ kind: 'decided', ...told });
    return told !== undefined;
  }

  /** An exit drops what the channel has not taken yet. */
  async #tellLast(): Promise<void> {
    const heard = Promise.withResolvers<undefined>();
    this.#onHeard = () => heard.resolve(undefined);
    if (!this.#tell()) return;
    const timer = this.#options.clock.after(mostHeardMs, () => heard.resolve(undefined));
    await heard.promise;
    timer.cancel();
  }

  #share(of: LimiterName, used: readonly KeptUse[]): void {
    const gateway = this.#running();
    const limiter = gateway.limits[of];
    for (const one of used) limiter.restore(one);
    this.#takeLimits();
    const channel: LimitChannel = {
      send: (told) => this.#options.channel.send({ kind: 'used', of, used: told }),
      onMessage: (listener) => {
        this.#heard.set(of, listener);
        return () => this.#heard.delete(of);
      },
    };
    const { clock } = this.#options;
    this.#stopSharing.push(shareLimits(limiter, { clock, channel, limitsOf: (key) => this.#limitsOf(key) }));
  }

  #connect(partner: string, limits: Limits): Promise<Held | undefined> {
    const { channel } = this.#options;
    const id = this.#next;
    this.#next += 1;
    return new Promise((resolve) => {
      this.#waiting.set(id, (held) => resolve(held ? () => channel.send({ kind: 'closed', id }) : undefined));
      channel.send({ kind: 'connect', id, partner, limits });
    });
  }

  async #prepare({ path, contents, registered }: Extract<ToWorker, { kind: 'prepare' }>): Promise<PreparedAnswer> {
    try {
      const gateway = this.#running();
      this.#registry.offer(registered);
      await this.#preparation.make(async () => {
        const configuration = await loaded(path, contents);
        await gateway.prepare(configuration);
        return () => gateway.stage(configuration);
      });
      return { refusals: [] };
    } catch (error) {
      return { refusals: refusalsOf(error) };
    }
  }

  #commit(): AppliedAnswer {
    const { endedRequests, closedConnections, waiting } = this.#preparation.take().commit();
    this.#takeLimits();
    return { endedRequests, closedConnections, waiting: waiting.map(toldOf) };
  }

  #takeLimits(): void {
    if (this.#gateway !== undefined) this.#limitsOf = limitsByKey(this.#gateway.configuration.file);
  }

  #abandon(): void {
    this.#preparation.abandon();
    this.#gateway?.trusts.keepActive();
  }

  #running(): Gateway {
    if (this.#gateway === undefined) throw new TypeError('the worker was not started');
    return this.#gateway;
  }
}

async function loaded(path: string, contents: ReadonlyMap<string, string>): Promise<LoadedConfiguration> {
  const found = await loadConfiguration(path, contents);
  if ('problems' in found) throw new NotTaken(found.problems.map(toldOf));
  return found;
}

class NotTaken extends Error {
  readonly refusals: readonly ToldRefusal[];

  constructor(refusals: readonly ToldRefusal[]) {
    super('the configuration has problems');
    this.refusals = refusals;
  }
}

function refusalsOf(error: unknown): readonly ToldRefusal[] {
  if (error instanceof NotTaken) return error.refusals;
  if (isRefusal(error)) return [toldOf(error)];
  throw error;
}
