import assert from 'node:assert/strict';
import { PassThrough, Writable } from 'node:stream';
import { test } from 'node:test';
import { manualClock } from '../ground/clock/index.ts';
import type { World } from './call.ts';
import { loadCommand } from './load-command.ts';
import { Ending } from './process/ending.ts';
import { runCommandLine } from './run-command-line.ts';
import { commands } from './table/commands.ts';

interface Seen {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

class Collected extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

async function seen(
  argv: readonly string[],
  { terminal = false, env = {} }: { terminal?: boolean; env?: World['env'] } = {},
): Promise<Seen> {
  const [stdout, stderr] = [new Collected(), new Collected()];
  if (terminal) Object.assign(stdout, { isTTY: true });
  if (terminal) Object.assign(stderr, { isTTY: true });
  const world = {
    env,
    execArgv: [],
    workingDirectory: '/nonexistent',
    pid: 1,
    clock: manualClock(0),
    stdin: new PassThrough() as unknown as NodeJS.ReadStream,
    stdout: stdout as unknown as NodeJS.WriteStream,
    stderr: stderr as unknown as NodeJS.WriteStream,
    ending: new Ending(),
  };
  const status = await runCommandLine(argv, world);
  return { status, out: stdout.text, err: stderr.text };
}

const lines = (text: string): Record<string, unknown>[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('alone it shows the commands', async () => {
  for (const argv of [[], ['help'], ['--help'], ['-h']]) {
    const { status, out } = await seen(argv);
    assert.equal(status, 0);
    assert.match(out, /countersign.*mutual TLS/);
  }
});

test('every command of the table has its code', async () => {
  for (const { name } of commands) assert.equal(typeof (await loadCommand(name)), 'function', name);
});

test('--version', async () => {
  const { status, out } = await seen(['--version']);
  assert.equal(status, 0);
  assert.match(out, /^\d+\.\d+\.\d+\n$/);
});

test('help --json is the whole table, one object a line, the result last', async () => {
  const { status, out, err } = await seen(['help', '--json']);
  assert.equal(status, 0);
  assert.equal(err, '');
  const events = lines(out);
  const names = events.filter(({ event }) => event === 'command').map(({ command }) => command);
  assert.deepEqual(names.slice(0, 4), ['demo', 'up', 'run', 'gateway']);
  assert.equal(events.at(-1)?.['event'], 'result');
  assert.equal(events.at(-1)?.['commands'], names.length);
});

test('a wrong command ends with 2 and names the near one', async () => {
  const { status, out, err } = await seen(['tokne']);
  assert.equal(status, 2);
  assert.equal(out, '');
  assert.match(err, /^ CS-USAGE-001/);
  assert.match(err, /nearest: token\b/);
});

test('with --json a refusal is the last line of stdout, and stdout holds nothing else', async () => {
  const { status, out, err } = await seen(['token', 'a', '--life', '3', '--json']);
  assert.equal(status, 2);
  const [refused, ...more] = lines(out);
  assert.deepEqual(more, []);
  assert.equal(refused?.['event'], 'refused');
  assert.equal(refused['code'], 'CS-USAGE-003');
  assert.deepEqual(Object.keys(refused), ['event', 'code', 'title', 'evidence', 'remedy']);
  assert.match(err, /CS-USAGE-003/);
});

test('--json of the program after -- is not ours', async () => {
  const { out } = await seen(['run', '--bad', '--', 'x', '--json']);
  assert.equal(out, '');
});

test('a missing file ends with 3', async () => {
  const { status, err } = await seen(['inspect', 'nothing-here.pem']);
  assert.equal(status, 3);
  assert.match(err, /CS-FILE-001/);
});

test('colour on a terminal alone, and never with NO_COLOR', async () => {
  const escape = '\u001b[';
  assert.ok((await seen(['help'], { terminal: true })).out.includes(escape));
  assert.ok(!(await seen(['help'])).out.includes(escape));
  assert.ok(!(await seen(['help'], { terminal: true, env: { NO_COLOR: '1' } })).out.includes(escape));
  assert.ok(!(await seen(['help'], { terminal: true, env: { TERM: 'dumb' } })).out.includes(escape));
});
