import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { manualClock } from '../../../ground/clock/index.ts';
import { DecisionTally } from './decision-tally.ts';
import { EvidenceWriter } from './evidence-writer.ts';
import { gatewayEvidence } from './read-evidence.ts';
import { verifyEvidence } from './verify-evidence.ts';

const edge = 'spiffe://bank.test/edge';
const acme = { partner: 'acme', peer: 'spiffe://bank.test/acme', thumbprint: 'aaa', route: 'payments' } as const;

test('evidence says through which proxy a caller came, and counts it apart from its own connections', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'evidence-'));
  t.after(() => rm(folder, { recursive: true }));
  const clock = manualClock(Date.UTC(2026, 0, 10, 12));
  const writer = await EvidenceWriter.open({
    clock,
    folder,
    keepDays: 400,
    onTrouble: (refusal) => assert.ifError(refusal),
  });
  const worker = new DecisionTally();
  for (const via of [edge, undefined, edge, edge]) worker.add({ ...acme, via, decision: 'allowed' }, clock.now());
  worker.add({ ...acme, via: edge, decision: 'closed', code: 'CS-GATEWAY-052' }, clock.now());
  // As they come from a worker; and in two writes, that are one again for who reads.
  for (const one of worker.take().decisions) writer.tally.merge(structuredClone({ ...one }));
  await writer.flush();
  writer.tally.add({ ...acme, via: edge, decision: 'allowed' }, clock.now());
  await writer.close();
  const question = { partner: 'acme', spiffeId: 'none', fromMs: 0, untilMs: Number.MAX_SAFE_INTEGER };
  const { entries, publicKeys } = await gatewayEvidence(folder, question);
  const { findings, decisions } = verifyEvidence(entries, { publicKeys });
  assert.deepEqual(findings, []);
  assert.deepEqual(
    new Set(decisions.map(({ via, decision, count }) => `${String(via)} ${decision} ${String(count)}`)),
    new Set([`${edge} allowed 4`, 'undefined allowed 1', `${edge} closed 1`]),
  );
});
