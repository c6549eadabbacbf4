/** Mutual TLS to upstreams: whose certificates are believed there, who they may be, and what the gateway shows them, exchanged while all of it runs. */
import { type Credential, MutableSource, sharedContext, type Trust } from '../../runtime/tls/index.ts';
import type { UpstreamTls } from '../upstream/index.ts';
import type { UpstreamTlsSettings } from './configuration/gateway-file.ts';
import { type LoadedConfiguration, sameCredential } from './configuration/load-configuration.ts';
import { expectedPeerPolicy } from './expected-peer.ts';

export type TrustOfDomain = (domain: string, configuration: LoadedConfiguration) => Trust;

export class UpstreamTlsKeeper {
  readonly #trustOf: TrustOfDomain;
  /** By name: pools watch them, and use no connection again that was made with another. */
  readonly #credentials = new Map<string, MutableSource<Credential>>();

  constructor(trustOf: TrustOfDomain) {
    this.#trustOf = trustOf;
  }

  of(settings: UpstreamTlsSettings, configuration: LoadedConfiguration): UpstreamTls {
    const name = credentialName(settings, configuration);
    const source = this.#credentials.get(name) ?? new MutableSource(credentialOf(name, configuration));
    this.#credentials.set(name, source);
    return {
      credentials: source,
      trust: this.#trustOf(settings.trust, configuration),
      policy: expectedPeerPolicy(settings.expect),
      ...(settings.serverName !== undefined && { servername: settings.serverName }),
    };
  }

  /** @throws CS-TLS-007 where TLS does not take a credential that the configuration would show */
  requireUsable(configuration: LoadedConfiguration): void {
    for (const { tls } of Object.values(configuration.file.upstreams)) {
      if (tls === undefined) continue;
      const credential = credentialOf(credentialName(tls, configuration), configuration);
      const bundles = this.#trustOf(tls.trust, configuration).bundles.current();
      sharedContext({ credential, bundles, minVersion: 'TLSv1.3' });
    }
  }

  /** For new connections. */
  present({ credentials }: LoadedConfiguration): void {
    for (const [name, source] of this.#credentials) {
      const credential = credentials.get(name);
      if (credential === undefined) this.#credentials.delete(name);
      else if (!sameCredential(credential, source.current())) source.set(credential);
    }
  }
}

function credentialName({ credential }: UpstreamTlsSettings, { file }: LoadedConfiguration): string {
  return credential ?? Object.keys(file.credentials)[0] ?? '';
}

function credentialOf(name: string, { credentials }: LoadedConfiguration): Credential {
  const credential = credentials.get(name);
  if (credential === undefined) throw new TypeError(`the configuration was not checked: no credential ${name}`);
  return credential;
}
