/** What an endpoint's OCSP is given, and what holds where nothing is said. */
import type { Clock } from '../../../ground/clock/index.ts';
import type { Refusal } from '../../../ground/errors/index.ts';
import { defaultOcspAgeMs, defaultOcspToleranceMs } from '../../../identity/revocation/index.ts';
import type { Certificate } from '../../../identity/x509/index.ts';
import type { StatusCheck } from '../../../runtime/tls/index.ts';
import type { Random } from '../backoff.ts';
import type { PrivateRanges } from '../retrieve/retrieve-request.ts';
import type { OcspRetriever } from './ocsp-retriever.ts';

/** How responders are asked; for the status of peers and for one's own staples. */
export interface AskingOptions {
  readonly clock: Clock;
  /** Address of the responder that is asked in place of those in the certificates' authorityInfoAccess. */
  readonly responder?: string | undefined;
  /** Whether responders at addresses of private ranges are asked; default 'refuse'. */
  readonly privateRanges?: PrivateRanges;
  /** By which a certificate is named; default SHA-1, which every responder knows and on which nothing rests here. */
  readonly hash?: 'SHA-1' | 'SHA-256';
  /** Default 'auto': GET where the request fits (RFC 5019, 5), so that caches may answer, else POST. */
  readonly method?: 'auto' | 'POST';
  /** Asks with a nonce and takes no answer without it; default false, as responders that sign ahead repeat none. */
  readonly nonce?: boolean;
  /** How far this clock and a responder's may be apart; default `defaultOcspToleranceMs`. */
  readonly toleranceMs?: number;
  /** How long after its thisUpdate an answer may be used; default `defaultOcspAgeMs`. */
  readonly mostAgeMs?: number;
  /** Responders that are believed by local configuration (RFC 6960, 4.2.2.2, 1). */
  readonly trustedResponders?: readonly Certificate[];
  /** For one request, whole; default 5,000. */
  readonly perFetchTimeoutMs?: number;
  /** What spreads requests; default Math.random. */
  readonly random?: Random;
  /** Default: the bounded retriever of this room. */
  readonly retrieve?: OcspRetriever;
  /** Told before answers in use run out while fetching fails, and when they did. */
  readonly onWarning?: (warning: Refusal) => void;
}

export interface OcspOptions extends AskingOptions {
  /** Of which certificates this speaks; default of all. */
  readonly scope?: {
    readonly trustDomains?: readonly string[];
    /** As `issuerKeyOf` makes them. */
    readonly issuers?: readonly string[];
  };
  /** Whether a certificate for which there is no responder to ask is undetermined; default false: it is not covered. */
  readonly requireResponder?: boolean;
  /** What finds out whether a delegated responder is revoked where its issuer wants that; default OCSP again, once. */
  readonly responderChecks?: StatusCheck;
  /** Certificates of which answers are kept; the least recently used goes first. Default 10,000. */
  readonly mostCached?: number;
  /** Requests at once; default 32. */
  readonly mostRequests?: number;
  /** Requests at once to one responder; default 8. */
  readonly mostRequestsPerResponder?: number;
  /** Requests that wait for their turn; default 1,000. */
  readonly mostWaiting?: number;
  /** After so long without being asked for, a certificate's answer is not fetched ahead any more; default 10 minutes. */
  readonly idleMs?: number;
  /** An answer is fetched anew after so long at the latest, however long it holds; default 1 hour. */
  readonly mostPauseMs?: number;
}

export type AskingSettings = Required<Omit<AskingOptions, 'responder'>> & Pick<AskingOptions, 'responder'>;
export type OcspSettings = AskingSettings &
  Required<Omit<OcspOptions, keyof AskingOptions | 'scope' | 'responderChecks'>> &
  Pick<OcspOptions, 'scope' | 'responderChecks'>;

/** @throws TypeError for bounds that are none */
export function askingSettings(options: AskingOptions, retrieve: OcspRetriever): AskingSettings {
  const { onWarning = (): void => undefined } = options;
  const settings: AskingSettings = {
    privateRanges: 'refuse',
    hash: 'SHA-1',
    method: 'auto',
    nonce: false,
    toleranceMs: defaultOcspToleranceMs,
    mostAgeMs: defaultOcspAgeMs,
    trustedResponders: [],
    perFetchTimeoutMs: 5_000,
    random: Math.random,
    retrieve,
    ...given(options),
    // Not from within: what the listener throws is its own affair.
    onWarning: (warning) => queueMicrotask(() => onWarning(warning)),
  };
  requireNumbers({ perFetchTimeoutMs: settings.perFetchTimeoutMs, mostAgeMs: settings.mostAgeMs }, 1);
  requireNumbers({ toleranceMs: settings.toleranceMs }, 0);
  return settings;
}

/** Own choices, all: see what each says above. */
export function ocspSettings(options: OcspOptions, retrieve: OcspRetriever): OcspSettings {
  const settings: OcspSettings = {
    requireResponder: false,
    mostCached: 10_000,
    mostRequests: 32,
    mostRequestsPerResponder: 8,
    mostWaiting: 1_000,
    idleMs: 10 * 60_000,
    mostPauseMs: 3_600_000,
    ...given(options),
    ...askingSettings(options, retrieve),
  };
  const { mostCached, mostRequests, mostRequestsPerResponder, mostPauseMs } = settings;
  requireNumbers({ mostCached, mostRequests, mostRequestsPerResponder, mostPauseMs }, 1);
  requireNumbers({ mostWaiting: settings.mostWaiting, idleMs: settings.idleMs }, 0);
  return settings;
}

/** What is not said is not said by `undefined` either. */
function given<Options extends object>(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;
}

function requireNumbers(values: Readonly<Record<string, number>>, least: number): void {
  for (const [name, value] of Object.entries(values)) {
    if (!(value >= least)) throw new TypeError(`${name} is a number of at least ${String(least)}`);
  }
}
