/** `GET /v1/feed`: a subscription, taken up where `Last-Event-ID` says (WHATWG HTML, 9.2). */
import type { IncomingMessage, ServerResponse } from 'node:http';

import { Refusal } from '../../ground/errors/index.ts';
import type { FeedAuditHead } from '../../identity/revocation/index.ts';
import {
  type AfterLease,
  feedAfterLeaseHeader,
  feedAuditHeader,
  feedEndpointHeader,
  feedLeaseHeader,
  feedObserverHeader,
  feedPath,
  localFeed,
} from '../../runtime/api/index.ts';
import type { Feed, Subscriber } from './feed.ts';
import { type FeedStream, openFeedStream } from './feed-stream.ts';
import type { DescribedHeader, Route } from './route.ts';
import { spiffeIdOf } from './spiffe-id-of.ts';

export function followFeedRoute(feed: Feed): Route {
  return {
    method: 'GET',
    path: feedPath,
    described: describedAs(
      'Follow the feed of revocations and bundle changes: server-sent events, one signed message each',
    ),
    who: 'peer',
    stream: (request, response, { peer }) =>
      follow(feed, { request, response }, { spiffeId: spiffeIdOf(peer), serialNumber: peer.serialNumber }),
  };
}

/** Over the local socket, for who has no certificate: the person takes the place of the SPIFFE ID. */
export function followLocalFeedRoute(feed: Feed): Route {
  return {
    method: 'GET',
    path: localFeed.path,
    described: describedAs('Follow the feed without a certificate, as a process of this machine: the same messages', {
      [feedObserverHeader]: { what: 'yes: nothing rests on it, and nobody waits for it', required: false },
    }),
    who: 'auditor',
    stream: (request, response, { person }) =>
      follow(feed, { request, response }, { spiffeId: person, serialNumber: '', observes: observesIn(request) }),
  };
}

function describedAs(summary: string, more: Readonly<Record<string, DescribedHeader>> = {}): Route['described'] {
  return {
    summary,
    headers: {
      [feedEndpointHeader]: {
        what: "the endpoint's name for itself: 16 to 64 characters of base64url",
        required: true,
      },
      [feedAuditHeader]: { what: 'what it remembers of the audit log: SEQUENCE HASH', required: false },
      [feedAfterLeaseHeader]: {
        what: 'what it does when its lease has ended: refuse, or continue with what it knew last',
        required: false,
      },
      [feedLeaseHeader]: {
        what: 'the lease that it holds, in milliseconds: where the authority gives another, the whole state comes',
        required: false,
      },
      'last-event-id': { what: 'the last number seen, to take the feed up again', required: false },
      ...more,
    },
    answers: 'text/event-stream',
  };
}

async function follow(
  feed: Feed,
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
  who: Pick<Subscriber, 'spiffeId' | 'serialNumber' | 'observes'>,
): Promise<void> {
  const subscriber = {
    ...who,
    endpoint: endpointOf(request),
    lastNumber: numberIn(request, 'last-event-id'),
    leaseMs: numberIn(request, feedLeaseHeader),
    remembers: rememberedOf(request),
    afterLease: afterLeaseOf(request),
  };
  await feed.subscribe(subscriber, {
    get gone() {
      return request.socket.destroyed;
    },
    open: () => {
      const stream: FeedStream = openFeedStream(response, () => feed.drop(stream));
      return stream;
    },
  });
}

function endpointOf(request: IncomingMessage): string {
  const value = request.headers[feedEndpointHeader];
  if (typeof value === 'string' && /^[A-Za-z0-9_-]{16,64}$/.test(value)) return value;
  throw new Refusal('CS-ACCESS-006', { rule: `the header ${feedEndpointHeader}: 16 to 64 characters of base64url` });
}

function observesIn(request: IncomingMessage): boolean {
  const value = request.headers[feedObserverHeader];
  if (value === undefined || value === 'yes') return value === 'yes';
  throw new Refusal('CS-ACCESS-006', { rule: `the header ${feedObserverHeader}: yes` });
}

function numberIn(request: IncomingMessage, header: string): number | undefined {
  const value = request.headers[header];
  if (value === undefined || value === '') return undefined;
  if (typeof value === 'string' && /^\d{1,16}$/.test(value) && Number.isSafeInteger(Number(value)))
    return Number(value);
  throw new Refusal('CS-ACCESS-006', { rule: `the header ${header}: a number` });
}

function afterLeaseOf(request: IncomingMessage): AfterLease | undefined {
  const value = request.headers[feedAfterLeaseHeader];
  if (value === undefined || value === 'refuse') return undefined;
  if (value === 'continue') return value;
  throw new Refusal('CS-ACCESS-006', { rule: `the header ${feedAfterLeaseHeader}: refuse or continue` });
}

function rememberedOf(request: IncomingMessage): FeedAuditHead | undefined {
  const value = request.headers[feedAuditHeader];
  if (value === undefined) return undefined;
  const [, sequence, hash] = (typeof value === 'string' ? /^(\d{1,15}) ([0-9a-f]{64})$/.exec(value) : null) ?? [];
  if (sequence !== undefined && hash !== undefined) return { sequence: Number(sequence), hash };
  throw new Refusal('CS-ACCESS-006', { rule: `the header ${feedAuditHeader}: a number and a SHA-256` });
}
