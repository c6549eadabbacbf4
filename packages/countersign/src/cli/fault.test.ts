import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { toRefusal } from './fault.ts';

test("the system's errors are named by what they were about", () => {
  assert.throws(
    () => readFileSync('/nonexistent/file'),
    (error) => {
      const refusal = toRefusal(error);
      assert.equal(refusal.code, 'CS-RUN-002');
      assert.equal(refusal.evidence['subject'], '/nonexistent/file');
      assert.match(String(refusal.evidence['reason']), /ENOENT/);
      return true;
    },
  );
});

test('all else is a fault of ours: one line, no stack', () => {
  const refusal = toRefusal(new RangeError('first\nsecond'));
  assert.equal(refusal.code, 'CS-RUN-001');
  assert.equal(refusal.evidence['fault'], 'RangeError: first');
  assert.equal(toRefusal('odd').code, 'CS-RUN-001');
});
