/** Followers of the feed: the real one, and a bare stream that says nothing back. */
import { request as httpsRequest } from 'node:https';
import type { TestContext } from 'node:test';

import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import { allowAnyPeer } from '../../packages/countersign/src/identity/authorization/index.ts';
import { RevocationState, type RevocationView } from '../../packages/countersign/src/identity/revocation/index.ts';
import type { BundleSet } from '../../packages/countersign/src/identity/spiffe/index.ts';
import type { StatusReport } from '../../packages/countersign/src/runtime/api/index.ts';
import {
  connect,
  createServer,
  fixedSource,
  MutableSource,
  Trust,
} from '../../packages/countersign/src/runtime/tls/index.ts';
import {
  type HeldCredential,
  toBundles,
  toCredential,
} from '../../packages/countersign/src/traffic/enrollment/index.ts';
import { type FeedFollower, followFeed } from '../../packages/countersign/src/traffic/revocation-sources/index.ts';
import { presented, type ServerHouse } from './server-house.ts';

export interface Workload {
  readonly follower: FeedFollower;
  readonly port: number;
}

/** A service that serves, follows the feed and closes what is revoked. */
export async function startWorkload(
  t: TestContext,
  house: ServerHouse,
  held: HeldCredential,
  endpoint: string,
  report?: () => StatusReport,
): Promise<Workload> {
  const bundles = new MutableSource<BundleSet>(toBundles(held));
  const revocations = new MutableSource<RevocationView>(RevocationState.unknown);
  const trust = new Trust({ bundles, revocations, clock: systemClock });
  const credentials = fixedSource(toCredential(held));
  const server = createServer(
    allowAnyPeer(),
    { trust, credentials, clock: systemClock },
    (_, response) => void response.end('ok'),
  );
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const follower = followFeed({
    url: house.server.url,
    rootSha256: house.server.rootSha256,
    credentials,
    bundles,
    revocations,
    trust,
    endpoint,
    clock: systemClock,
    report,
  });
  t.after(async () => {
    await follower.close();
    await server.close({ graceMs: 0 });
    trust.close();
  });
  await follower.ready;
  return { follower, port };
}

/** A live connection; `closed` resolves when it ends. */
export async function connectTo(
  t: TestContext,
  port: number,
  held: HeldCredential,
): Promise<{ closed: Promise<void> }> {
  const trust = new Trust({
    bundles: fixedSource(toBundles(held)),
    revocations: fixedSource({ number: 0, freshUntil: Number.POSITIVE_INFINITY, isRevoked: () => undefined }),
    clock: systemClock,
  });
  const credentials = fixedSource(toCredential(held));
  const { socket } = await connect(allowAnyPeer(), { trust, credentials, host: '127.0.0.1', port, clock: systemClock });
  t.after(() => {
    socket.destroy();
    trust.close();
  });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => undefined);
  socket.resume();
  return { closed };
}

export interface BareEvent {
  readonly id: string;
  readonly name: string;
  /** The payload, decoded and not verified. */
  readonly payload: { number: number; at: number; revoked?: { serialNumber: string }[]; leaseMs?: number };
}

export interface BareStream {
  readonly status: number;
  readonly code: string | undefined;
  readonly events: BareEvent[];
  next(): Promise<BareEvent>;
  readonly closed: Promise<void>;
  end(): void;
}

/** A subscription by node:https. */
export function subscribe(
  t: TestContext,
  house: ServerHouse,
  held: HeldCredential,
  endpoint: string,
  lastEventId?: number,
): Promise<BareStream> {
  const { chain, key } = presented(held);
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      new URL('/v1/feed', house.server.url),
      {
        ca: encodePem('CERTIFICATE', held.roots[0]!.raw),
        cert: chain,
        key: key.toPem(),
        agent: false,
        headers: {
          'countersign-endpoint': endpoint,
          ...(lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) }),
        },
      },
      (response) => {
        let text = '';
        let taken = 0;
        const events: BareEvent[] = [];
        const waiting: (() => void)[] = [];
        const stream = {
          status: response.statusCode ?? 0,
          code: undefined as string | undefined,
          events,
          next: async () => {
            while (events.length <= taken) await new Promise<void>((wake) => waiting.push(wake));
            return events[taken++]!;
          },
          closed: new Promise<void>((ended) => response.once('close', () => ended())),
          end: () => request.destroy(),
        };
        response.setEncoding('utf8');
        response.on('error', () => undefined);
        response.on('data', (part: string) => {
          text += part;
          if (stream.status !== 200) stream.code = (JSON.parse(text) as { code: string }).code;
          for (let end = text.indexOf('\n\n'); stream.status === 200 && end !== -1; end = text.indexOf('\n\n')) {
            events.push(parsed(text.slice(0, end)));
            text = text.slice(end + 2);
            for (const wake of waiting.splice(0)) wake();
          }
        });
        if (stream.status === 200) resolve(stream);
        else response.once('end', () => resolve(stream));
      },
    );
    request.on('error', reject);
    request.end();
    t.after(() => request.destroy());
  });
}

function parsed(block: string): BareEvent {
  const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
  const payload = JSON.parse(
    Buffer.from(field('data').split('.')[0] ?? '', 'base64url').toString(),
  ) as BareEvent['payload'];
  return { id: field('id'), name: field('event'), payload };
}
