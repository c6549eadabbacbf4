/** An undici dispatcher over mutual TLS. A new credential or bundle begins a new pool; the old one finishes its requests and closes. */
import { Agent, Dispatcher } from 'undici';
import type { buildConnector } from 'undici';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { ClientEndpoint } from './client-endpoint.ts';
import type { ClientOptions, Destination } from './client-options.ts';
import type { PolicyOrSource } from '../peer/policy-source.ts';
import { Generations } from './generations.ts';

/** Idle connections are given up after this; servers of this room announce 60 s. */
const keepAliveTimeoutMs = 30_000;

/**
 * Give it to undici's own `fetch` or `request`, never to the global `fetch`, which passes over a dispatcher of another undici.
 * Nothing is retried: a request that failed may have arrived.
 * @param policy who may be the server; required, there is no default. It holds for every origin that is called.
 */
export function createDispatcher(policy: PolicyOrSource, options: ClientOptions): Dispatcher {
  return new MutualTlsDispatcher(policy, options);
}

class MutualTlsDispatcher extends Dispatcher {
  readonly #endpoint: ClientEndpoint;
  readonly #generations: Generations;
  readonly #draining = new Set<Promise<void>>();
  readonly #agents = new Set<Agent>();
  #agent: Agent;
  #closed = false;

  constructor(policy: PolicyOrSource, options: ClientOptions) {
    super();
    this.#endpoint = new ClientEndpoint(policy, options);
    this.#generations = new Generations(options, () => this.#renew());
    this.#agent = this.#newAgent();
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    this.#generations.catchUp();
    return this.#agent.dispatch(options, handler);
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
    const agent = new Agent({
      allowH2: false,
      pipelining: 1,
      keepAliveTimeout: keepAliveTimeoutMs,
      connect: (given, callback) => this.#connect(given, generation, callback),
    });
    this.#agents.add(agent);
    return agent;
  }

  #connect(given: buildConnector.Options, generation: number, callback: buildConnector.Callback): void {
    const destination = destinationOf(given);
    if (isRefusal(destination)) {
      callback(destination, null);
      return;
    }
    this.#endpoint.open(destination).then(
      ({ socket, retireAt }) => {
        if (generation === this.#generations.current) this.#generations.retireAt(retireAt);
        callback(null, socket);
      },
      (error: unknown) =>
        callback(error instanceof Error ? error : new Error('connecting failed', { cause: error }), null),
    );
  }
}

function destinationOf({ protocol, hostname, port, servername }: buildConnector.Options): Destination | Refusal {
  if (protocol !== 'https:') return new Refusal('CS-TLS-008', { url: `${protocol}//${hostname}` });
  // A URL writes an IPv6 address in brackets; the network does not.
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return { host, port: port === '' ? 443 : Number(port), servername: servername ?? host };
}
