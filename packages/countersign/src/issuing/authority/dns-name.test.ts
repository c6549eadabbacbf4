import assert from 'node:assert/strict';
import { test } from 'node:test';

import { brokenDnsRule } from './dns-name.ts';

test('names of services are taken', () => {
  for (const name of [
    'web',
    'web.internal',
    'a',
    '0web',
    '3com.example',
    'xn--bcher-kva.example',
    `${'a'.repeat(63)}.b`,
  ]) {
    assert.equal(brokenDnsRule(name), undefined, name);
  }
  assert.equal(brokenDnsRule(`${`${'a'.repeat(62)}.`.repeat(4)}b`), undefined);
});

test('everything else is refused, with the rule', () => {
  const broken: readonly [string, RegExp][] = [
    ['', /empty label/],
    ['.', /empty label/],
    ['web.', /empty label/],
    ['.web', /empty label/],
    ['a..b', /empty label/],
    ['Web', /capital/],
    ['*', /wildcard/],
    ['*.internal', /wildcard/],
    ['w*b', /wildcard/],
    ['web\0.internal', /character/],
    ['web internal', /character/],
    ['web_1', /character/],
    ['wéb', /character/],
    ['web\n', /character/],
    ['web,db', /character/],
    ['web:443', /character/],
    ['web/db', /character/],
    ['fe80::1%eth0', /character/],
    ['[::1]', /character/],
    ['ｗｅｂ', /character/],
    ['-web', /starts or ends/],
    ['web-', /starts or ends/],
    ['ab--cd', /reserved/],
    ['1.2.3.4', /IPv4/],
    ['127.1', /IPv4/],
    ['0x7f.1', /IPv4/],
    ['web.0x7f', /IPv4/],
    ['42', /IPv4/],
    ['a'.repeat(64), /63/],
    [`${'a.'.repeat(127)}a`, /253/],
  ];
  for (const [name, rule] of broken) assert.match(brokenDnsRule(name) ?? 'taken', rule, JSON.stringify(name));
});
