/** A connection while it lives: whether its peer passes, and when it is to be retired. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manualClock, systemClock } from '../../../ground/clock/index.ts';
import { allowAnyPeer } from '../../../identity/authorization/index.ts';
import { type RevocationView, type RevokedEntry, withoutRevocation } from '../../../identity/revocation/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import { createPeerVerifier, fixedSource, MutableSource, Trust } from '../index.ts';
import { LiveConnection } from './live-connection.ts';

const authority = new TestAuthority();

function revoking(number: number, entry: RevokedEntry): RevocationView {
  return {
    number,
    freshUntil: Number.POSITIVE_INFINITY,
    isRevoked: (_issuerKey, serialNumber) => (entry.serialNumber === serialNumber ? entry : undefined),
  };
}

test('a live connection passes until what is trusted no longer lets its peer in, asked in whatever epoch', () => {
  const revocations = new MutableSource<RevocationView>(withoutRevocation);
  const trust = new Trust({ bundles: fixedSource(authority.bundles()), revocations, clock: systemClock });
  const verifier = createPeerVerifier({ peer: 'client', policy: allowAnyPeer(), trust, clock: systemClock });
  const web = authority.issue('web');
  const peer = verifier.verify(web.chain);
  const closed: string[] = [];
  const live = new LiveConnection({
    peer,
    trust,
    verifier,
    close: ({ code }) => closed.push(code),
  });
  assert.ok(live.passes());
  revocations.set(revoking(1, authority.revoked(authority.issue('another'))));
  assert.ok(live.passes(), 'after somebody else was revoked');
  revocations.set(revoking(2, authority.revoked(web)));
  assert.equal(live.passes(), false);
  assert.deepEqual(closed, ['CS-PEER-008']);
});

test('who is to retire a connection hears of it once, ahead of the expiry of either certificate', () => {
  const clock = manualClock(systemClock.now());
  const trust = new Trust({
    bundles: fixedSource(authority.bundles()),
    revocations: fixedSource(withoutRevocation),
    clock,
  });
  const verifier = createPeerVerifier({ peer: 'client', policy: allowAnyPeer(), trust, clock });
  const web = authority.issue('web');
  const peer = verifier.verify(web.chain);
  const ownExpiry = clock.now() + 60_000;
  const live = new LiveConnection({ peer, trust, verifier, close: () => undefined, ownExpiry });
  let heard = 0;
  live.onRetire(() => heard++);
  assert.equal(live.retireAt, ownExpiry - 15_000);
  clock.advance(44_999);
  assert.equal(heard, 0);
  clock.advance(1);
  clock.advance(60_000);
  assert.equal(heard, 1);
  live.onRetire(() => heard++);
  clock.advance(0);
  assert.equal(heard, 2, 'who asks late is told at once');
  live.end();
});
