import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';

import type { AuditEntry } from './audit-entry.ts';
import { auditEvent } from './audit-event.ts';
import { encodeEntry } from './encode-entry.ts';
import { chain } from './chain.ts';
import { firstHead, headOf } from './audit-entry.ts';
import { memoryJournal } from './memory-journal.ts';
import { type AuditFinding, verifyChain } from './verify-chain.ts';

const salt = (count: number): Uint8Array => new Uint8Array(count).fill(7);
const sha256 = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');

function log(count: number): AuditEntry[] {
  const journal = memoryJournal();
  for (let n = 1; n <= count; n++) {
    const actor = { kind: 'local-user', name: `user ${String(n % 2)}` } as const;
    journal.write([
      auditEvent('token.create', { atMs: n, actor, facts: { token: `t${String(n)}` }, personal: { names: 'web' } }),
    ]);
  }
  return [...journal.entries];
}

/** An entry with other contents and a hash that fits them. */
function forged(entry: AuditEntry, over: Partial<AuditEntry>): AuditEntry {
  const changed = { ...entry, ...over };
  return { ...changed, hash: sha256(encodeEntry(changed)) };
}

function findings(
  entries: readonly AuditEntry[],
  options: Parameters<typeof verifyChain>[1] = {},
): readonly AuditFinding[] {
  return verifyChain(entries, options).findings;
}

test('the bytes that are hashed are those that the documentation shows', () => {
  const event = {
    atMs: 1_764_000_000_000,
    action: 'certificate.issue',
    facts: { serial: '0A', names: ['b', 'a'], renewal: false, count: 2 },
    personal: { actor: 'Zoë "Z"\n' },
  } as const;
  const entry = chain(firstHead, event, salt);
  const hash = sha256(Buffer.concat([salt(16), Buffer.from('Zoë "Z"\n')]));
  const text = `{"action":"certificate.issue","at":1764000000000,"facts":{"count":2,"names":["b","a"],"renewal":false,"serial":"0A"},"personal":{"actor":"${hash}"},"previous":"${'0'.repeat(64)}","sequence":1,"version":1}`;
  assert.equal(encodeEntry(entry), text);
  assert.equal(entry.hash, sha256(text));
});

test('what cannot be encoded in one way is a mistake of the caller; what a stranger sent is made well-formed', () => {
  const event = { atMs: 1, action: 'token.create', personal: {} } as const;
  assert.throws(() => chain(firstHead, { ...event, facts: { part: 0.5 } }, salt), TypeError);
  assert.throws(() => chain(firstHead, { ...event, facts: { 'a b': 1 } }, salt), TypeError);
  const entry = chain(firstHead, { ...event, facts: { name: '\ud800' }, personal: { actor: '\ud800' } }, salt);
  assert.match(encodeEntry(entry), /"name":"\ufffd"/);
  assert.deepEqual(findings([entry]), []);
});

test('a sound log has no findings, whole or from a head', () => {
  const entries = log(5);
  const report = verifyChain(entries);
  assert.deepEqual([report.entries, report.findings, report.head], [5, [], headOf(entries[4]!)]);
  assert.deepEqual(findings(entries.slice(2), { from: headOf(entries[1]!) }), []);
  assert.deepEqual(findings(entries.slice(2), { from: 'anywhere' }), []);
  assert.deepEqual(findings(entries.slice(2)), [{ kind: 'dropped', sequence: 1, through: 2 }]);
});

test('a changed entry is named, by whichever part', () => {
  const entries = log(5);
  const change = (over: Partial<AuditEntry>): readonly AuditFinding[] =>
    findings(entries.with(2, { ...entries[2]!, ...over }));
  for (const over of [{ atMs: 9 }, { action: 'token.claim' }, { facts: { token: 'other' } }, { personal: {} }])
    assert.deepEqual(change(over), [{ kind: 'changed', sequence: 3 }], JSON.stringify(over));
  const { actor, names } = entries[2]!.personal;
  assert.deepEqual(change({ personal: { names: names!, actor: { ...actor!, value: 'another' } } }), [
    { kind: 'personal-changed', sequence: 3, field: 'actor' },
  ]);
});

test('an entry that was replaced by another sound one is named', () => {
  const entries = log(5);
  const other = forged(entries[2]!, { facts: { token: 'other' } });
  assert.deepEqual(findings(entries.with(2, other)), [{ kind: 'replaced', sequence: 3 }]);
});

test('dropped, inserted and reordered entries are named', () => {
  const entries = log(6);
  assert.deepEqual(findings(entries.toSpliced(2, 2)), [{ kind: 'dropped', sequence: 3, through: 4 }]);
  const second = forged(entries[2]!, { facts: { token: 'more' } });
  assert.deepEqual(findings(entries.toSpliced(3, 0, second)), [{ kind: 'inserted', sequence: 3 }]);
  const [moved] = [entries[2]!];
  assert.deepEqual(findings([...entries.toSpliced(2, 1), moved]), [{ kind: 'reordered', sequence: 3 }]);
});

test('a log that was cut off, or rewritten as a whole, is contradicted by who remembers its head', () => {
  const entries = log(6);
  const witness = (name: string, sequence: number) => ({ name, sequence, hash: entries[sequence - 1]!.hash });
  const witnesses = [witness('web', 5), witness('db', 2)];
  assert.deepEqual(findings(entries, { witnesses }), []);
  assert.deepEqual(findings(entries.slice(0, 3), { witnesses }), [
    { kind: 'truncated', sequence: 4, through: 5, witness: 'web' },
  ]);
  // From the third on, everything made anew: no entry is unsound by itself.
  const rewritten = entries.slice(0, 2);
  for (const entry of entries.slice(2))
    rewritten.push(forged(entry, { atMs: entry.atMs + 1, previous: rewritten.at(-1)!.hash }));
  assert.deepEqual(findings(rewritten), []);
  assert.deepEqual(findings(rewritten, { witnesses }), [
    { kind: 'contradicted', sequence: 5, witness: 'web', agrees: 2 },
  ]);
});

test('an erased field leaves its hash, and the log as sound as before', async () => {
  const journal = memoryJournal();
  const actor = { kind: 'local-user', name: 'zoë' } as const;
  journal.write([
    auditEvent('token.create', { atMs: 1, actor, personal: { names: 'web spiffe://d/web', address: '10.0.0.7' } }),
  ]);
  journal.write([
    auditEvent('token.create', { atMs: 2, actor: { kind: 'local-user', name: 'max' }, personal: { names: 'web' } }),
  ]);
  const event = auditEvent('personal.erase', { atMs: 3, actor: { kind: 'local-user', name: 'max' } });
  assert.equal(await journal.erasePersonal({ actor: 'zoë' }, event), 2);
  const [first, second, third] = journal.entries;
  assert.deepEqual(
    Object.values(first!.personal).map((field) => field.value),
    ['web spiffe://d/web', undefined, undefined],
  );
  assert.equal(second!.personal['actor']?.value, 'max');
  assert.equal(third!.facts['fields'], 2);
  assert.equal(await journal.erasePersonal({ name: 'web' }, event), 2);
  const report = verifyChain(journal.entries);
  assert.deepEqual([report.findings, report.erased], [[], 4]);
});

test('what was erased behind the back of the log is told', () => {
  const entries = log(2);
  const { names } = entries[0]!.personal;
  const without = { ...entries[0]!, personal: { ...entries[0]!.personal, names: { hash: names!.hash } } };
  assert.deepEqual(findings([without, entries[1]!]), [{ kind: 'erased-unrecorded', sequence: 2, fields: 1 }]);
});

test('numbers that a restored backup leaves out are told, and only where its entry says so', () => {
  const entries = log(2);
  const restore = (resumesAfter: number): AuditEntry =>
    chain(
      headOf(entries[1]!),
      { atMs: 3, action: 'backup.restore', facts: { resumesAfter }, personal: {} },
      salt,
      1000,
    );
  const report = verifyChain([...entries, restore(2)]);
  assert.deepEqual([report.findings, report.leftOut], [[], [{ sequence: 3, through: 999 }]]);
  assert.deepEqual(findings([...entries, restore(1)]), [{ kind: 'dropped', sequence: 3, through: 999 }]);
});
