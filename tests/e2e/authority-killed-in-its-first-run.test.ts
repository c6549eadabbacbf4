/** The authority ended with `kill -9` while it makes its directory for the first time: the next start finds nothing in its way, and nothing half made. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';

const script = resolve(import.meta.dirname, 'killed/authority-child.ts');

/** Dies at the first sign of each: the database, its log, the lock's holder, the folder under its first name, under its last, the socket. */
const signs: readonly RegExp[] = [
  /^authority\.db$/,
  /^authority\.db-wal$/,
  /^authority\.db\.holder$/,
  /^\.authority\./,
  /^authority$/,
  /^authority\.sock$/,
];

test(`killed ${String(signs.length)} times in its first run`, async (t) => {
  for (const sign of signs) {
    const dir = await mkdtemp(join(tmpdir(), 'countersign-'));
    t.after(() => rm(dir, { recursive: true, force: true }));
    const child = spawn(process.execPath, [script, dir, '0'], { stdio: ['ignore', 'ignore', 'inherit'] });
    const watcher = watch(dir, (_, name) => {
      if (sign.test(name ?? '')) child.kill('SIGKILL');
    });
    await once(child, 'exit');
    watcher.close();
    t.diagnostic(`left: ${(await readdir(dir)).join(' ')}`);
    await serveOnce(dir);
    assert.deepEqual(
      (await readdir(dir)).filter((name) => name.startsWith('.')),
      [],
    );
  }
});

/** Resolves when it has served; it is then killed, too. */
async function serveOnce(dir: string): Promise<void> {
  const child = spawn(process.execPath, [script, dir, '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = once(child, 'exit');
  const line = once(createInterface({ input: child.stdout }), 'line');
  await Promise.race([line, gone.then(() => Promise.reject(new Error('the authority did not start')))]);
  child.kill('SIGKILL');
  await gone;
}
