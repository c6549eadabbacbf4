/** The listener that tells whoever presents a certificate whether and why it is refused: with the trust of a host, on a port of its own. */
import { createServer, type Server } from 'node:net';
import type { Clock } from '../../../ground/clock/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { allowAnyPeer } from '../../../identity/authorization/index.ts';
import type { PartnerSet } from '../../../identity/partners/index.ts';
import {
  type Credential,
  type Listening,
  MutableSource,
  type TakingServer,
  type Trust,
} from '../../../runtime/tls/index.ts';
import { createCheckServer, type Verdict } from '../../check/index.ts';
import { checkedHost } from '../configuration/check-check.ts';
import { type LoadedConfiguration, sameCredential } from '../configuration/load-configuration.ts';

export interface CheckListenerOptions {
  readonly clock: Clock;
  readonly trustOf: (domains: readonly string[], configuration: LoadedConfiguration) => Trust;
  readonly partners: () => PartnerSet;
  readonly onChecked: (verdict: Verdict, address: string) => void;
}

export interface CheckPlace {
  readonly host: string;
  readonly port: number;
}

interface Checking {
  readonly trust: Trust;
  readonly credentials: MutableSource<Credential>;
  readonly server: TakingServer;
}

export class CheckListener {
  readonly #options: CheckListenerOptions;
  #checking: Checking | undefined;
  #listener: Server | undefined;
  #listening: Listening | undefined;

  constructor(options: CheckListenerOptions) {
    this.#options = options;
  }

  get listening(): Listening | undefined {
    return this.#listening;
  }

  /** From now on by this configuration; where it listens stays. */
  take(configuration: LoadedConfiguration): void {
    const { file, credentials } = configuration;
    const domains = file.hosts[checkedHost(file) ?? '']?.trust;
    const credential = credentials.get(file.check?.credential ?? '');
    const before = this.#checking;
    if (domains === undefined || credential === undefined) {
      this.#checking = undefined;
      void before?.server.close({ graceMs: 0 });
      return;
    }
    const trust = this.#options.trustOf(domains, configuration);
    if (before?.trust === trust) {
      if (!sameCredential(before.credentials.current(), credential)) before.credentials.set(credential);
      return;
    }
    this.#checking = this.#made(trust, credential);
    void before?.server.close({ graceMs: 0 });
  }

  /** Nothing where no such listener is asked for. @throws CS-GATEWAY-027 */
  async listen(place: CheckPlace | undefined): Promise<void> {
    if (place === undefined) return;
    const { host, port } = place;
    const listener = createServer((socket) => {
      const taking = this.#checking?.server;
      if (taking === undefined) socket.destroy();
      else taking.take(socket);
    });
    this.#listener = listener;
    await new Promise<void>((resolve, reject) => {
      listener.once('error', (error: NodeJS.ErrnoException) =>
        reject(
          new Refusal(
            'CS-GATEWAY-027',
            { where: `${host}:${port}`, reason: error.code ?? error.message },
            { cause: error },
          ),
        ),
      );
      listener.listen({ host, port }, resolve);
    });
    const address = listener.address();
    if (address !== null && typeof address === 'object')
      this.#listening = { host: address.address, port: address.port };
  }

  async close(): Promise<void> {
    this.#listener?.close();
    await this.#checking?.server.close({ graceMs: 0 });
  }

  #made(trust: Trust, credential: Credential): Checking {
    const { clock, partners, onChecked } = this.#options;
    const credentials = new MutableSource(credential);
    const server = createCheckServer(
      // As at the hosts: whoever the anchors vouch for may ask; whom a route allows, the route says.
      allowAnyPeer(),
      { trust, credentials, clock, partners, onChecked: (verdict, { address }) => onChecked(verdict, address) },
    );
    return { trust, credentials, server };
  }
}
