/** Changes of trust over thousands of live connections: who is marked, who goes, in which order, and how long anything else waits. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Clock, manualClock, type ManualClock } from '../../../ground/clock/index.ts';
import type { RefusalCode } from '../../../ground/errors/index.ts';
import { allowAnyPeer, anyOf, type PeerPolicy, spiffeId } from '../../../identity/authorization/index.ts';
import {
  type ChangeMessage,
  RevocationState,
  type RevocationView,
  type RevokedEntry,
  type StateMessage,
  withoutRevocation,
} from '../../../identity/revocation/index.ts';
import { BundleSet } from '../../../identity/spiffe/index.ts';
import { type Certificate, encodeName, parseCertificate } from '../../../identity/x509/index.ts';
import { TestAuthority, type TestCertificate } from '../../../surfaces/testing/index.ts';
import { generatePrivateKey } from '../../cryptography/index.ts';
import { createPeerVerifier, type Credential, MutableSource, Trust } from '../index.ts';
import { LiveConnection, type LiveConnectionOptions } from './live-connection.ts';
import { fewest, urgentSliceMs } from './sliced-work.ts';

const start = Date.UTC(2026, 5, 1);
const dayMs = 86_400_000;

/** Fresh for ever unless told otherwise, and exact about what was added. */
function viewOf(
  number: number,
  revoked: readonly RevokedEntry[],
  freshUntil = Number.POSITIVE_INFINITY,
): RevocationView {
  return {
    number,
    freshUntil,
    isRevoked: (issuerKey, serialNumber) =>
      revoked.find((entry) => entry.issuerKey === issuerKey && entry.serialNumber === serialNumber),
    addedSince: () => revoked,
  };
}

class House {
  readonly manual: ManualClock = manualClock(start);
  readonly authority: TestAuthority = new TestAuthority({ clock: this.manual });
  readonly partner: TestAuthority = new TestAuthority({ trustDomain: 'partner.test', clock: this.manual });
  readonly bundles: MutableSource<BundleSet> = new MutableSource(this.authority.bundles(this.partner));
  readonly revocations: MutableSource<RevocationView> = new MutableSource(withoutRevocation);
  readonly policy: MutableSource<PeerPolicy> = new MutableSource<PeerPolicy>(allowAnyPeer());
  readonly closed: { readonly name: string; readonly code: RefusalCode }[] = [];
  /** Closing one takes so long on the monotonic clock. */
  closingMs = 0;
  #spentMs = 0;
  readonly clock: Clock = { ...this.manual, monotonic: () => this.manual.monotonic() + this.#spentMs };
  readonly trust: Trust = new Trust({ bundles: this.bundles, revocations: this.revocations, clock: this.clock });
  readonly verifier: ReturnType<typeof createPeerVerifier> = createPeerVerifier({
    peer: 'client',
    policy: this.policy,
    trust: this.trust,
    clock: this.clock,
  });

  issue(name: string, authority: TestAuthority = this.authority): Credential {
    return authority.issue(name, { notAfterMs: dayMs });
  }

  open(count: number, { chain }: Credential, more: Partial<LiveConnectionOptions> = {}): LiveConnection[] {
    const { trust, verifier } = this;
    return Array.from({ length: count }, () => {
      const peer = verifier.verify(chain);
      const close: LiveConnectionOptions['close'] = ({ code }) => {
        this.#spentMs += this.closingMs;
        this.closed.push({ name: peer.name, code });
      };
      return new LiveConnection({ peer, trust, verifier, close, ...more });
    });
  }
}

test('of 2,000 connections of one identity none hands anything on once it is revoked; they are closed in slices, and others go on', async () => {
  const house = new House();
  const [web, cron] = [house.issue('web'), house.issue('cron')];
  const [marked, others] = [house.open(2_000, web), house.open(500, cron)];
  house.closingMs = 0.125;
  house.revocations.set(viewOf(1, [house.authority.revoked(web)]));
  const inFirstSlice = house.closed.length;
  assert.equal(inFirstSlice, urgentSliceMs / house.closingMs);
  assert.equal(house.trust.pending, 2_000 - inFirstSlice);
  assert.ok(others.every((live) => live.passes()));
  assert.equal(house.closed.length, inFirstSlice, 'the others were not in the way');
  const settled = house.trust.settled();
  let most = 0;
  for (let before = inFirstSlice; house.trust.pending > 0; before = house.closed.length) {
    await new Promise((resolve) => setImmediate(resolve));
    most = Math.max(most, house.closed.length - before);
  }
  await settled;
  assert.ok(most * house.closingMs < 5, `${String(most)} in one slice`);
  assert.ok(marked.every((live) => !live.passes()));
  assert.deepEqual([...house.trust.closedByCode], [['CS-PEER-008', 2_000]]);
  assert.equal(house.trust.connections.size, 500);
});

test('the gate is shut before the slice comes: asked meanwhile, a marked connection hands nothing on, and is closed in its turn', async () => {
  const house = new House();
  const web = house.issue('web');
  const live = house.open(200, web);
  house.closingMs = 1;
  house.revocations.set(viewOf(1, [house.authority.revoked(web)]));
  assert.equal(house.closed.length, fewest);
  assert.ok(live.every((one) => !one.passes()));
  assert.equal(house.closed.length, fewest, 'data that comes in on all of them makes no slice longer');
  await house.trust.settled();
  assert.equal(house.closed.length, 200, 'each once');
});

test('one that was refused by the gate is closed, even where it would pass again when its turn comes', async () => {
  const house = new House();
  const web = house.issue('web');
  const live = house.open(200, web);
  house.closingMs = 1;
  house.revocations.set(viewOf(1, [house.authority.revoked(web)]));
  const last = live.at(-1);
  assert.equal(last?.passes(), false);
  house.revocations.set({ number: 2, freshUntil: Number.POSITIVE_INFINITY, isRevoked: () => undefined });
  assert.equal(last.passes(), false, 'what it did not hand on would be missing');
  assert.equal(live.at(-2)?.passes(), true);
  await house.trust.settled();
  assert.equal(house.closed.length, fewest + 1);
});

test('a connection that no index found is held by the gate all the same', () => {
  const house = new House();
  const web = house.issue('web');
  const [live] = house.open(1, web);
  // Says that somebody else was added alone: what the index goes by is wrong.
  const entry = house.authority.revoked(web);
  house.revocations.set({ ...viewOf(1, [entry]), addedSince: () => [house.authority.revoked(house.issue('other'))] });
  assert.equal(house.closed.length, 0);
  assert.equal(live?.passes(), false);
  assert.deepEqual(house.closed, [{ name: 'spiffe://test.internal/web', code: 'CS-PEER-008' }]);
});

test('a change of policy closes exactly who lost', async () => {
  const house = new House();
  const names = Array.from({ length: 20 }, (_, nth) => `service-${String(nth)}`);
  for (const name of names) house.open(100, house.issue(name));
  const kept = names.slice(5).map((name) => `spiffe://test.internal/${name}`);
  house.closingMs = 0.125;
  house.policy.set(anyOf(...(kept.map((id) => spiffeId(id)) as [PeerPolicy, ...PeerPolicy[]])));
  await house.trust.settled();
  assert.deepEqual([...house.trust.closedByCode], [['CS-PEER-007', 500]]);
  assert.deepEqual(new Set(house.trust.connections.all().map(({ peer }) => peer.name)), new Set(kept));
  assert.equal(house.trust.connections.size, 1_500);
});

test('those under an anchor that was taken away go first; who passes under the new bundle stays', async () => {
  const house = new House();
  const older = new TestAuthority({ clock: house.manual });
  const both = {
    ...house.authority.bundle(2),
    anchors: [house.authority.root, older.root],
    intermediates: [house.authority.issuer, older.issuer],
  };
  house.bundles.set(new BundleSet('test.internal', [both, house.partner.bundle()]));
  const staying = house.open(1_000, house.issue('web'));
  const going = house.open(1_000, house.issue('old', older));
  const beside = house.open(10, house.issue('beside', house.partner));
  house.closingMs = 0.125;
  house.bundles.set(house.bundles.current().with(house.authority.bundle(3)));
  // A slice of them is closed, and nobody else was looked at for it.
  assert.equal(house.trust.pending, 2_000 - urgentSliceMs / house.closingMs);
  await house.trust.settled();
  assert.deepEqual([...house.trust.closedByCode], [['CS-PEER-002', 1_000]]);
  assert.ok(going.every((live) => !live.passes()));
  assert.ok([...staying, ...beside].every((live) => live.passes()));
});

/** An authority, and another certificate of its root for the key of its issuer. */
function withTwoIssuers(clock: Clock): { authority: TestAuthority; other: Certificate } {
  const [rootKey, issuerKey] = [generatePrivateKey('P-256'), generatePrivateKey('P-256')];
  const subject = encodeName({ commonName: 'Issuer' });
  const certificate = (by: TestAuthority, wanted: TestCertificate): Certificate =>
    parseCertificate(
      by.issue('-', { ca: true, usages: [], names: {}, notAfterMs: 10 * dayMs, ...wanted }).chain[0] ??
        new Uint8Array(),
    );
  const draft = new TestAuthority({ clock });
  const root = certificate(draft, { signer: 'self', key: rootKey, subject: encodeName({ commonName: 'Root' }) });
  const signing = new TestAuthority({ clock, keys: { root, rootKey, issuer: draft.issuer, issuerKey } });
  const [issuer, other] = [1, 2].map(() => certificate(signing, { signer: 'root', key: issuerKey, subject }));
  assert.ok(issuer !== undefined && other !== undefined);
  return { authority: new TestAuthority({ clock, keys: { root, rootKey, issuer, issuerKey } }), other };
}

test('after a change of bundles a connection stands by its new path, and what revokes that ends it', () => {
  const house = new House();
  const { authority, other } = withTwoIssuers(house.manual);
  house.bundles.set(authority.bundles());
  const web = house.issue('web', authority);
  const [live] = house.open(1, { ...web, chain: web.chain.slice(0, 1) });
  const [, before] = live?.peer.revocationKeys ?? [];
  house.bundles.set(house.bundles.current().with({ ...authority.bundle(2), intermediates: [other] }));
  const [, after = ''] = live?.peer.revocationKeys ?? [];
  assert.notEqual(after, before);
  assert.equal(after.split(':')[1], other.serialNumber);
  const entry = { ...house.authority.revoked(house.issue('x')), issuerKey: after.split(':')[0] ?? '' };
  house.revocations.set(viewOf(1, [{ ...entry, serialNumber: authority.issuer.serialNumber }]));
  assert.equal(live?.passes(), true, 'the path of before is nothing to it');
  house.revocations.set(viewOf(2, [{ ...entry, serialNumber: other.serialNumber }]));
  assert.equal(house.closed[0]?.code, 'CS-PEER-008');
});

test('a longest life ends a connection, ahead of which it is given up', () => {
  const house = new House();
  const options = { longestLifeMs: 60_000 };
  const [live] = house.open(1, house.issue('web'), options);
  let retired = 0;
  live?.onRetire(() => retired++);
  assert.equal(live?.retireAt, start + 45_000);
  house.manual.advance(45_000);
  assert.equal(retired, 1);
  house.manual.advance(14_999);
  assert.equal(live.passes(), true);
  house.manual.advance(1);
  assert.deepEqual(house.closed, [{ name: 'spiffe://test.internal/web', code: 'CS-PEER-013' }]);
  assert.equal(house.trust.connections.size, 0);
  const [short] = house.open(1, house.authority.issue('short', { notAfterMs: 20_000 }), options);
  house.manual.advance(21_000);
  assert.equal(short?.passes(), false);
  assert.equal(house.closed.at(-1)?.code, 'CS-PEER-003', 'the certificate ended before');
});

test('the end of the lease, and of thousands of certificates, comes in slices too; one that was renewed meanwhile goes on', async () => {
  const house = new House();
  house.open(500, house.issue('web'));
  house.closingMs = 0.125;
  house.revocations.set(viewOf(1, [], start + 30_000));
  house.manual.advance(30_000);
  assert.equal(house.closed.length, urgentSliceMs / house.closingMs);
  const [left] = house.trust.connections.all();
  assert.equal(left instanceof LiveConnection && left.passes(), false);
  await house.trust.settled();
  assert.deepEqual([...house.trust.closedByCode], [['CS-PEER-010', 500]]);
  house.revocations.set(viewOf(2, [], start + 10 * dayMs));
  house.open(500, house.authority.issue('cron', { notAfterMs: 60_000 }));
  assert.equal(house.manual.pending, 2, 'a timer for the lease, and one for all connections');
  house.manual.advance(61_000);
  await house.trust.settled();
  assert.equal(house.trust.closedByCode.get('CS-PEER-003'), 500);
});

test('who was verified under a policy that is gone, or before a revocation, is not let in from memory', () => {
  const house = new House();
  const web = house.issue('web');
  const peer = house.verifier.verify(web.chain);
  house.revocations.set(viewOf(1, [house.authority.revoked(house.issue('other'))]));
  assert.equal(house.verifier.verify(web.chain), peer, 'somebody else was revoked');
  assert.equal(house.verifier.verifyAgain(peer), peer);
  house.policy.set(spiffeId('spiffe://test.internal/cron'));
  assert.throws(() => house.verifier.verify(web.chain), { code: 'CS-PEER-007' });
  assert.throws(() => house.verifier.verifyAgain(peer), { code: 'CS-PEER-007' });
  house.policy.set(allowAnyPeer());
  assert.notEqual(house.verifier.verify(web.chain), peer);
  house.revocations.set(viewOf(2, [house.authority.revoked(web)]));
  assert.throws(() => house.verifier.verify(web.chain), { code: 'CS-PEER-008' });
  assert.throws(() => house.verifier.verifyAgain(peer), { code: 'CS-PEER-008' });
});

test('a revoked identity, and a revoked issuer, close what they concern before the change returns, and nothing else; a released one is let in', () => {
  const house = new House();
  const [web, cron] = [house.issue('web'), house.issue('cron')];
  const [webs, crons] = [house.open(3, web), house.open(2, cron)];
  const at = { revokedAt: start, expiresAt: start + dayMs, reason: 'unspecified' } as const;
  const known = RevocationState.unknown.apply(stateMessage(1, house), start);
  house.revocations.set(known);
  const identity = webs[0]?.peer.spiffeId ?? '';
  const byIdentity = known.apply(
    changeMessage(2, { scopes: [{ kind: 'identity', identity, notBeforeUntil: start, ...at }] }),
    start,
  );
  house.revocations.set(byIdentity);
  assert.deepEqual(house.closed.splice(0), Array(3).fill({ name: identity, code: 'CS-PEER-008' }));
  assert.throws(() => house.verifier.verify(web.chain), { code: 'CS-PEER-008' });
  assert.ok(crons.every((live) => live.passes()));
  const held = byIdentity.apply(
    changeMessage(3, { revoked: [{ ...house.authority.revoked(cron), reason: 'certificateHold' }] }),
    start,
  );
  house.revocations.set(held);
  assert.deepEqual(
    house.closed.splice(0).map(({ code }) => code),
    ['CS-PEER-020', 'CS-PEER-020'],
  );
  assert.throws(() => house.verifier.verify(cron.chain), { code: 'CS-PEER-020' });
  const { issuerKey, serialNumber } = house.authority.revoked(cron);
  const free = held.apply(
    changeMessage(4, { released: [{ issuerKey, serialNumber, expiresAt: at.expiresAt }] }),
    start,
  );
  house.revocations.set(free);
  assert.equal(house.open(1, cron)[0]?.passes(), true);
  const byIssuer = free.apply(changeMessage(5, { scopes: [{ kind: 'issuer', issuerKey, ...at }] }), start);
  house.revocations.set(byIssuer);
  assert.deepEqual(
    house.closed.splice(0).map(({ code }) => code),
    ['CS-PEER-008'],
  );
  assert.throws(() => house.verifier.verify(cron.chain), { code: 'CS-PEER-008' });
});

const numbered = (number: number) =>
  ({ authority: 'ef'.repeat(32), number, at: start, audit: { sequence: 1, hash: 'cd'.repeat(32) } }) as const;

function changeMessage(number: number, over: Partial<ChangeMessage>): ChangeMessage {
  return { ...numbered(number), kind: 'change', revoked: [], ...over };
}

function stateMessage(number: number, { authority: { trustDomain } }: House): StateMessage {
  return {
    ...numbered(number),
    ...{ kind: 'state', revoked: [], leaseMs: dayMs, heartbeatMs: 5_000 },
    bundle: { trustDomain, sequence: 1, anchors: ['pem'], intermediates: [] },
  };
}
