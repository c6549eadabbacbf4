/** At a real terminal, by `script` of util-linux: the passphrase is asked for and not shown, a slip has a second try, and no third. */
import assert from 'node:assert/strict';
import { spawnSync, type ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { countersign, ended, event, launcher, spawnClean, start, temporaryFolder, type Folder } from './command.ts';

const skip = ((): string | false => {
  if (spawnSync('script', ['--version']).status === 0) return false;
  const reason = 'script of util-linux is not installed: nothing was shown of passphrases at a terminal';
  if ((process.env['CI'] ?? '') !== '') throw new Error(reason);
  process.stderr.write(`SKIPPED: ${reason}\n`);
  return reason;
})();

const passphrase = 'open sesame';

let folder: Folder;

before(async () => {
  folder = await temporaryFolder();
  await writeFile(folder.in('right'), `${passphrase}\n`, { mode: 0o600 });
  if (skip !== false) return;
  const child = start([
    ...['up', '--dir', folder.in('state'), '--listen', '127.0.0.1:0', '--json'],
    ...['--passphrase-file', folder.in('right')],
  ]);
  const end = ended(child);
  await event(child, 'ready');
  child.kill('SIGTERM');
  await end;
});
after(() => folder.remove());

interface Terminal {
  /** Waits until it shows what matches, from what was last waited for on. */
  shows(pattern: RegExp): Promise<void>;
  type(keys: string): void;
  /** @returns the exit status, when it has ended */
  end(): Promise<number | null>;
  /** All that was shown. */
  shown(): string;
}

/** A pseudo terminal holds up nobody for longer. */
const longestMs = 30_000;

function terminal(...args: string[]): Terminal {
  const line = [launcher, ...args].map((arg) => `'${arg}'`).join(' ');
  const child = spawnTyped(line);
  let [shown, from] = ['', 0];
  const listeners = new Set<() => void>();
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    for (const listener of listeners) listener();
  });
  const end = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    shows: (pattern) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`not shown: ${String(pattern)}: ${shown}`)), longestMs);
        const look = (): void => {
          const found = pattern.exec(shown.slice(from));
          if (found === null) return;
          from += found.index + found[0].length;
          clearTimeout(timer);
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        look();
      }),
    type: (keys) => void child.stdin?.write(keys),
    end: () => end,
    shown: () => shown,
  };
}

/** `-e`: the status of the command; `-f`: shown as it comes. Its stdin stays open, unlike that of the others. */
function spawnTyped(line: string): ChildProcess {
  return spawnClean('script', ['-qefc', line, '/dev/null'], { keepInputOpen: true, env: { TERM: 'xterm' } });
}

const up = (): Terminal => terminal('up', '--dir', folder.in('state'), '--listen', '127.0.0.1:0');
const asked = /passphrase of \S*issuer\.key\.pem: /;

test('the right passphrase starts the authority, and is not shown', { skip }, async () => {
  const at = up();
  await at.shows(asked);
  at.type(`${passphrase}\r`);
  await at.shows(/ready in/);
  at.type('\u0003');
  assert.equal(await at.end(), 130);
  assert.ok(!at.shown().includes('sesame'), at.shown());
});

test('wrong once, then right', { skip }, async () => {
  const at = up();
  await at.shows(asked);
  at.type('open barley\r');
  await at.shows(/once more, passphrase of/);
  await at.shows(/: $/);
  at.type(`${passphrase}\r`);
  await at.shows(/ready in/);
  at.type('\u0003');
  await at.end();
  assert.ok(!/sesame|barley/.test(at.shown()), at.shown());
});

test('wrong twice is refused by name', { skip }, async () => {
  const at = up();
  await at.shows(asked);
  at.type('open barley\r');
  await at.shows(/once more, passphrase of \S+: /);
  at.type('open rye\r');
  await at.shows(/CS-PASS-001/);
  assert.equal(await at.end(), 1);
  assert.ok(!/barley|rye/.test(at.shown()), at.shown());
});

test('Ctrl-C at the question ends the command; nobody is asked where there is no terminal', { skip }, async () => {
  const at = up();
  await at.shows(asked);
  at.type('\u0003');
  assert.equal(await at.end(), 130);
  const { result } = await countersign(['up', '--dir', folder.in('state'), '--listen', '127.0.0.1:0', '--json']);
  assert.equal(result['code'], 'CS-PASS-002');
});

test('a new passphrase is typed twice, and two that differ change nothing', { skip }, async () => {
  const change = (): Terminal =>
    terminal('authority', 'passphrase', '--dir', folder.in('state'), '--passphrase-file', folder.in('right'));
  const differs = change();
  await differs.shows(/new passphrase of \S+.*: /);
  differs.type('one\r');
  await differs.shows(/once more, passphrase of .*: /);
  differs.type('two\r');
  await differs.shows(/CS-PASS-005/);
  await differs.end();
  const agrees = change();
  await agrees.shows(/new passphrase of \S+.*: /);
  agrees.type('a new one\r');
  await agrees.shows(/once more, passphrase of .*: /);
  agrees.type('a new one\r');
  assert.equal(await agrees.end(), 0, agrees.shown());
  assert.ok(!agrees.shown().includes('a new one'));
  const at = up();
  await at.shows(asked);
  at.type('a new one\r');
  await at.shows(/ready in/);
  at.type('\u0003');
  await at.end();
});
