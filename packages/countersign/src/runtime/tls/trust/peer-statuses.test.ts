/** The status of peers while they are connected: who is asked about, when again, and who goes because of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manualClock, type ManualClock } from '../../../ground/clock/index.ts';
import { allowAnyPeer, type PeerPolicy, spiffeId } from '../../../identity/authorization/index.ts';
import { withoutRevocation } from '../../../identity/revocation/index.ts';
import {
  goodForEver,
  notKnown,
  revokedByList,
  TestAuthority,
  type Told,
  ToldCheck,
} from '../../../surfaces/testing/index.ts';
import { createPeerVerifier, type Credential, fixedSource, type PeerVerifier, Trust } from '../index.ts';
import { LiveConnection } from './live-connection.ts';
import type { CertificateStatus } from './status-check.ts';

const start = Date.UTC(2026, 5, 1);

class House {
  readonly clock: ManualClock = manualClock(start);
  readonly authority: TestAuthority = new TestAuthority({ clock: this.clock });
  readonly partner: TestAuthority = new TestAuthority({ trustDomain: 'partner.test', clock: this.clock });
  readonly check: ToldCheck;
  readonly trust: Trust;
  readonly verifier: PeerVerifier;
  readonly closed: string[] = [];

  constructor(told: Told, undetermined?: 'letInUnlessKnownRevoked', policy: PeerPolicy = allowAnyPeer()) {
    const { clock } = this;
    this.check = new ToldCheck(told);
    this.trust = new Trust({
      bundles: fixedSource(this.authority.bundles(this.partner)),
      revocations: fixedSource(withoutRevocation),
      clock,
      statusChecks: [this.check],
      ...(undetermined === undefined ? {} : { undetermined }),
    });
    this.verifier = createPeerVerifier({ peer: 'client', policy, trust: this.trust, clock });
  }

  issue(name: string, authority: TestAuthority = this.authority): Credential {
    return authority.issue(name, { notAfterMs: 86_400_000 });
  }

  open({ chain }: Credential): LiveConnection {
    const { trust, verifier } = this;
    const peer = verifier.verify(chain);
    const close = ({ code }: { code: string }): void => void this.closed.push(`${peer.name} ${code}`);
    return new LiveConnection({ peer, trust, verifier, close });
  }
}

const goodFor =
  (ms: number): Told =>
  ({ at }) => ({ status: 'good', freshUntil: at + ms });

test('a known peer is asked about once, whatever its number of connections', () => {
  const house = new House(() => goodForEver);
  const web = house.issue('web');
  for (let times = 0; times < 10; times++) assert.ok(house.open(web).passes());
  assert.equal(house.check.asked, 1);
});

test('the check is asked about every certificate below the anchor, and never about a peer that is not allowed', () => {
  const places: number[] = [];
  const house = new House(
    (_question, place) => {
      places.push(place);
      return goodForEver;
    },
    undefined,
    spiffeId('spiffe://test.internal/web'),
  );
  assert.throws(() => house.open(house.issue('cron')), { code: 'CS-PEER-007' });
  assert.deepEqual(places, []);
  house.open(house.issue('web'));
  assert.deepEqual(places, [0, 1]);
});

test('what is told as a change of issuers is looked at again, what is of others is not', async () => {
  const house = new House(() => goodForEver);
  const [web, cron] = [house.open(house.issue('web')), house.open(house.issue('cron'))];
  const beside = house.open(house.issue('beside', house.partner));
  const asked = house.check.asked;
  house.check.tell(
    ({ path }) => {
      const serialNumber = path.certificates[0]?.serialNumber ?? '';
      return serialNumber === web.peer.serialNumber ? revokedByList(serialNumber) : goodForEver;
    },
    { kind: 'issuers', issuerKeys: [web.peer.issuerKey] },
  );
  await house.trust.settled();
  assert.deepEqual(house.closed, ['spiffe://test.internal/web CS-PEER-008']);
  assert.ok(!web.passes() && cron.passes() && beside.passes());
  assert.equal(house.check.asked - asked, 2, 'web and cron');
  assert.deepEqual([...house.trust.closedByCode], [['CS-PEER-008', 1]]);
});

test('a change of certificates, and one of everything', async () => {
  const house = new House(() => goodForEver);
  const live = [house.open(house.issue('web')), house.open(house.issue('cron'))];
  const revokes: Told = ({ path }) => revokedByList(path.certificates[0]?.serialNumber ?? '', 'certificateHold');
  const [key = ''] = live[0]?.peer.revocationKeys ?? [];
  house.check.tell(revokes, { kind: 'certificates', revocationKeys: [key] });
  assert.deepEqual(house.closed, ['spiffe://test.internal/web CS-PEER-020'], 'before the change returns');
  house.check.tell(revokes, { kind: 'everything' });
  await house.trust.settled();
  assert.equal(house.closed[1], 'spiffe://test.internal/cron CS-PEER-020');
});

test('what ran out lets nothing through, though nobody told of it; where there is something newer it goes on', () => {
  const house = new House(goodFor(400));
  // Shorter than any timer looks.
  const live = house.open(house.issue('web'));
  house.clock.advance(399);
  assert.ok(live.passes());
  house.clock.advance(1);
  assert.ok(live.passes(), 'asked again, and good for as long again');
  house.check.tell(() => notKnown);
  house.clock.advance(399);
  assert.ok(live.passes());
  house.clock.advance(1);
  assert.equal(live.isCurrent(), false);
  assert.throws(() => house.trust.requireCurrent(live.peer), { code: 'CS-PEER-021' });
  assert.equal(live.passes(), false);
  assert.deepEqual(house.closed, ['spiffe://test.internal/web CS-PEER-021']);
  assert.throws(() => house.verifier.verifyAgain(live.peer), { code: 'CS-PEER-021' });
});

test('an idle connection is closed when it ran out; a client that wakes from a sleep does so before it uses one', () => {
  const house = new House(goodFor(60_000));
  house.open(house.issue('web'));
  house.check.tell(() => notKnown);
  house.clock.advance(61_000);
  assert.deepEqual(house.closed, ['spiffe://test.internal/web CS-PEER-021']);
  house.check.tell(goodFor(500));
  house.open(house.issue('cron'));
  house.check.tell(() => notKnown);
  house.clock.advance(600);
  house.trust.enforceLease();
  assert.equal(house.closed[1], 'spiffe://test.internal/cron CS-PEER-021');
});

test('softness goes on without an answer, not with the revoked, and asks for each connection anew', () => {
  const lastKnown = 'revoked';
  const hard = new House(() => notKnown);
  assert.throws(() => hard.open(hard.issue('web')), { code: 'CS-PEER-021' });
  const house = new House(() => notKnown, 'letInUnlessKnownRevoked');
  const web = house.issue('web');
  const live = [house.open(web), house.open(web)];
  assert.equal(house.check.asked, 2);
  house.clock.advance(3_600_000);
  assert.ok(live.every((one) => one.passes()));
  const was: CertificateStatus = { ...notKnown, lastKnown } as CertificateStatus;
  house.check.tell(() => was, { kind: 'everything' });
  assert.deepEqual(new Set(house.closed), new Set(['spiffe://test.internal/web CS-PEER-021']));
  assert.throws(() => house.open(web), { code: 'CS-PEER-021' });
  house.check.tell(({ path }) => revokedByList(path.certificates[0]?.serialNumber ?? ''));
  assert.throws(() => house.open(web), { code: 'CS-PEER-008' });
});

test('it ends its watching with the trust; what is no check, or no known softness, is a mistake', () => {
  const house = new House(() => goodForEver);
  assert.equal(house.check.watchers, 1);
  house.trust.close();
  assert.equal(house.check.watchers, 0);
  const { bundles, revocations, clock } = house.trust;
  for (const wrong of [{ statusChecks: [{}] }, { statusChecks: {} }, { undetermined: 'letIn' }, { undetermined: true }])
    assert.throws(() => new Trust({ bundles, revocations, clock, ...(wrong as object) }), TypeError);
  assert.equal(new Trust({ bundles, revocations, clock }).statuses, undefined);
});
