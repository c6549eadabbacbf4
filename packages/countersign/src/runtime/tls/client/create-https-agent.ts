/** An agent for node:https over mutual TLS; connections of an earlier generation are not used again. */
import { Agent } from 'node:https';
import type { AgentOptions, RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import { ClientEndpoint } from './client-endpoint.ts';
import type { ClientOptions } from './client-options.ts';
import type { PolicyOrSource } from '../peer/policy-source.ts';
import { Generations } from './generations.ts';

/**
 * @param policy who may be the server; required, there is no default. Options of a request such as `ca`, `cert` or
 *   `rejectUnauthorized` change nothing here.
 */
export function createHttpsAgent(policy: PolicyOrSource, options: ClientOptions): Agent {
  return new MutualTlsAgent(policy, options);
}

/** Node copies the agent's options into those of each request, and names the pool of its connection by them from first to last. */
interface Generation {
  generation?: number;
}

class MutualTlsAgent extends Agent {
  readonly #endpoint: ClientEndpoint;
  readonly #generations: Generations;
  readonly #generationOf = new WeakMap<Duplex, number>();

  constructor(policy: PolicyOrSource, options: ClientOptions) {
    super({ keepAlive: true, maxCachedSessions: 0 });
    this.#endpoint = new ClientEndpoint(policy, options);
    this.#generations = new Generations(options, () => this.#begin());
    this.#begin();
  }

  override createConnection(
    given: RequestOptions & Generation,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const {
      generation = this.#generations.current,
      host,
      port,
      servername,
    } = given as Generation & AgentOptions & RequestOptions;
    const destination = { host: host ?? 'localhost', port: port ?? 443, ...(servername ? { servername } : {}) };
    this.#endpoint.open(destination).then(
      ({ socket, retireAt }) => {
        this.#generationOf.set(socket, generation);
        if (generation === this.#generations.current) this.#generations.retireAt(retireAt);
        callback?.(null, socket);
      },
      // Node's declaration wants a stream beside the error; its own code passes none.
      (error: unknown) => callback?.(error as Error, undefined as unknown as Duplex),
    );
    return undefined;
  }

  override keepSocketAlive(stream: Duplex): boolean {
    if (this.#generationOf.get(stream) !== this.#generations.current) return false;
    // eslint-disable-next-line @typescript-eslint/no-confusing-void-expression -- declared as void; it answers whether the socket may be kept
    return (super.keepSocketAlive(stream) as unknown) !== false;
  }

  /** Asked before a connection is looked for. */
  override getName(options?: RequestOptions & Generation): string {
    this.#generations.catchUp();
    return `${super.getName(options)}:generation ${options?.generation ?? this.#generations.current}`;
  }

  override destroy(): void {
    this.#generations.close();
    super.destroy();
  }

  #begin(): void {
    (this.options as Generation).generation = this.#generations.current;
    for (const sockets of Object.values(this.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
  }
}
