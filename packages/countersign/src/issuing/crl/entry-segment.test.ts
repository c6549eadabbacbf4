import assert from 'node:assert/strict';
import { test } from 'node:test';

import { EntrySegment } from './entry-segment.ts';

const startMs = Date.UTC(2026, 5, 1, 12);

/** Every other one ends as early as that. */
const earlySeconds = 1_000;

/** Serial numbers that differ in their first octets alone: the index has the same of all of them. */
const alike = (nth: number): Uint8Array => Uint8Array.of(1, nth >> 8, nth & 0xff, 9, 9, 9, 9, 7);

/** As the authority makes them: it has something else of each. */
const apart = (nth: number): Uint8Array => Uint8Array.of(1, 0xff, 0xff, nth >> 8, nth & 0xff, 3, 3, 7);

function append(segment: EntrySegment, serial: Uint8Array, nth: number): void {
  const entry = { serials: serial, from: 0, octets: serial.length, revokedAtMs: startMs, reason: 1 };
  segment.append(entry, nth % 2 === 0 ? earlySeconds : 10 * earlySeconds);
}

/** Those of the first `count` of both kinds that are found, each where its own entry is. */
function found(segment: EntrySegment, count: number): number {
  let sum = 0;
  for (let nth = 0; nth < count; nth++)
    for (const serial of [alike(nth), apart(nth)]) {
      const at = segment.find(serial, 0, serial.length);
      if (at < 0) continue;
      assert.deepEqual(segment.entryAt(at).subarray(4, 4 + serial.length), serial);
      sum++;
    }
  return sum;
}

test('each entry is found, and none that is not there, while entries come, the memory grows and entries go', () => {
  const segment = new EntrySegment();
  assert.equal(found(segment, 10), 0);
  let count = 0;
  // Looked up in between, so that there is an index when the next ones come. The last step outgrows 256 KB.
  for (const upTo of [10, 40, 300, 340, 400, 5_900, 7_000]) {
    for (; count < upTo; count++) {
      append(segment, apart(count), count);
      if (count < 400) append(segment, alike(count), count);
    }
    assert.equal(found(segment, upTo + 100), upTo + Math.min(upTo, 400));
  }
  assert.equal(segment.count, 7_400);
  const gone = segment.find(alike(17), 0, 8);
  segment.remove(gone);
  assert.equal(segment.find(alike(17), 0, 8), -1);
  assert.equal(found(segment, 7_000), 7_399);
  assert.equal(segment.dropExpired(earlySeconds + 1), 3_700);
  assert.equal(found(segment, 7_000), 3_699);
  assert.equal(segment.find(apart(4), 0, 8), -1);
});
