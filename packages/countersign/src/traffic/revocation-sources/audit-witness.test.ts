import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { manualClock } from '../../ground/clock/index.ts';
import type { FeedMessage } from '../../identity/revocation/index.ts';
import { AuditWitness } from './audit-witness.ts';
import type { AuditMemory } from './audit-memory.ts';
import type { FeedEvent } from './feed-event.ts';
import { fileAuditMemory, readAuditHead } from './file-audit-memory.ts';

const authority = 'ab'.repeat(32);
const hash = (mark: string): string => mark.repeat(64);
const clock = manualClock(1_000_000);

function message(sequence: number, mark: string, auditAnswer?: { sequence: number; hash?: string }): FeedMessage {
  return {
    ...{ kind: 'heartbeat', authority, number: 1, at: clock.now(), audit: { sequence, hash: hash(mark) } },
    ...(auditAnswer === undefined ? {} : { auditAnswer }),
  };
}

interface Seen {
  readonly witness: AuditWitness;
  readonly events: FeedEvent[];
  readonly codes: () => string[];
}

async function open(memory?: AuditMemory, of: string = authority): Promise<Seen> {
  const events: FeedEvent[] = [];
  const witness = new AuditWitness({ memory, authority: of, clock, tell: (event) => events.push(event) });
  await witness.load();
  const codes = (): string[] =>
    events.map((event) => (event.type === 'audit-contradicted' ? event.refusal.code : event.type));
  return { witness, events, codes };
}

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'countersign-'));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

test('a log that goes on is in order, whatever part of it was not seen', async () => {
  const { witness, codes } = await open();
  witness.see(message(3, 'a'), 'm1');
  witness.see(message(3, 'a'), 'm2');
  witness.see(message(9, 'b', { sequence: 3, hash: hash('a') }), 'm3');
  assert.deepEqual(codes(), []);
  assert.equal(witness.remembers?.sequence, 9);
});

test('a head that goes back, and another under the same number, are told once with both messages', async () => {
  const { witness, events, codes } = await open();
  witness.see(message(9, 'a'), 'first');
  witness.see(message(8, 'b'), 'second');
  witness.see(message(8, 'b'), 'third');
  witness.see(message(8, 'c'), 'fourth');
  assert.deepEqual(codes(), ['CS-AUDIT-002', 'CS-AUDIT-001']);
  const evidence = events.map((event) => (event.type === 'audit-contradicted' ? event.evidence : undefined));
  assert.deepEqual(evidence, [
    { earlier: 'first', later: 'second' },
    { earlier: 'third', later: 'fourth' },
  ]);
});

test('what the authority answers about the number that is remembered shows a log that has grown past it', async () => {
  for (const [answer, code] of [
    [{ sequence: 5, hash: hash('b') }, 'CS-AUDIT-001'],
    [{ sequence: 5 }, 'CS-AUDIT-002'],
  ] as const) {
    const { witness, codes } = await open();
    witness.see(message(5, 'a'), 'first');
    witness.see(message(9, 'c', answer), 'second');
    assert.deepEqual(codes(), [code]);
  }
});

test('the head outlives the process, with the message that proves it, and is written at most every minute', async (t) => {
  const path = await folder(t);
  const saved: number[] = [];
  const files = fileAuditMemory(path);
  const memory = {
    ...files,
    save: (head: Parameters<AuditMemory['save']>[0]) => (saved.push(head.sequence), files.save(head)),
  };
  const first = await open(memory);
  for (let sequence = 1; sequence <= 20; sequence++) {
    first.witness.see(message(sequence, 'a'), `message ${String(sequence)}`);
    clock.advance(5_000);
  }
  await first.witness.close();
  assert.deepEqual(saved, [1, 13, 20]);
  assert.equal((await stat(join(path, 'audit-head.json'))).mode & 0o777, 0o600);
  assert.equal((await readAuditHead(join(path, 'audit-head.json'))).message, 'message 20');

  const second = await open(fileAuditMemory(path));
  second.witness.see(message(12, 'b'), 'older log');
  await second.witness.close();
  assert.deepEqual(second.codes(), ['CS-AUDIT-002']);
  const [evidence] = (await readdir(path)).filter((name) => name.startsWith('audit-contradiction-'));
  const { earlier, later } = JSON.parse(await readFile(join(path, evidence!), 'utf8')) as Record<string, string>;
  assert.deepEqual([earlier, later], ['message 20', 'older log']);

  const other = await open(fileAuditMemory(path), 'cd'.repeat(32));
  assert.equal(other.witness.remembers, undefined);
});

test('a memory that cannot be read is told, and watching goes on without it', async (t) => {
  const path = await folder(t);
  await writeFile(join(path, 'audit-head.json'), '{"version":1}');
  const { witness, codes } = await open(fileAuditMemory(path));
  assert.deepEqual(codes(), ['audit-not-remembered']);
  witness.see(message(3, 'a'), 'm1');
  witness.see(message(2, 'a'), 'm2');
  assert.deepEqual(codes(), ['audit-not-remembered', 'CS-AUDIT-002']);
});
