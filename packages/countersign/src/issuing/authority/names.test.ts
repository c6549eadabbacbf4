import assert from 'node:assert/strict';
import { test } from 'node:test';

import { grantNames, listNames } from './names.ts';
import { parseMailboxPattern } from './mailbox-pattern.ts';
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
    [['web', 'ops@example.test'], /mailboxes fits: it lists none/],
    [['web', '\u00f6ps@example.test'], /SmtpUTF8Mailbox/],
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

test('a mailbox is given by its pattern, in one spelling, beside exactly one SPIFFE ID', () => {
  const pattern = parseMailboxPattern('*@*.example.test');
  assert.ok(typeof pattern === 'object');
  const profile = { ...serviceProfile, names: { ...serviceProfile.names, email: [pattern] } };
  const names = (...asked: string[]): string[] => listNames(grantNames(asked, 'dev.internal', profile));
  const written = ['web', 'spiffe://dev.internal/web', 'Ops@mail.example.test'];
  assert.deepEqual(names('Ops@Mail.EXAMPLE.test', 'web'), written);
  assert.deepEqual(names(...written), written);
  const refused: readonly [string[], RegExp][] = [
    [['ops@mail.example.test'], /each certificate has a SPIFFE ID/],
    [['web', 'ops@example.test'], /no pattern of the profile's mailboxes fits \(\*@\*\.example\.test\)/],
    [['web', '"ops"@mail.example.test'], /no mailbox/],
    [['web', 'ops@mail.example.test', 'ops@MAIL.example.test'], /twice/],
  ];
  for (const [asked, rule] of refused)
    assert.throws(
      () => names(...asked),
      (error: { code?: string; evidence?: { rule: string } }) =>
        error.code === 'CS-AUTHORITY-003' && rule.test(error.evidence?.rule ?? ''),
      asked.join(' '),
    );
  const fixed = {
    ...profile,
    names: { ...profile.names, source: 'profile' as const, fixed: ['web', 'ops@example.test'] },
  };
  const given = (asked: string[]): string[] => listNames(grantNames(asked, 'dev.internal', fixed));
  assert.deepEqual(given([]), ['web', 'spiffe://dev.internal/web', 'ops@example.test']);
  assert.deepEqual(given(['web', 'ops@EXAMPLE.test']), given([]));
  assert.throws(() => given(['web', 'Ops@example.test']), { code: 'CS-AUTHORITY-003' });
});
