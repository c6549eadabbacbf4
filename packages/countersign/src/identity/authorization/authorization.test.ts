/** Peer policies: what they let in, what not, and that nothing else passes for one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal } from '../../ground/errors/index.ts';
import {
  allowAnyPeer,
  anyOf,
  decide,
  describe,
  dnsName,
  dnsNamePattern,
  isPeerPolicy,
  type PeerPolicy,
  spiffeId,
  spiffeIdPattern,
} from './index.ts';

const nobody = { dnsNames: [], ipAddresses: [], uris: [], spkiPin: '' };

function allows(policy: PeerPolicy, names: { id?: string; dns?: string[]; ip?: string[] }): boolean {
  return decide(policy, {
    spiffeId: names.id,
    dnsNames: names.dns ?? [],
    ipAddresses: names.ip ?? [],
    uris: [],
    spkiPin: '',
  }).allowed;
}

test('a SPIFFE ID is compared whole and exactly', () => {
  const policy = spiffeId('spiffe://a.test/web');
  assert.ok(allows(policy, { id: 'spiffe://a.test/web' }));
  for (const id of [
    'spiffe://a.test/Web',
    'spiffe://a.test/web/',
    'spiffe://a.test/web/x',
    'spiffe://a.test.evil/web',
    'spiffe://b.test/web',
    'spiffe://a.test/we%62',
    undefined,
  ]) {
    assert.ok(!allows(policy, { ...(id === undefined ? {} : { id }), dns: ['spiffe://a.test/web', 'web'] }), id);
  }
  assert.throws(
    () => spiffeId('spiffe://a.test/*'),
    (error) => isRefusal(error) && error.code === 'CS-SPIFFE-001',
  );
});

test('a pattern stands for whole segments', () => {
  const one = spiffeIdPattern('spiffe://a.test/ns/*/web');
  assert.ok(allows(one, { id: 'spiffe://a.test/ns/shop/web' }));
  for (const path of [
    'ns/web',
    'ns/shop/x/web',
    'ns/shop/web/x',
    'ns/shop/webb',
    'NS/shop/web',
    'ns//web',
    'ns/shop',
  ]) {
    assert.ok(!allows(one, { id: `spiffe://a.test/${path}` }), path);
  }
  assert.ok(!allows(one, { id: 'spiffe://b.test/ns/shop/web' }));
  const rest = spiffeIdPattern('spiffe://a.test/ns/**');
  assert.ok(allows(rest, { id: 'spiffe://a.test/ns/shop' }));
  assert.ok(allows(rest, { id: 'spiffe://a.test/ns/shop/web' }));
  for (const path of ['ns', 'nsx/shop', 'other/ns/shop'])
    assert.ok(!allows(rest, { id: `spiffe://a.test/${path}` }), path);
  assert.ok(allows(spiffeIdPattern('spiffe://a.test/**'), { id: 'spiffe://a.test/x' }));
  for (const pattern of [
    'spiffe://*/web',
    'spiffe://a.test',
    'spiffe://a.test/**/web',
    'spiffe://a.test/w*b',
    'spiffe://a.test/*b',
    'spiffe://a.test/***',
    'spiffe://a.test/[a-z]',
    'spiffe://a.*/web',
    'spiffe://a.test/../web',
  ]) {
    assert.throws(
      () => spiffeIdPattern(pattern),
      (error) => isRefusal(error) && error.code === 'CS-SPIFFE-001',
      pattern,
    );
  }
});

test('DNS names are compared as names: case folds, nothing else', () => {
  const policy = dnsName('Web.Internal');
  assert.ok(allows(policy, { dns: ['x.internal', 'WEB.internal'] }));
  for (const name of [
    'web.internal.',
    '*.internal',
    'web.internal\u0000.evil',
    'web.internal,x',
    'webXinternal',
    'a.web.internal',
    ' web.internal',
    'web.internal.evil',
    'wéb.internal',
  ]) {
    assert.ok(!allows(policy, { dns: [name] }), name);
  }
  // The Kelvin sign becomes "k" in toLowerCase().
  assert.ok(!allows(dnsName('kiosk.internal'), { dns: ['\u212Aiosk.internal'] }));
  assert.ok(!allows(dnsName('127.0.0.1'), { ip: ['127.0.0.1'] }));
  for (const name of ['', '.', 'a..b', '*.internal', 'web.internal.', '-a', 'a b', `${'a'.repeat(64)}.x`])
    assert.throws(() => dnsName(name), TypeError, name);
});

test('a DNS pattern stands for one label', () => {
  const policy = dnsNamePattern('*.shop.internal');
  assert.ok(allows(policy, { dns: ['web.shop.internal'] }));
  for (const name of ['shop.internal', 'a.web.shop.internal', '*.shop.internal', 'web.shopxinternal', '.shop.internal'])
    assert.ok(!allows(policy, { dns: [name] }), name);
  for (const pattern of ['shop.internal', '*', '*.', '*.*.internal', 'w*.internal', '**.internal'])
    assert.throws(() => dnsNamePattern(pattern), TypeError, pattern);
});

test('any of several, and anybody only where it is spelled out', () => {
  const policy = anyOf(spiffeId('spiffe://a.test/web'), dnsName('web.internal'));
  assert.ok(allows(policy, { dns: ['web.internal'] }));
  assert.ok(!allows(policy, { dns: ['cron.internal'] }));
  assert.equal(describe(policy), 'spiffe://a.test/web or web.internal');
  assert.throws(() => anyOf(), TypeError);
  assert.ok(allows(allowAnyPeer(), {}));
});

test('a look-alike is no policy, in types or at run time', () => {
  const lookAlike = { kind: 'any-peer' };
  // @ts-expect-error -- a policy is made by this room alone
  const typed: PeerPolicy = lookAlike; // eslint-disable-line @typescript-eslint/no-unsafe-class-instance-assignment -- what is tried
  assert.ok(!isPeerPolicy(typed));
  assert.ok(!isPeerPolicy(Object.create(Object.getPrototypeOf(allowAnyPeer()) as object)));
  assert.throws(() => decide(typed, nobody), TypeError);
  // @ts-expect-error -- a policy must be given
  assert.throws(() => decide(undefined, nobody), TypeError);
  assert.throws(() => anyOf(typed), TypeError);
  const Policy = allowAnyPeer().constructor as new (token: symbol, rule: unknown) => PeerPolicy;
  assert.throws(() => new Policy(Symbol('made by this room'), lookAlike), TypeError);
});
