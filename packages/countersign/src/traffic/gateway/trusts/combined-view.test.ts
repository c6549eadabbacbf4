import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manualClock } from '../../../ground/clock/index.ts';
import { allowAnyPeer } from '../../../identity/authorization/index.ts';
import type { RevocationView } from '../../../identity/revocation/index.ts';
import { createPeerVerifier, fixedSource, LiveConnection, MutableSource, Trust } from '../../../runtime/tls/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import { CombinedView } from './combined-view.ts';

const domains = ['bank.test', 'other.test'] as const;
const [bank, other] = domains.map((trustDomain) => new TestAuthority({ trustDomain })) as [
  TestAuthority,
  TestAuthority,
];
const plain = new TestAuthority({ trustDomain: 'plain.test' });

class House {
  readonly clock: ReturnType<typeof manualClock> = manualClock(Date.now());
  readonly start: number = this.clock.now();
  readonly #views = new Map<string, RevocationView>();
  readonly #revocations: MutableSource<RevocationView>;
  readonly trust: Trust;
  readonly verify: (authority: TestAuthority) => ReturnType<ReturnType<typeof createPeerVerifier>['verify']>;
  readonly closed: string[] = [];

  /** Feeds of the first two domains; the third has none. */
  constructor(continues: boolean = false) {
    for (const name of domains) this.#set(name, 10_000);
    this.#revocations = new MutableSource<RevocationView>(this.#view(continues));
    const bundles = fixedSource(bank.bundles(other, plain));
    this.trust = new Trust({ bundles, revocations: this.#revocations, clock: this.clock });
    const verifier = createPeerVerifier({
      peer: 'client',
      policy: allowAnyPeer(),
      trust: this.trust,
      clock: this.clock,
    });
    this.verify = (authority) => verifier.verify(authority.issue('web').chain);
    for (const authority of [bank, other, plain]) {
      const close: LiveConnection['close'] = ({ code }) => void this.closed.push(`${authority.trustDomain} ${code}`);
      new LiveConnection({ peer: this.verify(authority), trust: this.trust, verifier, close });
    }
  }

  /** A heartbeat. @param untilMs from the start */
  hear(trustDomain: string, untilMs: number): void {
    this.#set(trustDomain, untilMs);
    this.#revocations.set(this.#view(false));
  }

  #set(trustDomain: string, untilMs: number): void {
    const freshUntil = this.start + untilMs;
    const view = { number: 1, freshUntil, isRevoked: () => undefined, addedSince: () => [] };
    this.#views.set(trustDomain, view);
  }

  #view(continues: boolean): CombinedView {
    return new CombinedView([...this.#views].map(([trustDomain, view]) => ({ trustDomain, view, continues })));
  }
}

const ended = { code: 'CS-PEER-010' };

test('a lease that ends closes the peers of its trust domain, and lets none of them in; those of the others go on', () => {
  const house = new House();
  house.hear('other.test', 25_000);
  house.clock.advance(10_000);
  assert.deepEqual(house.closed, ['bank.test CS-PEER-010']);
  assert.throws(() => house.verify(bank), ended);
  house.verify(other);
  house.verify(plain);
  assert.equal(house.trust.fresh, false, 'not of all');
  house.clock.advance(15_000);
  assert.deepEqual(house.closed, ['bank.test CS-PEER-010', 'other.test CS-PEER-010']);
  assert.throws(() => house.verify(other), ended);
  house.hear('bank.test', 60_000);
  house.verify(bank);
  assert.throws(() => house.verify(other), ended);
  house.verify(plain);
});

test('what one authority says does not lengthen the lease of another, though the wall clock was set back', () => {
  const house = new House();
  house.clock.advance(5_000);
  house.clock.setNow(house.start - 20_000);
  house.hear('other.test', 20_000);
  house.clock.advance(5_000);
  assert.deepEqual(house.closed, ['bank.test CS-PEER-010']);
  assert.throws(() => house.verify(bank), ended);
  house.verify(other);
});

test('where it is written that it counts beyond its lease, nothing ends', () => {
  const house = new House(true);
  house.clock.advance(60_000);
  assert.deepEqual(house.closed, []);
  house.verify(bank);
});
