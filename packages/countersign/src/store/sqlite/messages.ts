/** What the worker and its owner say to each other: each message is a list, of requests or of replies. */
import type { Operations } from './operations.ts';

export interface WorkerData {
  readonly file: string;
  readonly nowMs: number;
}

export interface WorkerRequest {
  readonly id: number;
  /** `close` ends the worker once everything before it is on disk. */
  /** `snapshot` goes on beside what comes after it. */
  readonly operation: keyof Operations | 'close' | 'snapshot';
  readonly parameters: readonly unknown[];
}

/** A failure as it crosses threads: an `Error` would lose its class. */
export interface WorkerFailure {
  readonly code?: string;
  readonly evidence?: Readonly<Record<string, unknown>>;
  readonly message: string;
}

export type WorkerReply =
  { readonly id: number; readonly answer: unknown } | { readonly id: number; readonly failure: WorkerFailure };

/** The first reply says whether the database could be opened. */
export const openingId = 0;

/** The last one, where the worker ends by itself, says why: the `error` of a worker is its message alone. */
export const endingId = -1;
