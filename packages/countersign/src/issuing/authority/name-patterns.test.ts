import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseIpAddress } from '../../identity/x509/index.ts';
import { coversDnsPattern, type DnsPattern, fitsDnsPattern, parseDnsPattern } from './dns-pattern.ts';
import { coversIpRange, fitsIpRange, type IpRange, parseIpRange } from './ip-range.ts';
import { coversPathPattern, fitsPathPattern, parsePathPattern, type PathPattern } from './path-pattern.ts';

function parsed<T>(parse: (text: string) => T | string, text: string): T {
  const found = parse(text);
  if (typeof found === 'string') assert.fail(`${text}: ${found}`);
  return found;
}
const dns = (text: string): DnsPattern => parsed(parseDnsPattern, text);
const path = (text: string): PathPattern => parsed(parsePathPattern, text);
const ip = (text: string): IpRange => parsed(parseIpRange, text);

const fitting: readonly [string, readonly string[], readonly string[]][] = [
  ['web.internal', ['web.internal'], ['internal', 'a.web.internal', 'web.internal.evil', 'xweb.internal']],
  ['*.internal', ['web.internal'], ['internal', 'a.b.internal', 'web.internal.evil', 'webinternal']],
  ['**.internal', ['web.internal', 'a.b.internal'], ['internal', 'web.internals', 'web.xinternal']],
  ['**', ['web', 'a.b.c'], []],
  ['*', ['web'], ['a.b']],
  ['web-*.internal', ['web-1.internal'], ['web-.internal', 'web.internal', 'web-1.b.internal', 'aweb-1.internal']],
  ['x*.internal', ['xa.internal'], ['xn--mnchen-3ya.internal', 'x.internal']],
  ['**.db.*', ['a.db.internal', 'a.b.db.x'], ['db.internal', 'a.db.b.internal', 'a.dbx.internal']],
];

test('a pattern of DNS names is compared label by label', () => {
  for (const [pattern, fits, others] of fitting) {
    for (const name of fits) assert.ok(fitsDnsPattern(dns(pattern), name), `${pattern} ${name}`);
    for (const name of others) assert.ok(!fitsDnsPattern(dns(pattern), name), `${pattern} ${name}`);
  }
});

test('what is no pattern of DNS names is refused with the rule', () => {
  const refused: readonly [string, RegExp][] = [
    ['', /empty label/],
    ['web..internal', /empty label/],
    ['*web.internal', /ends one/],
    ['w*b.internal', /ends one/],
    ['web.**', /stands first/],
    ['a.**.internal', /stands first/],
    ['***.internal', /ends one/],
    ['web**.internal', /ends one/],
    ['xn--a*.internal', /xn--/],
    ['Web.internal', /capital/],
    ['web.internal.', /empty label/],
    ['.*\\.internal', /./],
    ['(a|b).internal', /character/],
    ['10.0.0.1', /IPv4/],
  ];
  for (const [pattern, rule] of refused) {
    const found = parseDnsPattern(pattern);
    assert.match(typeof found === 'string' ? found : 'taken', rule, pattern);
    assert.equal(typeof found, 'string', pattern);
  }
});

test('a pattern covers another only where it fits all of its names', () => {
  const texts = [
    '**',
    '*',
    '**.internal',
    '*.internal',
    'web-*.internal',
    'web-1.internal',
    '**.db.internal',
    '*.*.internal',
    'xn--a.internal',
    'x*.internal',
  ];
  const names = [
    'web',
    'web.internal',
    'web-1.internal',
    'web-22.internal',
    'a.db.internal',
    'a.b.db.internal',
    'internal',
    'xn--a.internal',
    'xy.internal',
    'db.internal',
    'a.web-1.internal',
    'q.w.e.r',
  ];
  let covers = 0;
  for (const outer of texts.map(dns)) {
    for (const inner of texts.map(dns)) {
      if (!coversDnsPattern(outer, inner)) continue;
      covers += 1;
      const missed = names.filter((name) => fitsDnsPattern(inner, name) && !fitsDnsPattern(outer, name));
      assert.deepEqual(missed, [], `${outer.text} covers ${inner.text}`);
    }
    assert.ok(coversDnsPattern(outer, outer), outer.text);
  }
  assert.ok(
    coversDnsPattern(dns('**'), dns('web-*.internal')) && coversDnsPattern(dns('*.internal'), dns('web-1.internal')),
  );
  assert.ok(
    !coversDnsPattern(dns('*.internal'), dns('**.internal')) &&
      !coversDnsPattern(dns('**.db.internal'), dns('**.internal')),
  );
  assert.ok(covers > texts.length);
});

test('a pattern of paths is compared segment by segment, as policies of peers are', () => {
  assert.ok(fitsPathPattern(path('/ns/*/sa/*'), '/ns/shop/sa/web'));
  for (const other of ['/ns/shop/sa', '/ns/shop/sa/web/x', '/ns/a/b/sa/web', '/ns/shop/sb/web', '/NS/shop/sa/web'])
    assert.ok(!fitsPathPattern(path('/ns/*/sa/*'), other), other);
  assert.ok(fitsPathPattern(path('/batch/**'), '/batch/a/b') && !fitsPathPattern(path('/batch/**'), '/batch'));
  for (const text of ['', 'ns/*', 'spiffe://dev.internal/ns', '/', '/a//b', '/a/**/b', '/web-*', '/a/../b', '/a b'])
    assert.equal(typeof parsePathPattern(text), 'string', text);
});

test('paths cover paths', () => {
  const yes: readonly [string, string][] = [
    ['/**', '/a'],
    ['/**', '/a/**'],
    ['/*', '/a'],
    ['/a/*/c', '/a/b/c'],
    ['/a/**', '/a/*/c'],
    ['/a/**', '/a/b/**'],
  ];
  const no: readonly [string, string][] = [
    ['/*', '/**'],
    ['/a/*', '/a/**'],
    ['/a/**', '/a'],
    ['/a', '/*'],
    ['/a/b/**', '/a/**'],
    ['/a/*', '/a/b/c'],
    ['/a/**', '/**'],
  ];
  for (const [outer, inner] of yes) assert.ok(coversPathPattern(path(outer), path(inner)), `${outer} ${inner}`);
  for (const [outer, inner] of no) assert.ok(!coversPathPattern(path(outer), path(inner)), `${outer} ${inner}`);
});

test('addresses are in a range by their bits, each kind by itself', () => {
  const inRange = (range: string, address: string): boolean =>
    fitsIpRange(ip(range), parseIpAddress(address) ?? assert.fail(address));
  assert.ok(
    inRange('10.0.0.0/8', '10.255.0.1') && inRange('10.1.2.4/30', '10.1.2.7') && inRange('10.0.0.1', '10.0.0.1'),
  );
  assert.ok(
    !inRange('10.0.0.0/8', '11.0.0.0') && !inRange('10.1.2.4/30', '10.1.2.8') && !inRange('10.0.0.1', '10.0.0.2'),
  );
  assert.ok(inRange('fd00::/8', 'fdff::1') && !inRange('fd00::/8', 'fe00::1'));
  assert.ok(inRange('0.0.0.0/0', '1.2.3.4') && !inRange('0.0.0.0/0', '::1') && !inRange('::/0', '1.2.3.4'));
  assert.ok(!inRange('10.0.0.0/8', '::ffff:10.0.0.1'));
  for (const text of [
    '10.0.0.1/8',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '10.0/16',
    '::1/64',
    'web',
    '10.0.0.0/8/8',
    '10.0.0.0/',
  ])
    assert.equal(typeof parseIpRange(text), 'string', text);
  assert.ok(coversIpRange(ip('10.0.0.0/8'), ip('10.1.0.0/16')) && !coversIpRange(ip('10.1.0.0/16'), ip('10.0.0.0/8')));
  assert.ok(!coversIpRange(ip('10.0.0.0/8'), ip('11.0.0.0/16')) && !coversIpRange(ip('0.0.0.0/0'), ip('::/0')));
});
