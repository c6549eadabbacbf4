import assert from 'node:assert/strict';
import { test } from 'node:test';
import { processorMs } from '../../../../../../tests/fixtures/processor-time.ts';
import { asciiLowerCase, isDnsName } from './dns-name.ts';

test('labels of letters, digits, hyphens within, and underscores', () => {
  for (const name of [
    'a',
    'localhost',
    'a.b',
    'web-1.internal',
    '_dmarc.example.test',
    'a_b.test',
    '1.2.3',
    'xn--bcher-kva.test',
    'A.B',
    'a--b',
  ]) {
    assert.equal(isDnsName(name), true, name);
  }
  const others = [
    '',
    '.',
    'a.',
    '.a',
    'a..b',
    '-a',
    'a-',
    'a.-b',
    'a-.b',
    '*',
    '*.a',
    'a.*',
    'a b',
    ' a',
    'a ',
    'a\n',
    '\na',
    'a\0',
    'a\0.b',
    'a/b',
    'a:1',
    'a@b',
    'a,b',
    'ä',
    'bücher.test',
    '\u212a',
    '[::1]',
    'a%b',
    "a'",
    'a"',
    'a\\b',
    '::1',
  ];
  for (const name of others) assert.equal(isDnsName(name), false, JSON.stringify(name));
});

test('63 octets a label, 253 a name (RFC 1035, 2.3.4)', () => {
  const label = 'a'.repeat(63);
  assert.equal(isDnsName(label), true);
  assert.equal(isDnsName(`${label}.test`), true);
  assert.equal(isDnsName(`${label}a`), false);
  assert.equal(isDnsName(`test.${label}a.test`), false);
  const longest = `${label}.${label}.${label}.${'b'.repeat(61)}`;
  assert.equal(longest.length, 253);
  assert.equal(isDnsName(longest), true);
  assert.equal(isDnsName(`${label}.${label}.${label}.${'b'.repeat(62)}`), false);
});

test('a long text that is no name is refused without delay', () => {
  const start = processorMs();
  for (const text of ['a-'.repeat(126), `${'a.'.repeat(126)}-`, '-'.repeat(1_000_000), 'a'.repeat(1_000_000)])
    assert.equal(isDnsName(text), false);
  assert.ok(processorMs() - start < 200);
});

test('lower case is of ASCII alone: no other character becomes one of its letters', () => {
  assert.equal(asciiLowerCase('AbCZ-09_.'), 'abcz-09_.');
  assert.equal(asciiLowerCase('abc'), 'abc');
  for (const text of ['\u212a', '\u0130', 'Ä', 'ſ', '\uff21']) assert.equal(asciiLowerCase(text), text);
  assert.equal(asciiLowerCase('A\u212aB'), 'a\u212ab');
  assert.equal(asciiLowerCase(''), '');
});
