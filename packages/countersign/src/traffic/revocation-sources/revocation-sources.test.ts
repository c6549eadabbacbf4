/** Following a feed: state, changes, lies, silence and coming back. */
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test, type TestContext } from 'node:test';
import { systemClock } from '../../ground/clock/index.ts';
import { encodePem } from '../../ground/encoding/index.ts';
import { Refusal, toProblemDocument } from '../../ground/errors/index.ts';
import { allowAnyPeer } from '../../identity/authorization/index.ts';
import {
  type FeedMessage,
  RevocationState,
  type RevocationView,
  type RevokedEntry,
  signFeedMessage,
  type StateMessage,
  withoutRevocation,
} from '../../identity/revocation/index.ts';
import type { StatusReport } from '../../runtime/api/index.ts';
import { createServer, fixedSource, MutableSource, type RestingConnection, Trust } from '../../runtime/tls/index.ts';
import { TestAuthority } from '../../surfaces/testing/index.ts';
import { EventStream } from './event-stream.ts';
import { type FeedEvent, followFeed, type FeedFollower } from './index.ts';

const clock = systemClock;
const pem = (der: Uint8Array): string => encodePem('CERTIFICATE', der);

/** An authority's sending end as a test wants it. */
class TestFeed {
  readonly authority: TestAuthority = new TestAuthority();
  readonly asked: (string | undefined)[] = [];
  readonly acknowledged: unknown[] = [];
  readonly #streams = new Set<ServerResponse>();
  readonly signer = this.authority.feedSigner();
  port = 0;
  number = 3;
  heartbeatMs = 5_000;
  leaseMs = 60_000;
  /** It knows of no reports. */
  isOld = false;
  onAcknowledged: () => void = () => undefined;
  onOpen: (feed: TestFeed, after: string | undefined) => void = (feed) => feed.send(feed.state());

  async listen(t: TestContext): Promise<void> {
    const trust = new Trust({
      bundles: fixedSource(this.authority.bundles()),
      revocations: fixedSource(withoutRevocation),
      clock,
    });
    const credentials = fixedSource(this.authority.issue('countersign/authority'));
    const server = createServer(allowAnyPeer(), { trust, credentials, clock }, (request, response) => {
      if (request.method === 'POST') {
        let body = '';
        request.setEncoding('utf8').on('data', (part: string) => (body += part));
        request.on('end', () => {
          const acknowledgement = JSON.parse(body) as { means?: unknown };
          this.acknowledged.push(acknowledgement);
          this.onAcknowledged();
          if (this.isOld && acknowledgement.means !== undefined) {
            const problem = toProblemDocument(new Refusal('CS-ACCESS-006', { rule: 'the request: unknown' }));
            response.writeHead(problem.status).end(JSON.stringify(problem));
            return;
          }
          response.setHeader('content-type', 'application/json').end('{}');
        });
        return;
      }
      const after = request.headers['last-event-id'];
      this.asked.push(typeof after === 'string' ? after : undefined);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      this.#streams.add(response);
      response.on('close', () => this.#streams.delete(response));
      response.flushHeaders();
      this.onOpen(this, typeof after === 'string' ? after : undefined);
    });
    t.after(() => server.close({ graceMs: 0 }));
    ({ port: this.port } = await server.listen({ host: '127.0.0.1', port: 0 }));
  }

  audit = { sequence: 7, hash: 'cd'.repeat(32) };

  state(): StateMessage {
    return {
      kind: 'state',
      authority: this.authority.rootSha256,
      number: this.number,
      at: clock.now(),
      audit: this.audit,
      revoked: [],
      bundle: {
        trustDomain: this.authority.trustDomain,
        sequence: 1,
        anchors: [pem(this.authority.root.raw)],
        intermediates: [pem(this.authority.issuer.raw)],
      },
      leaseMs: this.leaseMs,
      heartbeatMs: this.heartbeatMs,
    };
  }

  numbered(number: number): Pick<FeedMessage, 'authority' | 'number' | 'at' | 'audit'> {
    return { authority: this.authority.rootSha256, number, at: clock.now(), audit: this.audit };
  }

  send(message: FeedMessage): void {
    this.sendText(message.kind, signFeedMessage(message, this.signer));
  }

  sendText(name: string, data: string): void {
    for (const stream of this.#streams) stream.write(`id: 1\nevent: ${name}\ndata: ${data}\n\n`);
  }

  /** As a server-sent event, to be changed on the way. */
  eventOf(message: FeedMessage): string {
    return `id: 1\nevent: ${message.kind}\ndata: ${signFeedMessage(message, this.signer)}\n\n`;
  }

  sendRaw(text: string): void {
    for (const stream of this.#streams) stream.write(text);
  }

  change(number: number, revoked: readonly RevokedEntry[] = []): FeedMessage {
    return { kind: 'change', ...this.numbered(number), revoked };
  }

  end(): void {
    for (const stream of this.#streams) stream.end();
  }

  destroy(): void {
    for (const stream of this.#streams) stream.destroy();
  }
}

interface Following {
  readonly feed: TestFeed;
  readonly follower: FeedFollower;
  readonly events: FeedEvent[];
  readonly bundles: MutableSource<ReturnType<TestAuthority['bundles']>>;
  readonly revocations: MutableSource<RevocationView>;
  readonly credentials: MutableSource<ReturnType<TestAuthority['issue']>>;
  readonly trust: Trust;
  until<Type extends FeedEvent['type']>(
    type: Type,
    fits?: (event: FeedEvent & { type: Type }) => boolean,
  ): Promise<FeedEvent & { type: Type }>;
}

async function following(
  t: TestContext,
  prepare: (feed: TestFeed) => void = () => undefined,
  lease: 'refuseAfterLease' | 'continueAfterLease' = 'refuseAfterLease',
  report?: () => StatusReport,
): Promise<Following> {
  const feed = new TestFeed();
  prepare(feed);
  await feed.listen(t);
  const bundles = new MutableSource(feed.authority.bundles());
  const revocations = new MutableSource<RevocationView>(RevocationState.unknown);
  const credentials = new MutableSource(feed.authority.issue('web'));
  const trust = new Trust({ bundles, revocations, clock, lease });
  const events: FeedEvent[] = [];
  const waiting = new Set<() => void>();
  const follower = followFeed({
    url: `https://127.0.0.1:${feed.port}`,
    rootSha256: feed.authority.rootSha256,
    credentials,
    bundles,
    revocations,
    trust,
    endpoint: 'endpoint-0123456789',
    clock,
    random: () => 0,
    report,
    onEvent: (event) => {
      events.push(event);
      for (const look of waiting) look();
    },
  });
  t.after(() => follower.close());
  const until: Following['until'] = (type, fits = () => true) =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = events.find((event) => event.type === type && fits(event as never));
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found as never);
      };
      waiting.add(look);
      look();
    });
  return { feed, follower, events, bundles, revocations, credentials, trust, until };
}

const refusedAs = (code: string) => (event: FeedEvent) => event.type === 'refused' && event.refusal.code === code;

/** A live connection of whom `entry` revokes, as an endpoint would have it. */
function resting(entry: RevokedEntry, close: (refusal: Refusal) => void): RestingConnection {
  return {
    peer: {
      name: 'victim',
      trustDomain: 'test.internal',
      revocationKeys: [`${entry.issuerKey}:${entry.serialNumber}`],
    } as never,
    queued: undefined,
    doom: undefined,
    epoch: 0,
    dueAt: Number.POSITIVE_INFINITY,
    recheck: () => {
      throw new Error('no longer passes');
    },
    stand: () => undefined,
    refusalWhenDue: () => assert.fail('it never ends'),
    close,
  };
}

test('a revocation of thousands of connections is acknowledged when the last of them is closed, and never before', async (t) => {
  const { feed, follower, revocations, trust, until } = await following(t);
  await follower.ready;
  const entry = feed.authority.revoked(feed.authority.issue('victim'));
  // The state itself was acknowledged before.
  await until('acknowledged');
  let closed = 0;
  let closedThen = 0;
  feed.onAcknowledged = () => (closedThen = closed);
  const close = (): void => {
    const begun = clock.monotonic();
    while (clock.monotonic() - begun < 0.01);
    closed++;
  };
  for (let count = 0; count < 3_000; count++) trust.enter(resting(entry, close));
  let left = 0;
  revocations.watch(() => (left = trust.pending));
  feed.send({ kind: 'change', ...feed.numbered(4), revoked: [entry] });
  await until('acknowledged', ({ number }) => number === 4);
  assert.ok(left > 0, 'when the change was in force, most were yet to be closed');
  assert.equal(closedThen, 3_000);
  assert.deepEqual(feed.acknowledged.at(-1), { endpoint: 'endpoint-0123456789', number: 4, closed: 3_000 });
});

test('state, change and heartbeat are in force and acknowledged after closing', async (t) => {
  const { feed, follower, revocations, trust, until } = await following(t);
  await follower.ready;
  assert.equal(follower.number, 3);
  const victim = feed.authority.issue('victim');
  const entry = feed.authority.revoked(victim);
  const closed: string[] = [];
  trust.enter(resting(entry, (refusal) => closed.push(refusal.code)));
  feed.send({ kind: 'change', ...feed.numbered(4), revoked: [entry] });
  const applied = await until('applied', ({ number }) => number === 4);
  assert.equal(applied.closed, 1);
  assert.equal(closed.length, 1);
  assert.equal(revocations.current().isRevoked(entry.issuerKey, entry.serialNumber)?.reason, 'keyCompromise');
  await until('acknowledged', ({ number }) => number === 4);
  assert.deepEqual(feed.acknowledged.at(-1), { endpoint: 'endpoint-0123456789', number: 4, closed: 1 });
  const { freshUntil } = revocations.current();
  await new Promise((resolve) => setTimeout(resolve, 5));
  feed.send({ kind: 'heartbeat', ...feed.numbered(4) });
  await until('applied', ({ kind }) => kind === 'heartbeat');
  assert.ok(revocations.current().freshUntil > freshUntil);
});

test('a new bundle is taken over, and the same one makes no change', async (t) => {
  const { feed, follower, bundles, until } = await following(t);
  const before = bundles.current();
  await follower.ready;
  assert.equal(bundles.current(), before);
  const next = new TestAuthority();
  const anchors = [pem(feed.authority.root.raw), pem(next.root.raw)];
  feed.send({
    kind: 'change',
    ...feed.numbered(4),
    revoked: [],
    bundle: { ...feed.state().bundle, sequence: 2, anchors },
  });
  await until('applied', ({ number }) => number === 4);
  assert.equal(bundles.current().get('test.internal')?.anchors.length, 2);
});

test('a gap, a number that goes back, a forged and a truncated message are refused by name, and the state is asked for anew', async (t) => {
  const lies: [string, (feed: TestFeed) => void][] = [
    ['CS-FEED-006', (feed) => feed.send({ kind: 'change', ...feed.numbered(9), revoked: [] })],
    ['CS-FEED-006', (feed) => feed.send({ kind: 'heartbeat', ...feed.numbered(4) })],
    ['CS-FEED-005', (feed) => feed.send({ kind: 'heartbeat', ...feed.numbered(2) })],
    ['CS-FEED-005', (feed) => feed.send({ ...feed.state(), number: 2 })],
    [
      'CS-FEED-003',
      (feed) =>
        feed.sendText(
          'heartbeat',
          signFeedMessage({ kind: 'heartbeat', ...feed.numbered(3) }, new TestAuthority().feedSigner()),
        ),
    ],
    [
      'CS-FEED-001',
      (feed) =>
        feed.sendText(
          'heartbeat',
          signFeedMessage({ kind: 'heartbeat', ...feed.numbered(3) }, feed.authority.feedSigner()).slice(0, -8),
        ),
    ],
    [
      'CS-FEED-001',
      (feed) =>
        feed.sendText(
          'state',
          signFeedMessage({ kind: 'heartbeat', ...feed.numbered(3) }, feed.authority.feedSigner()),
        ),
    ],
    ['CS-FEED-001', (feed) => feed.sendText('message', 'hello')],
  ];
  await Promise.all(
    lies.map(async ([code, lie]) => {
      const { feed, follower, until } = await following(t);
      await follower.ready;
      lie(feed);
      await until('refused', refusedAs(code));
      await until('applied', ({ kind }) => kind === 'state');
      while (feed.asked.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
      assert.equal(feed.asked[1], undefined, `${code}: the whole state is asked for`);
      assert.equal(follower.number, 3);
    }),
  );
});

test('after an interruption, and with a new credential, it goes on from its number', async (t) => {
  const { feed, follower, credentials, until } = await following(t, (made) => {
    made.onOpen = (opened, after) => {
      if (after === undefined) opened.send(opened.state());
      else opened.send({ kind: 'heartbeat', ...opened.numbered(3) });
    };
  });
  await follower.ready;
  feed.end();
  await until('interrupted');
  await until('applied', ({ kind }) => kind === 'heartbeat');
  assert.deepEqual(feed.asked, [undefined, '3']);
  credentials.set(feed.authority.issue('web'));
  while (feed.asked.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(feed.asked[2], '3');
});

test('silence is noticed after three heartbeats', async (t) => {
  const { follower, until } = await following(t, (feed) => {
    feed.heartbeatMs = 20;
  });
  await follower.ready;
  const { refusal } = await until('silent');
  assert.equal(refusal.code, 'CS-FEED-007');
  assert.equal(refusal.evidence['silentMs'], 60);
});

test('a relay that withholds what is new and says the last message again and again is silent', async (t) => {
  const { follower, feed, until } = await following(t, (made) => {
    made.heartbeatMs = 300;
  });
  await follower.ready;
  const last = feed.eventOf({ kind: 'heartbeat', ...feed.numbered(3) });
  const again = setInterval(() => feed.sendRaw(last), 5);
  t.after(() => clearInterval(again));
  const { refusal } = await until('silent');
  assert.equal(refusal.code, 'CS-FEED-007');
});

/** What a relay could do who holds both ends of the stream, and not the feed's key. Each is noticed by its code, and nothing of it is believed. */
const tricks: readonly {
  readonly what: string;
  readonly code: string;
  /** The number at which the endpoint stands when it has noticed. */
  readonly stands: number;
  readonly play: (feed: TestFeed, victim: RevokedEntry) => void;
}[] = [
  {
    what: 'drops a change and lets the heartbeat with the head through',
    ...{ code: 'CS-FEED-006', stands: 3 },
    play: (feed) => feed.send({ kind: 'heartbeat', ...feed.numbered(4) }),
  },
  {
    what: 'drops a change and lets the next one through',
    ...{ code: 'CS-FEED-006', stands: 3 },
    play: (feed) => feed.send(feed.change(5)),
  },
  {
    what: 'changes the order of two',
    ...{ code: 'CS-FEED-006', stands: 3 },
    play: (feed, victim) => feed.sendRaw(feed.eventOf(feed.change(5)) + feed.eventOf(feed.change(4, [victim]))),
  },
  {
    what: 'sends one again',
    ...{ code: 'CS-FEED-005', stands: 4 },
    play: (feed, victim) => feed.sendRaw(feed.eventOf(feed.change(4, [victim])).repeat(2)),
  },
  {
    what: 'keeps an old heartbeat and sends it in the place of newer ones',
    ...{ code: 'CS-FEED-005', stands: 3 },
    play: (feed) => {
      const old = { kind: 'heartbeat', ...feed.numbered(3), at: clock.now() - 1_000 } as const;
      feed.send(old);
    },
  },
  {
    what: 'takes a revocation out of a message',
    ...{ code: 'CS-FEED-002', stands: 3 },
    play: (feed, victim) => {
      const [honest = '', signature = '', signer = ''] = signFeedMessage(feed.change(4, [victim]), feed.signer).split(
        '.',
      );
      const payload = Buffer.from(honest, 'base64url')
        .toString()
        .replace(/"revoked":\[.*?\]/, '"revoked":[]');
      feed.sendText('change', [Buffer.from(payload).toString('base64url'), signature, signer].join('.'));
    },
  },
  {
    what: 'ends a message early and goes on with the next',
    ...{ code: 'CS-FEED-001', stands: 3 },
    play: (feed, victim) => {
      const whole = feed.eventOf(feed.change(4, [victim]));
      feed.sendRaw(`${whole.slice(0, whole.indexOf('.') + 20)}\n\n`);
    },
  },
];

for (const { what, code, stands, play } of tricks)
  test(`who ${what} is noticed: ${code}, nothing is believed, and the whole state is asked for`, async (t) => {
    const { feed, follower, revocations, until } = await following(t);
    await follower.ready;
    const victim = feed.authority.revoked(feed.authority.issue('victim'));
    feed.onOpen = () => undefined;
    play(feed, victim);
    await until('refused', refusedAs(code));
    assert.equal(follower.number, stands);
    const isRevoked = revocations.current().isRevoked(victim.issuerKey, victim.serialNumber) !== undefined;
    assert.equal(isRevoked, stands === 4);
    while (feed.asked.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(feed.asked[1], undefined);
  });

test('a stream cut in mid-message is no message: it goes on from the number before, and gets the change then', async (t) => {
  const { feed, follower, revocations, until } = await following(t);
  await follower.ready;
  const victim = feed.authority.revoked(feed.authority.issue('victim'));
  const whole = feed.eventOf(feed.change(4, [victim]));
  feed.onOpen = (opened) => opened.sendRaw(whole);
  feed.sendRaw(whole.slice(0, whole.length / 2));
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(follower.number, 3);
  feed.destroy();
  await until('interrupted');
  await until('applied', ({ number }) => number === 4);
  assert.equal(feed.asked[1], '3');
  assert.ok(revocations.current().isRevoked(victim.issuerKey, victim.serialNumber) !== undefined);
});

for (const lease of ['refuseAfterLease', 'continueAfterLease'] as const)
  test(`who withholds everything is noticed as silent, and at the lease's end the endpoint goes by its policy: ${lease}`, async (t) => {
    const { feed, follower, trust, until } = await following(
      t,
      (made) => {
        made.heartbeatMs = 20;
        made.leaseMs = 400;
      },
      lease,
    );
    await follower.ready;
    // Replayed for as long as the relay likes: a message of before lengthens no lease.
    const old = feed.eventOf({ kind: 'heartbeat', ...feed.numbered(3) });
    feed.onOpen = (opened) => opened.sendRaw(old);
    const { freshUntil } = await until('lease-ended');
    assert.ok(clock.now() >= freshUntil);
    await until('silent', ({ refusal }) => refusal.code === 'CS-FEED-007');
    if (lease === 'continueAfterLease') trust.requireFresh('web', 'test.internal');
    else assert.throws(() => trust.requireFresh('web', 'test.internal'), { code: 'CS-PEER-010' });
    // And back when the truth comes through again, without a restart.
    feed.leaseMs = 60_000;
    feed.onOpen = (opened) => opened.send(opened.state());
    await until('applied', (event) => event.freshUntil > clock.now() + 1_000);
    trust.requireFresh('web', 'test.internal');
  });

test('an authority that is away is tried again until it is there', async (t) => {
  const feed = new TestFeed();
  const bundles = new MutableSource(feed.authority.bundles());
  const revocations = new MutableSource<RevocationView>(RevocationState.unknown);
  const failures: unknown[] = [];
  const follower = followFeed({
    url: 'https://127.0.0.1:1',
    rootSha256: feed.authority.rootSha256,
    credentials: fixedSource(feed.authority.issue('web')),
    bundles,
    revocations,
    trust: new Trust({ bundles, revocations, clock }),
    endpoint: 'endpoint-0123456789',
    clock,
    random: () => 0,
    onEvent: (event) => {
      if (event.type === 'interrupted') failures.push(event.error);
    },
  });
  t.after(() => follower.close());
  while (failures.length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
  const ended = assert.rejects(follower.ready);
  await follower.close();
  await ended;
});

test('events come out of any cutting of the text', () => {
  const text =
    ': comment\r\nevent: state\r\ndata: a\r\ndata: b\r\n\r\nid: 7\ndata:c\n\nevent: lost\n\ndata\r\rretry: 5\n\n';
  for (let size = 1; size <= text.length; size++) {
    const stream = new EventStream(100);
    const events = Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
      stream.push(text.slice(index * size, (index + 1) * size)),
    );
    assert.deepEqual(
      events.flat(),
      [
        { name: 'state', data: 'a\nb' },
        { name: 'message', data: 'c' },
        { name: 'message', data: '' },
      ],
      `pieces of ${size}`,
    );
  }
});

test('an event is bounded', () => {
  assert.throws(() => new EventStream(100).push('data: '.concat('x'.repeat(200))), RangeError);
  const stream = new EventStream(100);
  assert.throws(() => {
    for (let line = 0; line < 10; line++) stream.push(`data: ${'x'.repeat(20)}\n`);
  }, RangeError);
});

const told: StatusReport = { undetermined: 'refuse', sources: [{ means: 'crl', source: '/etc/corp.crl' }] };

test('a report goes with an acknowledgement, then only where it has changed or the stream is a new one', async (t) => {
  let report = told;
  const { feed, follower, until } = await following(t, undefined, undefined, () => report);
  await follower.ready;
  await until('acknowledged');
  const beat = async (count: number): Promise<void> => {
    feed.send({ kind: 'heartbeat', ...feed.numbered(3) });
    while (feed.acknowledged.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const plain = { endpoint: 'endpoint-0123456789', number: 3, closed: 0 };
  assert.deepEqual(feed.acknowledged, [{ ...plain, means: told }]);
  feed.send({ kind: 'heartbeat', ...feed.numbered(3) });
  report = { ...told, sources: [] };
  await beat(2);
  assert.deepEqual(feed.acknowledged.slice(1), [{ ...plain, means: report }]);
  report = told;
  await beat(3);
  feed.end();
  while (feed.acknowledged.length < 4) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(feed.acknowledged.slice(2), [
    { ...plain, means: told },
    { ...plain, means: told },
  ]);
});

test('an authority that knows of no reports hears the acknowledgement without', async (t) => {
  const { feed, follower, until } = await following(
    t,
    (made) => (made.isOld = true),
    undefined,
    () => told,
  );
  await follower.ready;
  await until('acknowledged');
  feed.send(feed.change(4));
  await until('acknowledged', ({ number }) => number === 4);
  const plain = { endpoint: 'endpoint-0123456789', number: 3, closed: 0 };
  assert.deepEqual(feed.acknowledged, [{ ...plain, means: told }, plain, { ...plain, number: 4 }]);
});
