import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { manualClock } from '../../../ground/clock/index.ts';
import type { LoadedConfiguration } from '../configuration/load-configuration.ts';
import { keysOf, parseSigningState } from '../identity/signing-state.ts';
import { PrimarySigning } from './primary-signing.ts';

const hourMs = 3_600_000;

test('the primary exchanges the keys by itself, tells of it, and keeps them', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'signing-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'keys.json');
  const clock = manualClock(Date.parse('2026-06-01T00:00:00Z'));
  const told: string[] = [];
  const signing = new PrimarySigning({
    clock,
    onUnkept: (refusal) => assert.ifError(refusal),
    onKeys: (text) => told.push(text),
  });
  const configuration = {
    contents: new Map(),
    signing: { path, kept: undefined },
    file: { signing: { rotateEveryMs: hourMs } },
  } as unknown as LoadedConfiguration;
  const textOf = (): string => signing.contentsOf(configuration).get(path) ?? '';
  const first = textOf();
  assert.equal(textOf(), first, 'a worker that is asked later gets the same');
  signing.take(configuration);
  assert.equal(textOf(), first);
  const pins = (text: string): string[] =>
    keysOf(parseSigningState(text)).map(({ publicKey }) => Buffer.from(publicKey.raw).toString('hex'));
  const [current, next] = pins(first);
  clock.advance(hourMs - 1);
  assert.equal(told.length, 0);
  clock.advance(60_001);
  assert.equal(told.length, 1, 'nobody has asked for a key');
  assert.equal(told[0], textOf());
  const after = pins(textOf());
  assert.deepEqual([after[0], after[2]], [next, current], 'the one that was published before signs');
  await signing.close();
  assert.equal(await readFile(path, 'utf8'), textOf());
});
