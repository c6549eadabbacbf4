import assert from 'node:assert/strict';
import { test } from 'node:test';

import { grantNames, listNames } from './names.ts';
import { authorityServerProfile, serviceProfile } from './profile.ts';

const grant = (...names: string[]): string[] => listNames(grantNames(names, 'dev.internal', serviceProfile));

test('a SPIFFE ID is added from the first name where none is asked for', () => {
  assert.deepEqual(grant('web', 'db'), ['web', 'db', 'spiffe://dev.internal/web']);
  assert.deepEqual(grant('web', 'spiffe://dev.internal/ns/shop/sa/web'), [
    'web',
    'spiffe://dev.internal/ns/shop/sa/web',
  ]);
  assert.deepEqual(grant('spiffe://dev.internal/web'), ['spiffe://dev.internal/web']);
});

test('what the profile for services does not give', () => {
  const refused: readonly [string[], RegExp][] = [
    [[], /at least one/],
    [['web', 'web'], /twice/],
    [['127.0.0.1'], /IP address/],
    [['::1'], /IP address/],
    [['spiffe://other.internal/web'], /another trust domain/],
    [['spiffe://dev.internal.evil/web'], /another trust domain/],
    [['spiffe://dev.internal'], /without a path/],
    [['spiffe://dev.internal/countersign/authority'], /authority's own/],
    [['spiffe://dev.internal/countersign'], /authority's own/],
    [['spiffe://dev.internal/Countersign/authority'], /authority's own/],
    [['countersign'], /authority's own/],
    [['spiffe://dev.internal/a', 'spiffe://dev.internal/b'], /more than one/],
    [['spiffe://dev.internal/a/../countersign/authority'], /not a SPIFFE ID/],
    [['spiffe://dev.internal/%63ountersign/authority'], /not a SPIFFE ID/],
    [['spiffe://dev.internal//web'], /not a SPIFFE ID/],
    [['spiffe://DEV.internal/web'], /not a SPIFFE ID/],
    [['SPIFFE://dev.internal/web'], /not a SPIFFE ID/],
    [['spiffe://dev.internal/wéb'], /not a SPIFFE ID/],
    [['spiffe://user@dev.internal/web'], /not a SPIFFE ID/],
    [['https://dev.internal/web'], /not a SPIFFE ID/],
    [['web.internal', '*.internal'], /wildcard/],
    [Array.from({ length: 21 }, (_, index) => `web-${String(index)}`), /more than 20/],
  ];
  for (const [names, rule] of refused) {
    assert.throws(
      () => grant(...names),
      (error: { code?: string; evidence?: { rule: string } }) => {
        assert.equal(error.code, 'CS-AUTHORITY-003');
        assert.match(error.evidence?.rule ?? '', rule, names.join(' '));
        return true;
      },
    );
  }
});

test("the authority's own server may have addresses, in one spelling, and its own path", () => {
  const names = ['0:0:0:0:0:0:0:1', '127.0.0.1', 'spiffe://dev.internal/countersign/authority'];
  assert.deepEqual(grantNames(names, 'dev.internal', authorityServerProfile).ip, ['::1', '127.0.0.1']);
});
