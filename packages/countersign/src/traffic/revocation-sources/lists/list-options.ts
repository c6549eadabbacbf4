/** Where revocation lists come from, of whom they speak, and how long they are good for. */
import type { Clock } from '../../../ground/clock/index.ts';
import type { Refusal } from '../../../ground/errors/index.ts';
import type { Certificate, TrustAnchor, VerifySignature } from '../../../identity/x509/index.ts';
import type { StatusCheck } from '../../../runtime/tls/index.ts';
import type { Random } from '../backoff.ts';
import type { PrivateRanges } from '../retrieve/retrieve-request.ts';

/** DER, or PEM up to 8 MiB; a file may hold several lists in PEM. A url is http and gives one list. */
export type ListSource = { readonly file: string } | { readonly url: string };

/** Of which certificates the lists must know. Where neither is given: of all. */
export interface ListScope {
  readonly trustDomains?: readonly string[];
  /** Keys as `issuerKeyOf` makes them, of the issuers of certificates. */
  readonly issuers?: readonly string[];
}

export interface ListOptions {
  readonly sources: readonly ListSource[];
  readonly clock: Clock;
  readonly verifySignature: VerifySignature;
  /** The same on another thread, for lists before they are asked; default node:crypto's. */
  readonly verifyAside?: VerifyAside;
  readonly scope?: ListScope;
  /** Whether lists are fetched from where a certificate says that its list is; default false. */
  readonly fromDistributionPoints?: boolean;
  /** The age above which a list is out of date whatever it says; one without nextUpdate is of use only with it. */
  readonly mostAgeMs?: number;
  /** How far a list may come from the future; default 0. */
  readonly clockDifferenceMs?: number;
  /** Default `refuse`. */
  readonly privateRanges?: PrivateRanges;
  /** Certificates of other signers of lists, which are validated; before those that a peer sent. */
  readonly others?: readonly Certificate[];
  /** Authorities whose validity is known: their keys may sign the lists of their names. */
  readonly trusted?: readonly TrustAnchor[];
  /** Where what was fetched is kept for the next start; made 0700 where it is missing. Default nowhere. */
  readonly cacheFolder?: string;
  /** The longest time between two fetches of a list; default an hour. It is sooner where less is left of the list. */
  readonly fetchEveryMs?: number;
  /** Between two looks at a file; default 5 s. */
  readonly lookEveryMs?: number;
  /** For one fetch, whole; default 30 s. */
  readonly timeoutMs?: number;
  /** The largest list; default 128 MiB, and for what certificates name 16 MiB. */
  readonly mostBytes?: number;
  /** What spreads fetches; default Math.random. */
  readonly random?: Random;
  /** Told once each: a list that is refused, will be or is out of date, or never came; and a cache that cannot be written. */
  readonly onWarning?: (refusal: Refusal) => void;
}

export type VerifyAside = (...asked: Parameters<VerifySignature>) => Promise<boolean>;

/** Lists as a means by which an endpoint finds out about certificates. */
export interface Lists extends StatusCheck {
  /** Resolves when whatever is being fetched or read at this moment is there or has failed: after opening, the first round. */
  settled(): Promise<void>;
  close(): void;
}
