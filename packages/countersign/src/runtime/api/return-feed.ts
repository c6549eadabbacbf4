/** `POST /v1/feed/returns`, over mutual TLS: an endpoint hands back a message of the feed that the authority, restored from a backup, has lost. */
import { z } from 'zod';

import type { Operation } from './operation.ts';

export interface FeedReturn {
  /** The message as it was signed and received. */
  message: string;
}

export interface FeedReturned {
  /** How many revocations of it the authority did not know. */
  learned: number;
}

/** 8 MiB: a state of 30,000 revocations. Own choice. */
export const largestReturnBytes: number = 8 * 1024 * 1024;

export const returnFeed: Operation<FeedReturn, FeedReturned> = {
  method: 'POST',
  path: '/v1/feed/returns',
  summary: 'Hand back a message of the feed that a restored authority has lost',
  request: z.strictObject({
    message: z
      .string()
      .max(largestReturnBytes)
      .regex(/^[A-Za-z0-9_.-]+$/, 'a message of the feed'),
  }),
  response: z.object({ learned: z.int().min(0) }),
  requestBytes: largestReturnBytes + 1024,
};
