/** The issuers of tokens that a configuration names: their keys, or their introspection, outlive a reload where nothing about them was changed. */
import type { Dispatcher } from 'undici';
import type { Clock } from '../../../ground/clock/index.ts';
import type { Refusal } from '../../../ground/errors/index.ts';
import { dnsName, type PeerPolicy } from '../../../identity/authorization/index.ts';
import {
  createDispatcher,
  type Credential,
  MutableSource,
  type Remote,
  type Trust,
} from '../../../runtime/tls/index.ts';
import {
  createPromptTokenCheck,
  introspectedTokens,
  type KeySource,
  type PromptTokenCheck,
  RemoteKeys,
  signedTokens,
  type TokenSource,
} from '../../token-sources/index.ts';
import type { TokenIssuerSettings } from '../configuration/gateway-file.ts';
import { type LoadedConfiguration, sameCredential } from '../configuration/load-configuration.ts';
import { callerPattern } from '../routing/caller-pattern.ts';
import type { Route } from '../routing/route-table.ts';
import type { Demand } from '../serving/demands.ts';
import { tokenDemand } from './token-demand.ts';

export interface TokenIssuersParts {
  readonly clock: Clock;
  /** What connections to hosts of this trust domain rest on. */
  readonly trustOf: (domain: string, configuration: LoadedConfiguration) => Trust;
  /** Told each time that keys were not to be had. */
  readonly onRefusal: (refusal: Refusal, remote: Remote) => void;
}

interface Held {
  readonly check: PromptTokenCheck;
  readonly credential: MutableSource<Credential> | undefined;
  readonly dispatcher: Dispatcher | undefined;
}

export class TokenIssuers {
  readonly #parts: TokenIssuersParts;
  /** By name, settings, and the text of its file of keys. */
  readonly #held = new Map<string, Held>();

  constructor(parts: TokenIssuersParts) {
    this.#parts = parts;
  }

  demandsOf({ settings: { token } }: Route, configuration: LoadedConfiguration): readonly Demand[] {
    if (token === undefined) return [];
    return [tokenDemand(this.#issuer(token.source, configuration).check, token)];
  }

  /** For when a configuration is in force: renewed credentials are shown from now on, and issuers that nobody names are asked no more. */
  keepOnly(configuration: LoadedConfiguration): void {
    const kept = new Map(
      Object.entries(configuration.file.tokens).map(([name, one]) => [keyOf(name, configuration), one]),
    );
    for (const [key, { credential: shown, dispatcher }] of this.#held) {
      const settings = kept.get(key);
      const credential = configuration.credentials.get(settings?.credential ?? '');
      if (settings === undefined) {
        this.#held.delete(key);
        void dispatcher?.close();
      } else if (shown !== undefined && credential !== undefined && !sameCredential(shown.current(), credential))
        shown.set(credential);
    }
  }

  close(): void {
    for (const { dispatcher } of this.#held.values()) void dispatcher?.destroy();
    this.#held.clear();
  }

  #issuer(name: string, configuration: LoadedConfiguration): Held {
    const settings = configuration.file.tokens[name];
    if (settings === undefined) throw new TypeError(`the configuration was taken without the issuer ${name}`);
    const key = keyOf(name, configuration);
    const known = this.#held.get(key);
    if (known !== undefined) return known;
    const made = this.#made(settings, configuration.tokenKeys?.get(name)?.keys, configuration);
    this.#held.set(key, made);
    return made;
  }

  #made(settings: TokenIssuerSettings, keys: KeySource | undefined, configuration: LoadedConfiguration): Held {
    const { clock } = this.#parts;
    const door = keys === undefined ? this.#door(settings, configuration) : {};
    const { issuer, audience, clockToleranceMs } = settings;
    const source = this.#source(settings, keys, door.dispatcher);
    const check = createPromptTokenCheck({ source, clock, issuer, audience, clockToleranceMs, ...clientsOf(settings) });
    return { check, credential: door.credential, dispatcher: door.dispatcher };
  }

  #source(
    { jwks: address, introspection, algorithms }: TokenIssuerSettings,
    keys: KeySource | undefined,
    dispatcher: Dispatcher | undefined,
  ): TokenSource {
    const asking = { clock: this.#parts.clock, ...(dispatcher && { dispatcher }) };
    if (introspection !== undefined) {
      const { url, rememberMs } = introspection;
      return introspectedTokens({ ...asking, address: url, rememberMs });
    }
    return signedTokens(keys ?? this.#remoteKeys(address, dispatcher), algorithms && { algorithms });
  }

  #remoteKeys(address: string | undefined, dispatcher: Dispatcher | undefined): RemoteKeys {
    if (address === undefined) throw new TypeError('the configuration was not checked');
    const { clock, onRefusal } = this.#parts;
    const { hostname, port } = new URL(address);
    const remote = { address: hostname, port: Number(port === '' ? 443 : port) };
    const tell = (refusal: Refusal): void => onRefusal(refusal, remote);
    return new RemoteKeys({ clock, address, ...(dispatcher && { dispatcher }), onRefusal: tell });
  }

  /** Without `trust` undici's own: the authorities that Node trusts. */
  #door(
    { jwks, introspection, trust: domain, credential: name, server }: TokenIssuerSettings,
    configuration: LoadedConfiguration,
  ): { readonly dispatcher?: Dispatcher; readonly credential?: MutableSource<Credential> } {
    if (domain === undefined) return {};
    const { clock, trustOf } = this.#parts;
    const policy = server === undefined ? hostOf(introspection?.url ?? jwks ?? '') : callerPattern(server);
    const trust = trustOf(domain, configuration);
    const shown = configuration.credentials.get(name ?? '');
    if (shown === undefined)
      return { dispatcher: createDispatcher(policy, { trust, clock, serverAuthenticationOnly: true }) };
    const credential = new MutableSource(shown);
    return { dispatcher: createDispatcher(policy, { trust, clock, credentials: credential }), credential };
  }
}

function hostOf(address: string): PeerPolicy {
  return dnsName(new URL(address).hostname);
}

function clientsOf({ clients }: TokenIssuerSettings): {
  readonly clients: ReadonlyMap<string, PeerPolicy>;
  readonly partners: ReadonlyMap<string, string>;
} {
  const entries = Object.entries(clients);
  const isPattern = (whose: string): boolean => whose.startsWith('spiffe:');
  return {
    clients: new Map(
      entries.flatMap(([client, whose]) => (isPattern(whose) ? [[client, callerPattern(whose)] as const] : [])),
    ),
    partners: new Map(entries.filter(([, whose]) => !isPattern(whose))),
  };
}

function keyOf(name: string, { file, tokenKeys }: LoadedConfiguration): string {
  return JSON.stringify([name, file.tokens[name], tokenKeys?.get(name)?.text]);
}
