import assert from 'node:assert/strict';
import { test } from 'node:test';

import { brokenMailboxRule, isMailboxLike, writtenMailbox } from './mailbox.ts';
import {
  coversMailboxPattern,
  fitsMailboxPattern,
  type MailboxPattern,
  parseMailboxPattern,
} from './mailbox-pattern.ts';

function pattern(text: string): MailboxPattern {
  const found = parseMailboxPattern(text);
  return typeof found === 'string' ? assert.fail(`${text}: ${found}`) : found;
}

test('mailboxes that can be in a certificate', () => {
  for (const name of [
    'ops@example.test',
    'Ops.Team+pager@mail.example.test',
    "o'neil_1=a#b&c?d^e`f{g|h}i~j-k@a",
    `${'a'.repeat(64)}@example.test`,
    'x@Example.TEST',
  ])
    assert.equal(brokenMailboxRule(writtenMailbox(name)), undefined, name);
});

test('what is no mailbox, or one that others could read as another, is refused with the rule', () => {
  const refused: readonly [string, RegExp][] = [
    ['@example.test', /nothing before/],
    ['ops@', /empty label/],
    ['a@b@example.test', /local part/],
    ['"ops"@example.test', /local part/],
    ['ops\\x@example.test', /local part/],
    ['.ops@example.test', /local part/],
    ['ops.@example.test', /local part/],
    ['o..s@example.test', /local part/],
    ['*@example.test', /local part/],
    ['a/b@example.test', /local part/],
    ['a%b@example.test', /local part/],
    ['host!a@example.test', /local part/],
    ['a b@example.test', /local part/],
    ['a\0b@example.test', /local part/],
    ['ops@*.example.test', /wildcard/],
    ['ops@[127.0.0.1]', /character/],
    ['ops@127.0.0.1', /IPv4/],
    ['ops@example.test.', /empty label/],
    ['ops@ex_ample.test', /character/],
    [`${'a'.repeat(65)}@example.test`, /64/],
    [`a@${'b.'.repeat(126)}test`, /254/],
    ['\u00f6ps@example.test', /SmtpUTF8Mailbox/],
    ['ops@ex\u00e4mple.test', /SmtpUTF8Mailbox/],
    // The Kelvin sign, whose lower case is a "k" elsewhere.
    ['ops@\u212aelvin.test', /SmtpUTF8Mailbox/],
  ];
  for (const [name, rule] of refused)
    assert.match(brokenMailboxRule(writtenMailbox(name)) ?? 'taken', rule, JSON.stringify(name));
});

test('the host is written in lower case, the local part as it was asked for', () => {
  assert.equal(writtenMailbox('Ops.Team@Example.TEST'), 'Ops.Team@example.test');
});

test('a URI with user information is no mailbox', () => {
  for (const name of ['spiffe://user@dev.internal/web', 'SPIFFE:a@b', 'https://a@b.test', 'web.internal', '::1'])
    assert.ok(!isMailboxLike(name), name);
  assert.ok(isMailboxLike('a/b@example.test') && isMailboxLike('ops@'));
});

test('a pattern of mailboxes has one local part or all, and a host by its labels', () => {
  const fitting: readonly [string, readonly string[], readonly string[]][] = [
    ['ops@example.test', ['ops@example.test', 'ops@EXAMPLE.test'], ['Ops@example.test', 'ops@a.example.test']],
    ['*@example.test', ['ops@example.test', 'OPS@example.test'], ['ops@a.example.test', 'ops@example.test.evil']],
    ['*@*.example.test', ['ops@a.example.test'], ['ops@example.test', 'ops@a.b.example.test']],
    ['ops@**.test', ['ops@a.test', 'ops@b.a.test'], ['ops@test', 'dev@a.test', 'xops@a.test']],
    ['*@**', ['a@b', 'a@b.c'], []],
    ['*@mx-*.test', ['a@mx-1.test'], ['a@mx-.test', 'a@mx.test']],
  ];
  for (const [text, fits, others] of fitting) {
    for (const name of fits) assert.ok(fitsMailboxPattern(pattern(text), name), `${text} ${name}`);
    for (const name of others) assert.ok(!fitsMailboxPattern(pattern(text), name), `${text} ${name}`);
  }
});

test('what is no pattern of mailboxes is refused with the rule', () => {
  const refused: readonly [string, RegExp][] = [
    ['example.test', /an "@"/],
    ['', /an "@"/],
    ['@example.test', /nothing before/],
    ['adm*@example.test', /whole local part/],
    ['**@example.test', /whole local part/],
    ['*@', /empty label/],
    ['*@Example.test', /capital/],
    ['*@.example.test', /empty label/],
    ['(a|b)@example.test', /local part/],
    ['.*@example.test', /whole local part/],
    ['*@[10.0.0.1]', /character/],
  ];
  for (const [text, rule] of refused) {
    const found = parseMailboxPattern(text);
    assert.match(typeof found === 'string' ? found : 'taken', rule, text);
  }
});

test('patterns of mailboxes cover one another by both of their parts', () => {
  const covers = (outer: string, inner: string): boolean => coversMailboxPattern(pattern(outer), pattern(inner));
  assert.ok(covers('*@**.test', 'ops@a.test') && covers('*@*.test', '*@a.test') && covers('ops@a.test', 'ops@a.test'));
  assert.ok(!covers('ops@**.test', '*@a.test') && !covers('*@*.test', '*@**.test') && !covers('*@a.test', '*@b.test'));
  assert.ok(!covers('ops@a.test', 'Ops@a.test'));
});
