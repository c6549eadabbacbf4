/** Where the audit log goes: each receiver that is left out, replaced or added is told, a change of their order is none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { changedAuditExport } from './changed-audit-export.ts';

const to = (...addresses: string[]): { audit: { export: string[] } } => ({ audit: { export: addresses } });
const told = (before: Parameters<typeof changedAuditExport>[0], after: Parameters<typeof changedAuditExport>[1]) =>
  changedAuditExport(before, after).map(({ role, what }) => `${role}: ${what}`);

const [a, b] = ['tcp://log.internal:601', 'https://collector.internal:4318'];
const gone = (address: string): string => `root: the audit log is no longer sent to ${address}`;
const added = (address: string): string => `root: the audit log is sent to ${address}, with all that it says`;

test('a receiver that is left out, or the section, or all settings', () => {
  assert.deepEqual(told(to(a, b), to(b)), [gone(a)]);
  assert.deepEqual(told(to(a, b), to()), [gone(a), gone(b)]);
  assert.deepEqual(told(to(a), { audit: {} }), [gone(a)]);
  assert.deepEqual(told(to(a), {}), [gone(a)]);
});

test('another address for the same receiver is another receiver', () => {
  const port = 'tcp://log.internal:602';
  assert.deepEqual(told(to(a), to(port)), [gone(a), added(port)]);
  assert.deepEqual(told({}, to(a)), [added(a)]);
});

test('their order and repetition mean nothing', () => {
  assert.deepEqual(told(to(a, b), to(b, a, a)), []);
  assert.deepEqual(told({}, {}), []);
});
