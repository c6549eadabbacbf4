/** `POST /v1/feed/farewells`, over mutual TLS: an endpoint that has closed all its connections follows the feed no more, and need not be waited for. */
import { z } from 'zod';

import { endpointId } from './fields.ts';
import { empty, type Empty, type Operation } from './operation.ts';

export interface FeedFarewell {
  /** As in the header of the stream. */
  endpoint: string;
}

export const leaveFeed: Operation<FeedFarewell, Empty> = {
  method: 'POST',
  path: '/v1/feed/farewells',
  summary: 'Say that an endpoint serves nobody any more and need not be waited for',
  request: z.strictObject({ endpoint: endpointId }),
  response: empty,
};
