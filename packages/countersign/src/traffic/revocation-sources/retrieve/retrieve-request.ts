/** What is fetched over http, within which bounds, and what comes of it. */
import type { LookupFunction } from 'node:net';
import type { Clock } from '../../../ground/clock/index.ts';

/** Whether addresses of this machine, its neighbours and ranges set apart may be asked: none, all, or those within these: "10.1.0.0/16". */
export type PrivateRanges = 'refuse' | 'allow' | readonly string[];

/** What an earlier answer said of itself, to be asked whether it still stands (RFC 9110, 13.1). */
export interface Validators {
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
}

export interface RetrieveRequest {
  /** http: what is fetched is signed, and anchors for https would be one more thing whose revocation waits for this. */
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly body?: Uint8Array;
  /** Beside those that the retriever sets itself. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Kinds of content that are taken, in lower case; default any but HTML. An answer that does not say its kind is taken. */
  readonly contentTypes?: readonly string[];
  /** The largest body that is taken. */
  readonly mostBytes: number;
  /** For the whole: names, connections, redirects and body. */
  readonly timeoutMs: number;
  readonly privateRanges: PrivateRanges;
  readonly validators?: Validators | undefined;
  readonly clock: Clock;
  /** Ends it early; it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Name service; default the machine's own. */
  readonly lookup?: LookupFunction | undefined;
}

export type Retrieved =
  | {
      readonly kind: 'fetched';
      readonly body: Uint8Array;
      readonly etag?: string;
      readonly lastModified?: string;
      /** How long it stays fresh for a cache by its own words (RFC 9111, 4.2), from now on; 0 where it must be asked for each time. */
      readonly mostAgeMs?: number;
    }
  /** What the validators stand for still does. */
  | { readonly kind: 'notModified'; readonly mostAgeMs?: number };
