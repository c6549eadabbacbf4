import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerAgeMs } from './answer-age.ts';

const now = Date.UTC(2026, 5, 1, 12);
const date = new Date(now).toUTCString();
const later = new Date(now + 90_000).toUTCString();

test('how long an answer stays fresh is what it says, less its age, and never more than a year', () => {
  const cases: readonly (readonly [Readonly<Record<string, string>>, number | undefined])[] = [
    [{}, undefined],
    [{ 'cache-control': 'max-age=60' }, 60_000],
    [{ 'cache-control': 'Public, Max-Age="60", no-transform', age: '50', expires: later }, 10_000],
    [{ 'cache-control': 'max-age=60', age: '61' }, 0],
    [{ 'cache-control': 'max-age=-1' }, 0],
    [{ 'cache-control': 'max-age=99999999999' }, 366 * 86_400_000],
    [{ 'cache-control': 'no-cache, max-age=60' }, 0],
    [{ 'cache-control': 'no-store' }, 0],
    [{ 'cache-control': 'public', expires: later, date }, 90_000],
    [{ expires: later }, 90_000],
    [{ expires: later, date: later }, 0],
    [{ expires: '0' }, 0],
    [{ expires: 'Fri, 31 Dec 9999 23:59:59 GMT' }, 366 * 86_400_000],
  ];
  for (const [headers, expected] of cases) {
    assert.equal(
      answerAgeMs((name) => headers[name], now),
      expected,
      JSON.stringify(headers),
    );
  }
});
