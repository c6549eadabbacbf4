import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';

import { migrations } from './migrations/migrations.ts';
import { removeHolder } from './holder-file.ts';
import { openDatabase } from './open-database.ts';
import { isEnding, processLife } from './process-life.ts';

const stat = (state: string, flags: number): string => `7 (a b) ${state}) ${state} 1 7 7 0 -1 ${String(flags)} 9 0`;
const status = (own: string, shared: string): string =>
  `Name:\tnode\nSigPnd:\t${own}\nShdPnd:\t${shared}\nSigBlk:\t0000000000000100\n`;
const none = '0'.repeat(16);

test('a process that was killed, is exiting or is a zombie is ending; one that sleeps, stands still or was asked politely is not', () => {
  const killed = '0000000000000100';
  const asked = '0000000000004000';
  assert.deepEqual(
    [
      isEnding(stat('S', 0x400000), status(none, none)),
      isEnding(stat('T', 0x400000), status(none, asked)),
      isEnding(stat('R', 0x400000), status(killed, none)),
      isEnding(stat('D', 0x400000), status(none, killed)),
      isEnding(stat('R', 0x400004), status(none, none)),
      isEnding(stat('Z', 0x400000), status(none, none)),
    ],
    [false, false, true, true, true, true],
  );
});

test('this process lives; one that has ended is gone', () => {
  assert.equal(processLife(process.pid), 'lives');
  assert.equal(processLife(gonePid()), 'gone');
});

test('a database that somebody has is waited for where the noted holder is dead or none, and refused at once where it lives', async (t) => {
  for (const holder of ['', `${String(gonePid())} unchecked\n`, `${String(process.pid)} unchecked\n`]) {
    const file = await closedDatabase(t);
    if (holder !== '') await writeFile(`${file}.holder`, holder, { mode: 0o600 });
    const other = new DatabaseSync(file, { timeout: 0 });
    other.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    let looks = 0;
    class Handle extends DatabaseSync {
      override exec(sql: string): void {
        if (sql === 'PRAGMA locking_mode = EXCLUSIVE' && ++looks === 3) other.close();
        super.exec(sql);
      }
    }
    const opened = (): DatabaseSync =>
      openDatabase(file, { migrations, nowMs: 0, openHandle: (path) => new Handle(path, { timeout: 0 }) });
    if (holder.startsWith(String(process.pid))) {
      assert.throws(opened, { code: 'CS-STATE-001', evidence: { file, holder: `process ${String(process.pid)}` } });
      other.close();
    } else {
      opened().close();
      assert.equal(looks, 3);
    }
  }
});

/** Of a process that was, and was waited for. */
function gonePid(): number {
  return spawnSync('true').pid;
}

async function closedDatabase(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'authority.db');
  openDatabase(file, { migrations, nowMs: 0 }).close();
  removeHolder(file);
  return file;
}
