/** What client and server both know of one operation of the authority's HTTP interface. */
import { z } from 'zod';

export interface Operation<Request, Response> {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** One line, for who reads the description of the API. */
  readonly summary: string;
  /** The body of a POST, the query of a GET. Strict: the authority refuses what it does not know. */
  readonly request: z.ZodType<Request>;
  /** Lenient: what a newer authority adds is left out. */
  readonly response: z.ZodType<Response>;
  /** Where a request may be larger than `largestRequestBytes`. */
  readonly requestBytes?: number;
  /** Where an answer may be larger than `largestResponseBytes`. */
  readonly responseBytes?: number;
}

export type Empty = Readonly<Record<string, never>>;

export const empty: z.ZodType<Empty> = z.strictObject({});

/** An answer that says nothing, yet. */
export const nothing: z.ZodType<Empty> = z.object({});

/** 64 KiB: a request with a hundred long names in it has a tenth of that; ours to choose. */
export const largestRequestBytes = 65_536;

/** 1 MiB: a page of 1,000 certificates; ours to choose. */
export const largestResponseBytes = 1_048_576;
