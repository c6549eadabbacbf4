/** A change of trust closes what no longer passes, before the change returns, and nothing else. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { constants } from 'node:crypto';
import { manualClock, systemClock, type Clock } from '../../../ground/clock/index.ts';
import { isRefusal, type Refusal } from '../../../ground/errors/index.ts';
import { parseCertificate } from '../../../identity/x509/index.ts';
import { allowAnyPeer, spiffeId, type PeerPolicy } from '../../../identity/authorization/index.ts';
import {
  RevocationState,
  type RevocationView,
  type RevokedEntry,
  withoutRevocation,
} from '../../../identity/revocation/index.ts';
import type { BundleSet } from '../../../identity/spiffe/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import {
  connect,
  createPeerVerifier,
  createServer,
  fixedSource,
  isVerifiedPeer,
  MutableSource,
  Trust,
  type Credential,
  type VerifiedPeer,
} from '../index.ts';
import { opNoCompression, opNoRenegotiation, opNoTicket } from '../context/tls-profile.ts';

const authority = new TestAuthority();
const partner = new TestAuthority({ trustDomain: 'partner.test' });

function viewOf(number: number, ...entries: readonly RevokedEntry[]): RevocationView {
  return {
    number,
    freshUntil: Number.POSITIVE_INFINITY,
    isRevoked: (issuerKey, serialNumber) =>
      entries.find((entry) => entry.issuerKey === issuerKey && entry.serialNumber === serialNumber),
  };
}

interface Workload {
  readonly trust: Trust;
  readonly bundles: MutableSource<BundleSet>;
  readonly revocations: MutableSource<RevocationView>;
  readonly port: number;
  readonly closed: Refusal[];
}

async function workload(
  t: TestContext,
  clock: Clock = systemClock,
  view: RevocationView = withoutRevocation,
): Promise<Workload> {
  const bundles = new MutableSource(authority.bundles(partner));
  const revocations = new MutableSource(view);
  const trust = new Trust({ bundles, revocations, clock });
  const closed: Refusal[] = [];
  const options = {
    trust,
    credentials: fixedSource(authority.issue('orders')),
    clock,
    onClosed: (refusal: Refusal) => closed.push(refusal),
  };
  const server = createServer(allowAnyPeer(), options, (_request, response) => response.end('ok'));
  t.after(() => server.close({ graceMs: 0 }));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return { trust, bundles, revocations, port, closed };
}

/** A connection that the server has verified; resolves when it is closed. */
async function open(
  t: TestContext,
  { port, trust }: Workload,
  credential: Credential,
): Promise<{ socket: TLSSocket; closed: Promise<unknown> }> {
  const before = trust.connections.size;
  const own = new Trust({
    bundles: fixedSource(authority.bundles()),
    revocations: fixedSource(withoutRevocation),
    clock: systemClock,
  });
  const { socket } = await connect(allowAnyPeer(), {
    trust: own,
    credentials: fixedSource(credential),
    clock: systemClock,
    host: '127.0.0.1',
    port,
  });
  t.after(() => socket.destroy());
  socket.on('error', () => undefined);
  const closed = once(socket, 'close');
  while (trust.connections.size === before) await new Promise((resolve) => setImmediate(resolve));
  return { socket, closed };
}

test('a revocation closes its own connections synchronously, and only those', async (t) => {
  const here = await workload(t);
  const web = authority.issue('web');
  const [first, second] = [await open(t, here, web), await open(t, here, web)];
  await open(t, here, authority.issue('cron'));
  const { epoch } = here.trust;
  here.revocations.set(viewOf(1, authority.revoked(web)));
  assert.equal(here.trust.closedTotal, 2, 'closed before set() returned');
  assert.equal(here.trust.connections.size, 1);
  assert.equal(here.trust.epoch, epoch + 1);
  assert.deepEqual(
    here.closed.map(({ code }) => code),
    ['CS-PEER-008', 'CS-PEER-008'],
  );
  await Promise.all([first.closed, second.closed]);
});

test('a revoked intermediate closes everything below it', async (t) => {
  const here = await workload(t);
  await open(t, here, authority.issue('web'));
  await open(t, here, partner.issue('web'));
  const { issuerKey } = authority.revoked(authority.issue('x'));
  assert.ok(issuerKey);
  const [connection] = here.trust.connections.ofTrustDomain('test.internal');
  const [, above] = connection?.peer.revocationKeys ?? [];
  const [rootKey, serialNumber] = above?.split(':') ?? [];
  assert.equal(serialNumber, authority.issuer.serialNumber);
  here.revocations.set(
    viewOf(1, {
      ...authority.revoked(authority.issue('x')),
      issuerKey: rootKey ?? '',
      serialNumber: serialNumber ?? '',
    }),
  );
  assert.equal(here.trust.closedTotal, 1);
  assert.equal(here.trust.connections.size, 1);
});

test('a change of one bundle touches its own trust domain alone', async (t) => {
  const here = await workload(t);
  await open(t, here, authority.issue('web'));
  const other = await open(t, here, partner.issue('web'));
  const replaced = new TestAuthority({ trustDomain: 'partner.test' });
  here.bundles.set(here.bundles.current().with(authority.bundle(2)));
  assert.equal(here.trust.closedTotal, 0, 'the same anchors again');
  here.bundles.set(here.bundles.current().with(replaced.bundle(2)));
  assert.equal(here.trust.closedTotal, 1);
  assert.deepEqual(
    here.closed.map(({ code }) => code),
    ['CS-PEER-002'],
  );
  await other.closed;
});

test('a wall clock that is set back does not lengthen the lease', async (t) => {
  const clock = manualClock(systemClock.now());
  const freshUntil = clock.now() + 60_000;
  const here = await workload(t, clock, { number: 1, freshUntil, isRevoked: () => undefined });
  await open(t, here, authority.issue('web'));
  clock.advance(20_000);
  clock.setNow(clock.now() - 15_000);
  clock.advance(39_000);
  assert.equal(here.trust.connections.size, 1);
  clock.advance(1_000);
  assert.equal(here.trust.fresh, false);
  clock.advance(30_000);
  assert.equal(here.trust.connections.size, 0);
});

test('a heartbeat makes no new epoch; the end of the lease closes everything and lets nobody in', async (t) => {
  const clock = manualClock(systemClock.now());
  const state = RevocationState.unknown.apply(
    {
      kind: 'state',
      authority: authority.rootSha256,
      number: 1,
      at: clock.now(),
      audit: { sequence: 1, hash: 'cd'.repeat(32) },
      revoked: [],
      bundle: { trustDomain: 'test.internal', sequence: 1, anchors: ['x'], intermediates: [] },
      leaseMs: 30_000,
      heartbeatMs: 5_000,
    },
    clock.now(),
  );
  const here = await workload(t, clock, state);
  await open(t, here, authority.issue('web'));
  const { epoch } = here.trust;
  const verifier = createPeerVerifier({ peer: 'client', policy: allowAnyPeer(), trust: here.trust, clock });
  const known = authority.issue('known').chain;
  verifier.verify(known);
  clock.advance(29_000);
  here.revocations.set(
    state.apply(
      {
        ...{ kind: 'heartbeat', authority: authority.rootSha256, number: 1, at: clock.now() },
        audit: { sequence: 1, hash: 'cd'.repeat(32) },
      },
      clock.now(),
    ),
  );
  assert.equal(here.trust.epoch, epoch);
  clock.advance(29_000);
  assert.equal(here.trust.connections.size, 1);
  clock.advance(1_000);
  assert.equal(here.trust.connections.size, 0);
  assert.deepEqual(
    here.closed.map(({ code }) => code),
    ['CS-PEER-010'],
  );
  for (const chain of [known, authority.issue('web').chain]) {
    assert.throws(
      () => verifier.verify(chain),
      (error) => isRefusal(error) && error.code === 'CS-PEER-010',
    );
  }
});

test('a request after a sleep is refused although no timer has run yet', async (t) => {
  let now = systemClock.now();
  const asleep: Clock = { ...systemClock, now: () => now, after: () => ({ cancel: () => undefined }) };
  const here = await workload(t, asleep);
  const { socket } = await open(t, here, authority.issue('web', { notAfterMs: 20_000 }));
  now += 3_600_000;
  socket.write('GET / HTTP/1.1\r\nHost: orders\r\n\r\n');
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  assert.doesNotMatch(answer, / 200 /);
  assert.match(answer, /CS-PEER-003/);
});

test('a connection ends when its certificate does', async (t) => {
  const clock = manualClock(systemClock.now());
  const here = await workload(t, clock);
  const credential = authority.issue('web', { notAfterMs: 20_000 });
  const { closed } = await open(t, here, credential);
  // Of the certificate itself: a second may have begun since the clock was set.
  clock.advance(parseCertificate(credential.chain[0] ?? new Uint8Array()).notAfter - clock.now());
  assert.equal(here.trust.connections.size, 1, 'the last second is still valid');
  clock.advance(1_000);
  assert.equal(here.trust.connections.size, 0);
  assert.deepEqual(
    here.closed.map(({ code }) => code),
    ['CS-PEER-003'],
  );
  await closed;
});

test('a partner vouches for SPIFFE IDs of its own domain, never for DNS names or for our domain', () => {
  const trust = new Trust({
    bundles: fixedSource(authority.bundles(partner)),
    revocations: fixedSource(withoutRevocation),
    clock: systemClock,
  });
  const verifier = createPeerVerifier({ peer: 'client', policy: allowAnyPeer(), trust, clock: systemClock });
  assert.deepEqual(verifier.verify(authority.issue('web').chain).dnsNames, ['web.internal']);
  assert.deepEqual(verifier.verify(partner.issue('web').chain).dnsNames, []);
  const crossed = partner.issue('web', { names: { uri: ['spiffe://test.internal/web'] } });
  assert.throws(
    () => verifier.verify(crossed.chain),
    (error) => isRefusal(error) && error.code === 'CS-PEER-002',
  );
});

test('nothing but the verifier makes a VerifiedPeer', () => {
  const trust = new Trust({
    bundles: fixedSource(authority.bundles()),
    revocations: fixedSource(withoutRevocation),
    clock: systemClock,
  });
  const peer = createPeerVerifier({ peer: 'client', policy: allowAnyPeer(), trust, clock: systemClock }).verify(
    authority.issue('web').chain,
  );
  assert.ok(isVerifiedPeer(peer));
  const {
    spiffeId,
    trustDomain,
    dnsNames,
    ipAddresses,
    serialNumber,
    issuerKey,
    thumbprint,
    notAfter,
    epoch,
    revocationKeys,
    name,
  } = peer;
  const lookAlike = {
    spiffeId,
    trustDomain,
    dnsNames,
    ipAddresses,
    serialNumber,
    issuerKey,
    thumbprint,
    notAfter,
    epoch,
    revocationKeys,
    name,
  };
  // @ts-expect-error -- a look-alike lacks the brand
  const typed: VerifiedPeer = lookAlike; // eslint-disable-line @typescript-eslint/no-unsafe-class-instance-assignment -- what is tried
  assert.ok(!isVerifiedPeer(typed));
  assert.ok(!isVerifiedPeer(Object.create(peer)));
  assert.ok(!isVerifiedPeer(Object.assign({}, peer)));
  assert.ok(!isVerifiedPeer(structuredClone(lookAlike)));
  const Minted = peer.constructor as new (token: symbol, fields: unknown) => VerifiedPeer;
  assert.throws(() => new Minted(Symbol('minted by the peer verifier'), lookAlike), TypeError);
  assert.throws(() => Object.assign(peer, { spiffeId: 'spiffe://test.internal/other' }), TypeError, 'frozen');
});

test('a policy cannot be left out', () => {
  const trust = new Trust({
    bundles: fixedSource(authority.bundles()),
    revocations: fixedSource(withoutRevocation),
    clock: systemClock,
  });
  const options = { trust, credentials: fixedSource(authority.issue('web')), clock: systemClock };
  const handler = (): void => undefined;
  // @ts-expect-error -- the policy comes first
  const withoutPolicy: Parameters<typeof createServer> = [options, handler];
  // @ts-expect-error -- undefined is no policy
  const undefinedPolicy: Parameters<typeof createServer> = [undefined, options, handler];
  const lookAlike: unknown = { kind: 'any-peer' };
  assert.throws(() => createServer(...withoutPolicy), TypeError);
  assert.throws(() => createServer(...undefinedPolicy), TypeError);
  assert.throws(() => createServer(lookAlike as PeerPolicy, options, handler), TypeError);
  assert.throws(
    () => createPeerVerifier({ peer: 'client', policy: lookAlike as PeerPolicy, trust, clock: systemClock }),
    TypeError,
  );
});

test("the options of OpenSSL are those of node:crypto's constants", () => {
  assert.equal(opNoTicket, constants.SSL_OP_NO_TICKET);
  assert.equal(opNoCompression, constants.SSL_OP_NO_COMPRESSION);
  assert.equal(opNoRenegotiation, constants.SSL_OP_NO_RENEGOTIATION);
});

test('a change of the policy closes who it no longer lets in, and nobody else', async (t) => {
  const policy = new MutableSource<PeerPolicy>(allowAnyPeer());
  const trust = new Trust({
    bundles: fixedSource(authority.bundles()),
    revocations: fixedSource(withoutRevocation),
    clock: systemClock,
  });
  const server = createServer(
    policy,
    { trust, credentials: fixedSource(authority.issue('orders')), clock: systemClock },
    (_request, response) => response.end('ok'),
  );
  t.after(() => server.close({ graceMs: 0 }));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const here = { trust, port } as Workload;
  const [web, cron] = [await open(t, here, authority.issue('web')), await open(t, here, authority.issue('cron'))];
  policy.set(spiffeId('spiffe://test.internal/cron'));
  await web.closed;
  await trust.settled();
  assert.deepEqual([...trust.closedByCode], [['CS-PEER-007', 1]]);
  assert.deepEqual(
    trust.connections.all().map(({ peer }) => peer.spiffeId),
    ['spiffe://test.internal/cron'],
  );
  assert.equal(cron.socket.destroyed, false);
  const notOne: unknown = { kind: 'any-peer' };
  assert.throws(() => createServer(fixedSource(notOne as PeerPolicy), optionsOf(trust), () => undefined), TypeError);
});

function optionsOf(trust: Trust): Parameters<typeof createServer>[1] {
  return { trust, credentials: fixedSource(authority.issue('orders')), clock: systemClock };
}

test('connections are found by every issuer key of their path', async (t) => {
  const here = await workload(t);
  await open(t, here, authority.issue('web'));
  await open(t, here, partner.issue('web'));
  const { issuerKey } = authority.revoked(authority.issue('x'));
  const below = here.trust.connections.ofIssuerKey(issuerKey);
  assert.deepEqual(
    below.map(({ peer }) => peer.trustDomain),
    ['test.internal'],
  );
  const rootKey = below[0]?.peer.revocationKeys[1]?.split(':')[0] ?? '';
  assert.deepEqual(here.trust.connections.ofIssuerKey(rootKey), below);
});
