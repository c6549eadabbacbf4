/** One service of the demonstration: serves, calls the other without pause, and counts. */
import type { AddressInfo } from 'node:net';
import type { Dispatcher } from 'undici';
import { type Clock, sleep } from '../../ground/clock/index.ts';
import type { Refusal } from '../../ground/errors/index.ts';
import type { PeerPolicy } from '../../identity/authorization/index.ts';
import { peerOf, type MutualTlsServer } from '../../runtime/tls/index.ts';
import { openWorkload, type Workload } from '../../traffic/agent/index.ts';

export interface ServiceOptions {
  readonly name: string;
  readonly token: string;
  /** Who may call it. */
  readonly allowed: PeerPolicy;
  readonly clock: Clock;
  readonly onRotation: (name: string, serialNumber: string) => void;
}

export interface Tally {
  requests: number;
  /** Requests that were not answered 200 with their own body; nothing is tried twice. */
  lost: number;
}

/** Callers side by side in each service, and the pause between two requests of one: so that some are under way in any rotation. */
const callers = 4;
const pauseMs = 50;

export class Service {
  readonly name: string;
  readonly tally: Tally = { requests: 0, lost: 0 };
  readonly workload: Workload;
  readonly #server: MutualTlsServer;
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  /** What was refused, by the port that the stranger came from. */
  readonly #refusals = new Map<number, Refusal>();
  #port = 0;
  #rotations = 0;
  #calling: Promise<unknown> | undefined;

  private constructor(workload: Workload, { name, allowed, clock, onRotation }: ServiceOptions) {
    this.name = name;
    this.workload = workload;
    this.#clock = clock;
    this.#server = workload.createServer(
      allowed,
      (request, response) => {
        const caller = peerOf(request);
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ service: name, caller: caller.spiffeId, asked: request.url }));
      },
      {
        onRefusal: (refusal, { port }) => void this.#refusals.set(port, refusal),
        // The play tells of it itself.
        onClosed: () => undefined,
      },
    );
    workload.agent.onEvent((event) => {
      if (event.type !== 'renewed') return;
      this.#rotations++;
      onRotation(name, event.serialNumber);
    });
  }

  static async start(options: ServiceOptions): Promise<Service> {
    const workload = await openWorkload({ token: options.token, clock: options.clock });
    const service = new Service(workload, options);
    service.#port = (await service.#server.listen({ host: '127.0.0.1', port: 0 })).port;
    return service;
  }

  get port(): AddressInfo['port'] {
    return this.#port;
  }

  get rotations(): number {
    return this.#rotations;
  }

  get spiffeId(): string {
    return this.workload.agent.held.leaf.subjectAltName.uri[0] ?? '';
  }

  /** Calls `other`, which must be `policy`, until `stopCalling`. */
  startCalling(other: Service, policy: PeerPolicy): void {
    const dispatcher = this.workload.dispatcher(policy);
    this.#calling = Promise.all(Array.from({ length: callers }, () => this.#call(other, dispatcher)));
  }

  /** Resolves when the last request is answered. */
  async stopCalling(): Promise<void> {
    this.#stop.abort();
    await this.#calling;
  }

  /** What this service said of whoever came from `port`. */
  refusalOf(port: number): Refusal | undefined {
    return this.#refusals.get(port);
  }

  async close(): Promise<void> {
    await this.stopCalling();
    await this.workload.close({ graceMs: 100 });
  }

  async #call(other: Service, dispatcher: Dispatcher): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const path = `/${this.name}/${this.tally.requests}`;
      this.tally.requests++;
      if (!(await answered(dispatcher, other, path, this.spiffeId))) this.tally.lost++;
      await sleep(this.#clock, pauseMs, this.#stop.signal).catch(() => undefined);
    }
  }
}

async function answered(dispatcher: Dispatcher, other: Service, path: string, caller: string): Promise<boolean> {
  try {
    const { statusCode, body } = await dispatcher.request({
      origin: `https://127.0.0.1:${other.port}`,
      path,
      method: 'GET',
    });
    const expected = JSON.stringify({ service: other.name, caller, asked: path });
    return (await body.text()) === expected && statusCode === 200;
  } catch {
    return false;
  }
}
