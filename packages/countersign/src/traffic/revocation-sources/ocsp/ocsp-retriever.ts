/** How a request gets to a responder and its answer back, within bounds; handed in, so that answers can be made up in tests. */
import type { PrivateRanges } from '../retrieve/retrieve-request.ts';
import type { Clock } from '../../../ground/clock/index.ts';

export interface OcspRetrieval {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly body?: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly mostBytes: number;
  readonly timeoutMs: number;
  readonly privateRanges: PrivateRanges;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Rejects with a Refusal, or with the signal's reason. */
export type OcspRetriever = (retrieval: OcspRetrieval) => Promise<Uint8Array>;
