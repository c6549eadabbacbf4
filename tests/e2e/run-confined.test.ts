/** What confines the processes of Countersign, and what does not. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import type { World } from '../../packages/countersign/src/cli/call.ts';
import { Ending } from '../../packages/countersign/src/cli/process/ending.ts';
import { confinement } from '../../packages/countersign/src/cli/run/front-child.ts';
import { runCommandLine } from '../../packages/countersign/src/cli/run-command-line.ts';
import type { Command } from '../../packages/countersign/src/cli/table/command.ts';
import { commands } from '../../packages/countersign/src/cli/table/commands.ts';

/** A call that parses: what the command requires, and nothing else. */
function leastCall({ name, options, arguments: given, program }: Command): string[] {
  const values: Readonly<Record<string, string>> = {
    duration: '1s',
    address: '127.0.0.1:0',
    time: '2026-01-31T12:00:00Z',
  };
  const needed = options
    .filter(({ required }) => required === true)
    .flatMap((option) => [`--${option.name}`, option.choices?.[0] ?? values[option.kind] ?? 'x']);
  const words = given.filter(({ required }) => required).map(() => 'x');
  return [...name.split(' '), '--json', ...needed, ...words, ...(program === undefined ? [] : ['--', 'true'])];
}

async function codeUnder(env: World['env'], command: Command): Promise<string> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const world = {
    env,
    execArgv: [],
    workingDirectory: '/nonexistent',
    pid: process.pid,
    clock: systemClock,
    stdin: process.stdin,
    stdout,
    stderr,
    ending: new Ending(),
  };
  await runCommandLine(leastCall(command), world as unknown as World);
  const last =
    String((stdout.read() as Buffer | null) ?? '')
      .trim()
      .split('\n')
      .at(-1) ?? '';
  return String((JSON.parse(last) as { code?: string }).code);
}

/** They hold no key and speak with no peer of ours. */
const exempt = ['config check', 'config diff', 'config test', 'doctor partners', 'help', 'inspect', 'verify'];

test('every command but those that hold no key refuses to start in a hostile environment', async () => {
  assert.deepEqual(commands.flatMap(({ name, environment }) => (environment === 'any' ? [name] : [])).sort(), exempt);
  for (const command of commands.filter(({ name }) => !exempt.includes(name))) {
    assert.equal(await codeUnder({ NODE_TLS_REJECT_UNAUTHORIZED: '0' }, command), 'CS-ENV-001', command.name);
    assert.equal(await codeUnder({ NODE_OPTIONS: '--inspect' }, command), 'CS-ENV-003', command.name);
  }
});

function confined(program: string): Record<string, string> {
  const args = [...confinement(), '--input-type=module', '--eval', program];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env: {}, cwd: '/' });
  assert.notEqual(stdout, '', stderr);
  return JSON.parse(stdout) as Record<string, string>;
}

const attempt = `
const outcome = {};
const attempt = async (name, act) => {
  try { await act(); outcome[name] = 'done'; } catch (error) { outcome[name] = error.code ?? error.message; }
};
`;

test("a front's process reads no file, writes none, starts no program, thread or addon", () => {
  const outcome = confined(`${attempt}
    import { readFileSync, writeFileSync, readdirSync } from 'node:fs';
    import { spawnSync } from 'node:child_process';
    import { Worker } from 'node:worker_threads';
    await attempt('read', () => readFileSync('/etc/hostname'));
    await attempt('list', () => readdirSync('/tmp'));
    await attempt('environment of others', () => readFileSync('/proc/' + process.ppid + '/environ'));
    await attempt('write', () => writeFileSync('/tmp/countersign-confined', ''));
    await attempt('program', () => { const { error } = spawnSync('true'); if (error) throw error; });
    await attempt('thread', () => new Worker('1', { eval: true }));
    await attempt('addon', () => process.dlopen({ exports: {} }, '/nonexistent.node'));
    console.log(JSON.stringify(outcome));
  `);
  const { addon, ...rest } = outcome;
  for (const [what, result] of Object.entries(rest)) assert.equal(result, 'ERR_ACCESS_DENIED', what);
  assert.match(String(addon), /^ERR_DLOPEN_(DISABLED|FAILED)$/);
});

test('it may listen and connect: that is its work', () => {
  const outcome = confined(`${attempt}
    import { connect, createServer } from 'node:net';
    import { once } from 'node:events';
    await attempt('network', async () => {
      const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const socket = connect(server.address().port, '127.0.0.1');
      await once(socket.resume(), 'close');
      server.close();
    });
    console.log(JSON.stringify(outcome));
  `);
  assert.deepEqual(outcome, { network: 'done' });
});

test('what the permission model does not confine: node:sqlite makes files, and Unix sockets are open', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [database, socket] = [join(folder, 'made.db'), join(folder, 'socket')];
  const server = createServer((one) => one.end());
  await new Promise<void>((listening) => server.listen(socket, listening));
  const outcome = confined(`${attempt}
    import { DatabaseSync } from 'node:sqlite';
    import { connect } from 'node:net';
    await attempt('sqlite', () => new DatabaseSync(${JSON.stringify(database)}).exec('create table t (c)'));
    await attempt('unix socket', () => new Promise((done, failed) => {
      const socket = connect(${JSON.stringify(socket)}, () => { socket.destroy(); done(); });
      socket.on('error', failed);
    }));
    console.log(JSON.stringify(outcome));
  `);
  server.close();
  // Where one of them is confined one day, this says so: then the sentence in docs/run.md can go.
  assert.deepEqual([outcome['sqlite'], outcome['unix socket']], ['done', 'done']);
  assert.ok(existsSync(database));
});

test("a front's code loads neither node:sqlite nor koffi", () => {
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const text = readFileSync(file, 'utf8');
    assert.doesNotMatch(text, /(?:from|import\() ?'(?:node:sqlite|koffi)'/, file);
    for (const [, at = ''] of text.matchAll(/^(?:import|export)(?! type)[^;]*? from '(\.[^']+)'/gm))
      visit(join(file, '..', at));
  };
  visit(join(import.meta.dirname, '../../packages/countersign/src/cli/run/front-process.ts'));
  assert.ok(seen.size > 100, `${seen.size} files`);
});
