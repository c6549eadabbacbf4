/** `authority audit`: the log read, verified with and without a running authority, exported, erased; and what is found when somebody was at it. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';

import { openWorkload } from '../../packages/countersign/src/traffic/agent/index.ts';
import { type Folder, type RunningAuthority, startAuthority, temporaryFolder } from './command.ts';
import { countersign } from './here.ts';

let folder: Folder;
let authority: RunningAuthority;
before(async () => {
  folder = await temporaryFolder();
  authority = await startAuthority(folder.in('state'));
  await audited('token', 'web');
  await audited('token', 'db', 'db.internal');
});
after(async () => {
  await authority.stop();
  await folder.remove();
});

const audited = (...args: string[]) => countersign([...args, '--dir', folder.in('state')]);
const verify = (...args: string[]) => audited('authority', 'audit', 'verify', '--json', ...args);

/** An endpoint that follows the feed once, and what it remembers from then on. */
async function remembering(name: string): Promise<{ file: string; sequence: number }> {
  const { result } = await audited('token', name, '--json');
  const workload = await openWorkload({ token: String(result['token']), folder: folder.in(name) });
  await workload.close({ graceMs: 0 });
  const file = folder.in(name, 'audit-head.json');
  const { sequence } = JSON.parse(readFileSync(file, 'utf8')) as Line;
  return { file, sequence };
}

interface Line {
  readonly sequence: number;
  readonly hash: string;
  readonly action: string;
}

async function exported(...args: string[]): Promise<readonly Line[]> {
  const { out, status } = await audited('authority', 'audit', 'export', ...args);
  assert.equal(status, 0);
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

test('a table for people fits 80 columns and says who did what', async () => {
  const { out, status } = await audited('authority', 'audit', 'list');
  assert.equal(status, 0);
  for (const line of out.split('\n')) assert.ok(line.length <= 80, line);
  assert.match(out, /4 +\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ {2}token\.create +uid:\d+[^\n]*\n {3}web, expires \d{4}-/);
  const later = await audited('authority', 'audit', 'list', '--since', '2999-01-01T00:00:00Z');
  assert.match(later.out, /no entries/);
});

test('the log verifies while the authority runs; what is exported begins and ends where it was asked', async () => {
  const { status, result } = await verify();
  assert.deepEqual([status, result['sound'], result['findings']], [0, true, 0]);
  const all = await exported();
  assert.deepEqual(
    all.slice(0, 5).map(({ sequence }) => sequence),
    [1, 2, 3, 4, 5],
  );
  const [told] = await exported('--since', String(all.length + 1));
  assert.deepEqual([told?.sequence, told?.action], [all.length + 1, 'audit.export']);
  const text = (await countersign(['authority', 'audit', 'export', '--since', 'yesterday'])).err;
  assert.match(text, /CS-USAGE-003|CS-NET-004|CS-FILE-001/);
});

test('the documentation says how others verify an export: it does, and finds what was changed', async (t) => {
  if (spawnSync('python3', ['--version']).status !== 0) {
    t.skip('no python3');
    return;
  }
  const page = readFileSync(resolve(import.meta.dirname, '../../docs/audit.md'), 'utf8');
  const [, script = ''] = /^```python\n([\s\S]*?)^```$/m.exec(page) ?? [];
  const { out } = await audited('authority', 'audit', 'export');
  const check = (input: string): string =>
    spawnSync('python3', ['-c', script], {
      input,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], PYTHONUTF8: '1' },
    }).stdout.trim();
  assert.match(check(out), /^\d+ entries, head \d+ [0-9a-f]{64}$/);
  assert.match(check(out.replace('"token.create"', '"token.claim"')), /^4: changed$/m);
  assert.match(check(out.replace('"value":"web"', '"value":"wab"')), /^4: personal value changed: names$/m);
  assert.match(check(out.split('\n').toSpliced(1, 1).join('\n')), /^3: not chained to the entry before$/m);
  // And by hand, as the page shows, with sha256sum.
  const [first] = out.split('\n');
  const { hash, personal, at, ...rest } = JSON.parse(first!) as Record<string, unknown>;
  assert.deepEqual(personal, {});
  const { action, facts, previous, sequence } = rest;
  const sorted = Object.fromEntries(
    Object.entries(facts as Record<string, unknown>).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  const canonical = JSON.stringify({ action, at, facts: sorted, personal, previous, sequence, version: 1 });
  assert.equal(execFileSync('sha256sum', { input: canonical, encoding: 'utf8' }).split(' ')[0], hash);
});

test('to a syslog receiver and to a collector; one that is not there is named', async () => {
  const lines: Promise<string> = new Promise((done) => {
    const server = createServer((socket) => {
      let text = '';
      socket.setEncoding('utf8').on('data', (part: string) => (text += part));
      socket.on('end', () => {
        server.close();
        done(text);
      });
    });
    server.listen(0, '127.0.0.1', () => void send(server.address() as AddressInfo));
  });
  const send = async ({ port }: AddressInfo): Promise<void> => {
    const to = ['--format', 'syslog', '--to', `tcp://127.0.0.1:${String(port)}`];
    assert.equal((await audited('authority', 'audit', 'export', '--since', '4', ...to)).status, 0);
  };
  assert.match(await lines, /^\d+ <109>1 .* token\.create \[countersign@32473 sequence="4"/);

  const bodies: string[] = [];
  const collector = createHttpServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => (text += part));
    request.on('end', () => {
      bodies.push(text);
      response.end('{}');
    });
  });
  await new Promise<void>((listening) => collector.listen(0, '127.0.0.1', listening));
  const to = `http://127.0.0.1:${String((collector.address() as AddressInfo).port)}`;
  const sent = await audited('authority', 'audit', 'export', '--format', 'otlp', '--to', to, '--json');
  collector.close();
  assert.equal(sent.status, 0);
  assert.match(bodies.join(''), /"eventName":"countersign\.audit\.token\.create"/);

  const nobody = await audited('authority', 'audit', 'export', '--format', 'otlp', '--to', 'http://127.0.0.1:1');
  assert.deepEqual([nobody.status, /CS-AUDIT-003/.test(nobody.err)], [3, true]);
  const wrong = await audited('authority', 'audit', 'export', '--format', 'syslog', '--to', 'http://127.0.0.1:1');
  assert.deepEqual([wrong.status, /CS-USAGE-003/.test(wrong.err)], [2, true]);
});

test('what is erased is gone from every view, the log verifies, and the erasing is on record', async () => {
  assert.equal((await audited('authority', 'audit', 'erase', '--name', 'db.internal', '--yes')).status, 0);
  const { out } = await audited('authority', 'audit', 'export');
  assert.ok(!out.includes('db.internal'));
  assert.ok(out.includes('"value":"web"'));
  const { status, result } = await verify();
  assert.deepEqual([status, result['erased']], [0, 1]);
  assert.match(
    (await audited('authority', 'audit', 'list')).out,
    /personal\.erase +uid:\d+[^\n]*\n {3}about name, fields 1/,
  );
  assert.equal((await audited('authority', 'audit', 'erase', '--yes')).status, 2);
});

test('without the authority: sound at first; then each thing that was done to the database is named', async () => {
  const early = await remembering('early');
  const late = await remembering('late');
  assert.ok(late.sequence > early.sequence && early.sequence > 5);
  const running = await verify('--witness', early.file, '--witness', late.file);
  assert.deepEqual([running.status, running.result['witnesses']], [0, 2], running.out);
  await authority.stop();
  assert.deepEqual([(await verify()).status, (await verify()).result['sound']], [0, true]);
  const tamper = (sql: string): void => {
    const database = new DatabaseSync(folder.in('state', 'authority.db'));
    database.exec(`DROP TRIGGER IF EXISTS audit_is_kept; DROP TRIGGER IF EXISTS audit_is_fixed; ${sql}`);
    database.close();
  };
  const findings = async (...args: string[]): Promise<unknown[]> => {
    const { status, events } = await verify(...args);
    assert.equal(status, 1);
    return events.flatMap(({ event, kind, sequence, through, witness }) =>
      event === 'finding' ? [[kind, sequence, through, witness].filter((part) => part !== undefined)] : [],
    );
  };
  tamper("UPDATE audit SET facts = replace(facts, 'token', 'taken') WHERE sequence = 4");
  assert.deepEqual(await findings(), [['changed', 4]]);
  tamper("UPDATE audit SET facts = replace(facts, 'taken', 'token') WHERE sequence = 4");
  assert.equal((await verify()).status, 0);
  tamper("UPDATE audit SET personal = replace(personal, 'web', 'wab') WHERE sequence = 4");
  assert.deepEqual(await findings(), [['changed', 4]]);
  tamper("UPDATE audit SET personal = replace(personal, 'wab', 'web') WHERE sequence = 4");

  tamper('DELETE FROM audit WHERE sequence IN (3, 5)');
  assert.deepEqual(await findings(), [
    ['dropped', 3, 3],
    ['dropped', 5, 5],
  ]);
  const kept = early.sequence;
  tamper(`DELETE FROM audit WHERE sequence > ${kept}`);
  const end = (await findings()).at(-1) as unknown[];
  assert.deepEqual([end[0], end[1], end[3]], ['truncated', kept + 1, "the database's own count"]);

  // And where the traces of that are covered, too, whoever remembers.
  tamper(`DELETE FROM audit WHERE sequence < 6; UPDATE sqlite_sequence SET seq = ${kept} WHERE name = 'audit'`);
  const cut = (await findings('--witness', late.file)).at(-1);
  assert.deepEqual(cut, ['truncated', kept + 1, late.sequence, late.file]);
});

test('a witness is believed where the authority has signed what it says', async () => {
  const sound = folder.in('witnessed');
  const other = await startAuthority(sound);
  try {
    const check = (...args: string[]) =>
      countersign(['authority', 'audit', 'verify', '--json', '--dir', sound, ...args]);
    const stranger = folder.in('late', 'audit-head.json');
    const foreign = await check('--witness', stranger);
    assert.deepEqual([foreign.status, foreign.result['strangers']], [0, [stranger]]);
    const head = { version: 1, authority: other.root, sequence: 2, hash: 'ab'.repeat(32), atMs: 1, message: 'a.b.c' };
    await writeFile(folder.in('forged.json'), JSON.stringify(head));
    const forged = await check('--witness', folder.in('forged.json'));
    assert.deepEqual([forged.status, forged.result['unproven']], [1, [folder.in('forged.json')]]);
    assert.deepEqual([forged.result['witnesses'], forged.events.at(-2)?.['kind']], [0, 'unproven']);
  } finally {
    await other.stop();
  }
});
