import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDuration, parseDuration } from './duration.ts';
import { nearMatch } from '../../ground/errors/index.ts';
import { table } from './table.ts';
import { beside, wrap } from './wrap.ts';

test('durations are read with their units', () => {
  const cases: [string, number | undefined][] = [
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    ['7d', 604_800_000],
    ['250ms', 250],
    ['1.5s', 1500],
    ['5', undefined],
    ['', undefined],
    ['s', undefined],
    ['5s ', undefined],
    ['0m', undefined],
    [`${'9'.repeat(400)}d`, undefined],
  ];
  for (const [text, ms] of cases) assert.equal(parseDuration(text), ms, text);
});

test('durations are shown in one figure, never promising more', () => {
  const cases: [number, string][] = [
    [999, '999 ms'],
    [119_999, '119 s'],
    [3_600_000, '60 min'],
    [86_399_999, '23 h'],
    [172_800_000, '2 d'],
    [63_072_000_000, '730 d'],
    [315_532_799_999, '9.9 years'],
  ];
  for (const [ms, text] of cases) assert.equal(formatDuration(ms), text);
});

test('a slip is matched, another word is not', () => {
  const known = ['token', 'issue', 'inspect', 'up', 'revoke'];
  assert.equal(nearMatch('tokne', known), 'token');
  assert.equal(nearMatch('insp', known), 'inspect');
  assert.equal(nearMatch('ups', known), 'up');
  assert.equal(nearMatch('banana', known), undefined);
  assert.equal(nearMatch('x'.repeat(100_000), known), undefined);
});

test('text wraps at the width, and a long word stays whole', () => {
  assert.deepEqual(wrap('aa bb cc', 5), ['aa bb', 'cc']);
  assert.deepEqual(wrap(`a ${'x'.repeat(9)} b`, 5), ['a', 'x'.repeat(9), 'b']);
  assert.deepEqual(beside('--long-label', 'text', 1, 8), [' --long-label', '        text']);
});

test('a table has columns as wide as they must be, and words of any length below each row', () => {
  const rows = [
    { cells: ['x'.repeat(5), 'y'], below: `web ${'n'.repeat(100)}` },
    { cells: ['z', 'w'], below: 'orders' },
  ];
  assert.deepEqual(table(['A', 'LAST'], rows).split('\n'), [
    ' A      LAST',
    ' xxxxx  y',
    '   web',
    `   ${'n'.repeat(100)}`,
    ' z      w',
    '   orders',
  ]);
});

test('a long list breaks after its commas, without a space of ours; what has none stays whole', () => {
  assert.deepEqual(wrap('of CN=web,O=Example,L=Here,C=DE here', 12), [
    'of CN=web,',
    'O=Example,',
    'L=Here,C=DE',
    'here',
  ]);
  assert.deepEqual(wrap('a /a/long/path/of/a/file', 12), ['a', '/a/long/path/of/a/file']);
});
