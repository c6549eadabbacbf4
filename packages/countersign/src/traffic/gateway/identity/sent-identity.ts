/** Who calls, as the upstream of a route is told: in a header of the form that the route has, after everything that the caller said of himself was taken off. */
import type { Clock } from '../../../ground/clock/index.ts';
import {
  type CheckedCaller,
  clientCertHeaders,
  clientCertificateElement,
  identityHeader,
  isForwardedPeer,
  issuersOf,
} from '../../forwarded-identity/index.ts';
import { type HeaderList, headersForProgram } from '../../relay/index.ts';
import type { LoadedConfiguration } from '../configuration/load-configuration.ts';
import type { Route } from '../routing/route-table.ts';
import { IdentitySigning } from './identity-signing.ts';
import type { OnUnkept } from './key-keeper.ts';

export interface IdentityQuestion {
  readonly rawHeaders: readonly string[];
  readonly caller: CheckedCaller | undefined;
  readonly partner: string | undefined;
  readonly address: string;
  /** As the configuration names it. */
  readonly host: string;
  readonly route: Route;
  readonly method: string;
  /** As the upstream gets it. */
  readonly target: string;
  readonly configuration: LoadedConfiguration;
}

/** The header that goes on: nothing in it says who calls but what is known here. */
export type MakeHeaders = (question: IdentityQuestion) => HeaderList;

export class SentIdentity {
  readonly #signing: IdentitySigning;

  /** @param onUnkept keys could not be written */
  constructor(clock: Clock, onUnkept: OnUnkept) {
    this.#signing = new IdentitySigning(clock, onUnkept);
  }

  /** What is not changed keeps its keys. */
  apply(configuration: LoadedConfiguration): void {
    this.#signing.apply(configuration);
  }

  /** Resolves when the keys that there are were written. */
  settled(): Promise<void> {
    return this.#signing.settled();
  }

  /** The keys of now, where another process exchanges them. */
  handKeys(text: string): void {
    this.#signing.hand(text);
  }

  /** For everybody; none where nothing is signed. */
  identityKeys(): { readonly keys: readonly object[] } {
    return this.#signing.jwks();
  }

  readonly headers: MakeHeaders = (question) => {
    const { rawHeaders, caller, address, host, route } = question;
    const { identity } = route.settings;
    if (identity === 'xfcc' && (caller === undefined || !isForwardedPeer(caller)))
      return headersForProgram(rawHeaders, caller, { own: host, address });
    const plain = headersForProgram(rawHeaders, undefined, { own: host, address });
    return caller === undefined ? plain : [...plain, ...this.#identity(question, caller, plain)];
  };

  #identity(question: IdentityQuestion, caller: CheckedCaller, plain: HeaderList): HeaderList {
    const { host, route, partner, method, target, configuration } = question;
    const { identity, identityChain, upstream: audience } = route.settings;
    switch (identity) {
      case 'xfcc':
        return [['x-forwarded-client-cert', clientCertificateElement(caller, { by: host })]];
      case 'rfc9440':
        return clientCertHeaders(caller, identityChain === true ? issuersFor(caller, configuration) : []);
      case 'signed': {
        const asked = plain.find(([name]) => name.length === 4 && name.toLowerCase() === 'host')?.[1] ?? host;
        return [[identityHeader, this.#signing.sign(caller, { audience, partner, method, host: asked, target })]];
      }
      case 'proxy-v2':
      case 'none':
        return [];
    }
  }
}

/** Looked for once for each caller and bundle. */
const issuers = new WeakMap<CheckedCaller, { readonly bundle: object; readonly found: readonly Uint8Array[] }>();

function issuersFor(caller: CheckedCaller, { bundles }: LoadedConfiguration): readonly Uint8Array[] {
  const bundle = bundles.get(caller.trustDomain);
  if (bundle === undefined) return [];
  const known = issuers.get(caller);
  if (known?.bundle === bundle) return known.found;
  const found = issuersOf(caller, bundle) ?? [];
  issuers.set(caller, { bundle, found });
  return found;
}
