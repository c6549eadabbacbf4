/** The demonstration as a new user runs it: both services rotate three times without a lost request, five strangers are refused by name, a revocation closes. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { compiledModules } from '../fixtures/compiled-modules.ts';

const launcher = fileURLToPath(new URL('../../packages/countersign/bin/countersign', import.meta.url));

async function inEmptyTemporaryFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-'));
  try {
    await work(folder);
    assert.deepEqual(await readdir(folder), [], 'files left behind');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function startDemo(folder: string): { process: ReturnType<typeof spawn>; lines: Promise<string[]> } {
  const env = { PATH: process.env['PATH'], TMPDIR: folder, ...compiledModules };
  const child = spawn(launcher, ['demo', '--json'], { env, cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
  const lines = (async () => {
    let text = '';
    for await (const chunk of child.stdout) text += String(chunk);
    return text.trim().split('\n');
  })();
  return { process: child, lines };
}

test('the demonstration loses nothing, refuses five strangers by name and leaves no files', async () => {
  await inEmptyTemporaryFolder(async (folder) => {
    const demo = startDemo(folder);
    const [status] = (await once(demo.process, 'close')) as [number];
    const events = (await demo.lines).map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.equal(status, 0);
    const result = events.at(-1) as {
      event: string;
      requests: number;
      lost: number;
      rotations: number;
      refused: { stranger: string; code: string }[];
      revocation: { closed: number; ms: number };
    };
    assert.equal(result.event, 'result');
    assert.equal(result.lost, 0);
    assert.ok(result.requests > 100, `${result.requests} requests`);
    for (const service of ['orders', 'web']) {
      const rotations = events.filter((event) => event['event'] === 'rotated' && event['service'] === service);
      assert.ok(rotations.length >= 3, `${service}: ${rotations.length} rotations`);
      assert.equal(new Set(rotations.map((event) => event['serial'])).size, rotations.length);
    }
    assert.deepEqual(result.refused, [
      { stranger: 'no-certificate', code: 'CS-PEER-001' },
      { stranger: 'other-authority', code: 'CS-PEER-002' },
      { stranger: 'expired', code: 'CS-PEER-003' },
      { stranger: 'revoked', code: 'CS-PEER-008' },
      { stranger: 'wrong-name', code: 'CS-PEER-007' },
    ]);
    assert.equal(result.revocation.closed, 1);
    assert.ok(result.revocation.ms < 2000, `closed after ${result.revocation.ms} ms`);
  });
});

for (const [signal, expected] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`ended by ${signal}, it says so by status ${expected}, not 0, and leaves no files`, async () => {
    await inEmptyTemporaryFolder(async (folder) => {
      const demo = startDemo(folder);
      demo.process.stdout?.once('data', () => demo.process.kill(signal));
      const [status] = (await once(demo.process, 'close')) as [number];
      assert.equal(status, expected);
    });
  });
}
