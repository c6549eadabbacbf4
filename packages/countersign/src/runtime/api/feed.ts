/** `GET /v1/feed` (server-sent events) and `POST /v1/feed/acknowledgements`, over mutual TLS: revocations and bundle changes. */
import { z } from 'zod';

import { endpointId } from './fields.ts';
import { nothing, type Empty, type Operation } from './operation.ts';
import { type StatusReport, statusReport } from './status-report.ts';

/** The stream: each event's `id` is its number, `data` one signed message. Taken up again with `Last-Event-ID`. */
export const feedPath = '/v1/feed';

/** The header in which a follower names its endpoint. */
export const feedEndpointHeader = 'countersign-endpoint';

/** The header in which a follower says what it remembers of the audit log, `SEQUENCE HASH`; the first message then answers it. */
export const feedAuditHeader = 'countersign-audit';

/** The header in which a follower says what it does when its lease has ended; without it, that it refuses. */
export const feedAfterLeaseHeader = 'countersign-after-lease';

/** The header in which a follower that goes on from a number says how long its lease is, in milliseconds; one of another length is replaced by a whole state. */
export const feedLeaseHeader = 'countersign-lease';

/** `refuse`: nobody is let in any more. `continue`: it goes on with what it knew last, so that a revocation may not reach it. */
export const afterLeasePolicies = ['refuse', 'continue'] as const;

export type AfterLease = (typeof afterLeasePolicies)[number];

export interface FeedAcknowledgement {
  /** As in the header of the stream. */
  endpoint: string;
  /** Everything up to this number is in force here: what it revokes is closed. */
  number: number;
  /** How many connections that closed. */
  closed: number;
  /** Where it asks lists or responders beside the feed: what it holds of them, when that has changed since it last said so. */
  means?: StatusReport | undefined;
}

/** Ten times the file descriptors that Linux gives one process (fs.nr_open): what all say together stays a number. */
const mostClosed = 10_000_000;

export const acknowledgeFeed: Operation<FeedAcknowledgement, Empty> = {
  method: 'POST',
  path: '/v1/feed/acknowledgements',
  summary: 'Say up to which number of the feed everything is in force at an endpoint',
  request: z.strictObject({
    endpoint: endpointId,
    number: z.int().min(0),
    closed: z.int().min(0).max(mostClosed),
    means: statusReport.optional(),
  }),
  response: nothing,
};
