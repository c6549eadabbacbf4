import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { systemClock } from '../../../ground/clock/index.ts';
import { allowAnyPeer } from '../../../identity/authorization/index.ts';
import { type RevocationView, type RevokedEntry, withoutRevocation } from '../../../identity/revocation/index.ts';
import { createPeerVerifier, fixedSource, MutableSource, Trust } from '../../../runtime/tls/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import {
  clientCertHeaders,
  type ForwardedPeer,
  restingCaller,
  type RestingCallerOptions,
  takeIn,
} from '../../forwarded-identity/index.ts';
import { ForwardedCallers } from './forwarded-callers.ts';
import type { Relayed } from './relayed.ts';

const authority = new TestAuthority();
const policy = allowAnyPeer();

function viewOf(number: number, ...entries: readonly RevokedEntry[]): RevocationView {
  return {
    ...{ number, freshUntil: Number.POSITIVE_INFINITY },
    isRevoked: (issuer, serial) =>
      entries.find(({ issuerKey, serialNumber }) => issuerKey === issuer && serialNumber === serial),
  };
}

class House {
  readonly revocations: MutableSource<RevocationView> = new MutableSource<RevocationView>(withoutRevocation);
  readonly trust: Trust = new Trust({
    ...{ bundles: fixedSource(authority.bundles()), revocations: this.revocations, clock: systemClock },
  });
  readonly #verifier = createPeerVerifier({ peer: 'client', policy, trust: this.trust, clock: systemClock });
  readonly #proxy = this.#verifier.verify(authority.issue('edge').chain);

  peer(held: ReturnType<TestAuthority['issue']>): ForwardedPeer {
    const rawHeaders = clientCertHeaders(this.#verifier.verify(held.chain), []).flat();
    const request = { method: 'GET', host: 'api.test', target: '/', rawHeaders };
    const trustedProxies = [{ who: policy, form: 'rfc9440' as const }];
    const taken = takeIn(this.#proxy, request, { trustedProxies, verifier: this.#verifier, clock: systemClock });
    assert.ok(taken.kind === 'forwarded');
    return taken.peer;
  }

  /** A request of it. */
  of(peer: ForwardedPeer): Relayed {
    const resting = (_host: string, whose: ForwardedPeer, ends: Pick<RestingCallerOptions, 'carried' | 'close'>) =>
      restingCaller(whose, { trust: this.trust, verifier: this.#verifier, ...ends });
    const generation = { forwarding: { resting } } as never;
    const question = { host: 'api.test', method: 'GET', target: '/' };
    return {
      place: -1,
      caller: undefined,
      relayed: { peer, question, asker: undefined, generation },
      end: () => undefined,
    };
  }
}

test('what goes on ends with the certificate, counted as often; what is over by then is not', () => {
  const house = new House();
  const ended: unknown[] = [];
  const callers = new ForwardedCallers(({ open }, { code, evidence }) => ended.push([open, code, evidence['code']]));
  const [web, cron] = [authority.issue('web'), authority.issue('cron')];
  const [one, two, three, over] = [web, web, web, cron].map((held) => house.of(house.peer(held)));
  for (const entered of [one, two, three, over]) assert.equal(entered && callers.enter(entered, undefined), undefined);
  assert.equal(house.trust.connections.size, 2, 'one for each caller');
  if (over) callers.leave(over);
  house.revocations.set(viewOf(1, authority.revoked(web), authority.revoked(cron)));
  assert.deepEqual(ended, [
    [3, 'CS-GATEWAY-052', 'CS-PEER-008'],
    [0, 'CS-GATEWAY-052', 'CS-PEER-008'],
  ]);
  assert.deepEqual([...house.trust.closedByCode], [['CS-PEER-008', 3]]);
  assert.equal(house.trust.closedTotal, 3);
});

test('who fell after the look at its certificate does not begin, and of what it sends nothing is handed on', () => {
  const house = new House();
  const callers = new ForwardedCallers(() => undefined);
  const [web, cron] = [authority.issue('web'), authority.issue('cron')];
  const [begun, late] = [house.of(house.peer(web)), house.of(house.peer(cron))];
  const body = new PassThrough();
  assert.equal(callers.enter(begun, body), undefined);
  body.write('before');
  house.revocations.set(viewOf(1, authority.revoked(web), authority.revoked(cron)));
  body.write('after');
  assert.equal(String(body.read()), 'before');
  const refusal = callers.enter(late, undefined);
  assert.deepEqual([refusal?.code, refusal?.evidence['code']], ['CS-GATEWAY-052', 'CS-PEER-008']);
  assert.equal(late.caller, undefined);
});

test('those who have nothing under way are forgotten where there are many, and only those', () => {
  const house = new House();
  const callers = new ForwardedCallers(() => undefined, 4);
  const [busy, ...idle] = ['a', 'b', 'c', 'd'].map((name) => house.of(house.peer(authority.issue(name))));
  for (const one of [busy, ...idle]) if (one) callers.enter(one, undefined);
  for (const one of idle) callers.leave(one);
  assert.equal(house.trust.connections.size, 4);
  const next = house.of(house.peer(authority.issue('e')));
  callers.enter(next, undefined);
  assert.equal(house.trust.connections.size, 2);
  assert.ok(busy?.caller?.resting?.passes());
});
