/** The dispatcher itself: a class of undici's, so that it is loaded with undici. A new credential or bundle begins a new pool; the old one finishes its requests and closes. */
import { Agent, Dispatcher, Pool } from 'undici';
import type { PolicyOrSource } from '../peer/policy-source.ts';
import { ClientEndpoint } from './client-endpoint.ts';
import type { ClientOptions } from './client-options.ts';
import { Generations } from './generations.ts';
import { RefusalReader } from './refusal-reader.ts';
import { type Opened, undiciConnector } from './undici-connector.ts';

/** Idle connections are given up after this; servers of this room announce 60 s. */
const keepAliveTimeoutMs = 30_000;

export class MutualTlsDispatcher extends Dispatcher {
  readonly #endpoint: ClientEndpoint;
  readonly #generations: Generations;
  readonly #draining = new Set<Promise<void>>();
  readonly #agents = new Set<Agent>();
  /** Origins that answered a request on the connection that they have. */
  readonly #settled = new Set<string>();
  #agent: Agent;
  #closed = false;

  constructor(policy: PolicyOrSource, options: ClientOptions) {
    super();
    this.#endpoint = new ClientEndpoint(policy, options);
    this.#generations = new Generations(options, () => this.#renew());
    this.#agent = this.#newAgent();
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    // What is wrapped below would answer for it, and its caller never hear of it again.
    if (typeof handler.onRequestStart !== 'function')
      throw new TypeError(
        "the handler is one of an earlier undici, such as the fetch of Node 24: use createFetch, or undici's own fetch",
      );
    this.#generations.catchUp();
    return this.#agent.dispatch(options, this.#reading(options, handler));
  }

  #reading({ origin }: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): Dispatcher.DispatchHandler {
    const name = String(origin);
    if (this.#settled.has(name)) return handler;
    const state = { answered: () => this.#settled.has(name), onAnswer: () => void this.#settled.add(name) };
    return new RefusalReader(handler, name, state);
  }

  override close(): Promise<void>;
  override close(callback: () => void): void;
  override close(callback?: () => void): Promise<void> | void {
    this.#end();
    this.#retire(this.#agent);
    const done = Promise.all(this.#draining).then(() => undefined);
    if (callback === undefined) return done;
    void done.then(callback);
  }

  override destroy(error?: Error | null): Promise<void>;
  override destroy(callback: () => void): void;
  override destroy(error: Error | null, callback: () => void): void;
  override destroy(first?: Error | null | (() => void), second?: () => void): Promise<void> | void {
    this.#end();
    const error = typeof first === 'function' ? null : (first ?? null);
    const callback = typeof first === 'function' ? first : second;
    const done = Promise.all([...this.#agents].map((agent) => agent.destroy(error))).then(() => undefined);
    this.#endpoint.giveUpHandshakes();
    if (callback === undefined) return done;
    void done.then(callback);
  }

  #end(): void {
    this.#closed = true;
    this.#generations.close();
  }

  #renew(): void {
    if (this.#closed) return;
    const old = this.#agent;
    this.#agent = this.#newAgent();
    this.#retire(old);
  }

  /** Requests that the old pool holds finish on its connections; those close as they become idle. */
  #retire(agent: Agent): void {
    if (!this.#agents.has(agent)) return;
    const forget = (): void => this.#forget(agent, drained);
    const drained: Promise<void> = agent.close().then(forget, forget);
    this.#draining.add(drained);
  }

  #forget(agent: Agent, drained: Promise<void>): void {
    this.#agents.delete(agent);
    this.#draining.delete(drained);
  }

  #newAgent(): Agent {
    const generation = this.#generations.current;
    const onOpen = ({ origin, protocol, retireAt }: Opened): void => {
      if (generation === this.#generations.current) this.#generations.retireAt(retireAt);
      if (protocol === 'h2') this.#settled.delete(origin);
    };
    const agent = new Agent({
      keepAliveTimeout: keepAliveTimeoutMs,
      factory: (origin, given) =>
        new Pool(
          origin,
          Object.assign({}, given, { connect: undiciConnector(this.#endpoint, protocolsOf(given), onOpen) }),
        ),
    });
    this.#agents.add(agent);
    return agent;
  }
}

/** An upgrade asks for a connection without HTTP/2. */
function protocolsOf(given: object): readonly string[] {
  return 'allowH2' in given && given.allowH2 === false ? ['http/1.1'] : ['h2', 'http/1.1'];
}
