/** The servers of a gateway's hosts: new ones for what is new, those that are there for the rest. */
import type { Clock } from '../../../ground/clock/index.ts';
import type { Refusal } from '../../../ground/errors/index.ts';
import type { Remote, VerifiedPeer } from '../../../runtime/tls/index.ts';
import { type LoadedConfiguration, sameCredential } from '../configuration/load-configuration.ts';
import type { Trusts } from '../trusts/trusts.ts';
import { HostServer } from './host-server.ts';
import type { RequestService } from './request-service.ts';

export interface MadeHosts {
  readonly hosts: ReadonlyMap<string, HostServer>;
  /** Of them those that were there before. */
  readonly kept: ReadonlyMap<string, HostServer>;
}

export interface HostsParts {
  readonly clock: Clock;
  readonly service: RequestService;
  readonly trusts: Trusts;
  readonly onRefusal: (refusal: Refusal, remote: Remote) => void;
  readonly onClosed: (refusal: Refusal, remote: Remote, peer?: VerifiedPeer) => void;
}

/** For requests that are under way when a host is taken out. */
const graceMs = 5_000;

export class Hosts {
  readonly #parts: HostsParts;
  #hosts: ReadonlyMap<string, HostServer> = new Map();

  constructor(parts: HostsParts) {
    this.#parts = parts;
  }

  /** @param name as the configuration has it */
  named(name: string): HostServer | undefined {
    return this.#hosts.get(name);
  }

  /** Each new credential is tried, so that `take` does not fail. @param created has the new servers, whatever fails later @throws CS-TLS-007 where TLS does not take one */
  made(configuration: LoadedConfiguration, created: HostServer[] = []): MadeHosts {
    const hosts = new Map<string, HostServer>();
    const kept = new Map<string, HostServer>();
    const { trusts, ...parts } = this.#parts;
    for (const [name, { certificate, headerMs, trust: domains }] of Object.entries(configuration.file.hosts)) {
      const trust = trusts.of(domains, configuration);
      const credential = credentialOf(configuration, name);
      const make = (): HostServer => new HostServer({ ...parts, name, certificate, headerMs, trust, credential });
      const running = this.#hosts.get(name);
      if (running?.certificate === certificate && running.headerMs === headerMs && running.trust === trust) {
        if (!sameCredential(running.credential, credential)) void make().close({ graceMs: 0 });
        hosts.set(name, running);
        kept.set(name, running);
      } else {
        const server = make();
        created.push(server);
        hosts.set(name, server);
      }
    }
    return { hosts, kept };
  }

  take({ hosts, kept }: MadeHosts, configuration: LoadedConfiguration): void {
    const before = this.#hosts;
    this.#hosts = hosts;
    for (const [name, server] of kept) server.present(credentialOf(configuration, name));
    for (const [name, server] of before) if (hosts.get(name) !== server) void server.close({ graceMs });
  }

  async close(options: { graceMs?: number }): Promise<void> {
    await Promise.all([...this.#hosts.values()].map((server) => server.close(options)));
  }
}

function credentialOf({ file, credentials }: LoadedConfiguration, host: string): HostServer['credential'] {
  const credential = credentials.get(file.hosts[host]?.credential ?? '');
  if (credential === undefined) throw new TypeError(`the configuration was not checked: no credential of ${host}`);
  return credential;
}
