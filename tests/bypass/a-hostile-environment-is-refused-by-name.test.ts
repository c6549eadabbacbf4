/**
 * Class R. Whoever can set a process's environment or options, or send it a signal, would read its keys or switch its checks off: verification off,
 * session secrets to a file, a debugger, weaker versions of TLS, another configuration of OpenSSL. Long-running commands refuse to start, by name; SIGUSR1 opens nothing.
 * Stands for: no advisory; each works against a bare program of node:tls, and two of them are shown to.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { join, resolve } from 'node:path';
import { test, type TestContext } from 'node:test';
import { freePort } from '../fixtures/free-port.ts';
import { temporaryFolder } from '../e2e/authority-process.ts';
import { compiledModules } from '../fixtures/compiled-modules.ts';
import { type Attack, attacks } from './hostile-settings.ts';
import { everywhere } from './share.ts';

const program = join(import.meta.dirname, 'long-running.ts');
const command = resolve(import.meta.dirname, '../../packages/countersign/src/cli/main.ts');

interface Ended {
  readonly status: number | null;
  readonly output: string;
}

/** Runs Node with an environment of its own until it ends by itself or says "ready". */
async function run(t: TestContext, attack: Pick<Attack, 'env' | 'options'>, argv: readonly string[]): Promise<Ended> {
  const child = start(t, attack, argv);
  let output = '';
  const listen = (part: Buffer): void => {
    output += part.toString();
    if (/ready/.test(output)) child.kill('SIGKILL');
  };
  child.stdout?.on('data', listen);
  child.stderr?.on('data', listen);
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, output };
}

function start(t: TestContext, attack: Pick<Attack, 'env' | 'options'>, argv: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [...(attack.options ?? []), ...argv], {
    env: { PATH: process.env['PATH'], ...compiledModules, ...attack.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

test('a program of the library and the command refuse each attack by name', async (t) => {
  const folder = await temporaryFolder(t);
  const harmless = await run(t, {}, [program]);
  assert.match(harmless.output, /ready/, 'without an attack it runs');
  const codes = new Set<string>();
  for (const [what, attack] of Object.entries(attacks(folder))) {
    const up = [command, 'up', '--dir', `${folder}/state`, '--listen', '127.0.0.1:0', '--json'];
    // What both call is tried with each setting, and with each command, without processes; here, once for each code, as Node itself takes the setting.
    const isNew = !codes.has(attack.code);
    const argvs = [
      ...(everywhere || isNew ? [[program]] : []),
      ...(everywhere || (isNew && codes.size < 2) ? [up] : []),
    ];
    codes.add(attack.code);
    const results = await Promise.all(argvs.map((argv) => run(t, attack, argv)));
    for (const { status, output } of results) {
      assert.equal(status, 2, `${what}: ${output}`);
      assert.ok(output.includes(attack.code) && output.includes(attack.named), `${what}: ${output}`);
      assert.doesNotMatch(output, /ready/, what);
    }
  }
});

test('a bare program runs under the same', async (t) => {
  const folder = await temporaryFolder(t);
  const bare = `
    const tls = require('node:tls');
    setImmediate(() => console.log('ready', process.env.NODE_TLS_REJECT_UNAUTHORIZED ?? '', tls.DEFAULT_MIN_VERSION));
    setInterval(() => {}, 1000);`;
  assert.match((await run(t, { env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } }, ['-e', bare])).output, /ready 0/);
  assert.match((await run(t, { env: { NODE_OPTIONS: `--tls-keylog=${folder}/keys` } }, ['-e', bare])).output, /ready/);
  assert.match((await run(t, { options: ['--tls-min-v1.0'] }, ['-e', bare])).output, /ready {2}TLSv1\n/);
});

/** What a process says and opens after SIGUSR1. The port is its own: the debugger's usual one may be another's. */
async function afterUserSignal(t: TestContext, options: readonly string[]): Promise<{ said: string; open: boolean }> {
  const port = await freePort();
  const child = start(t, { options: [...options, `--inspect-port=127.0.0.1:${port}`] }, [
    '-e',
    'console.log("ready"); setInterval(() => {}, 1000)',
  ]);
  let said = '';
  child.stderr?.on('data', (part: Buffer) => (said += part.toString()));
  if (child.stdout === null) throw new TypeError('its output is a pipe');
  await once(child.stdout, 'data');
  child.kill('SIGUSR1');
  const ended = once(child, 'close');
  let open = false;
  for (let attempt = 0; attempt < 20 && !open && child.exitCode === null && child.signalCode === null; attempt++) {
    await new Promise((wait) => setTimeout(wait, 25));
    open = await connects(port);
  }
  child.kill('SIGKILL');
  await ended;
  return { said, open };
}

function connects(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      settle(true);
    });
    socket.once('error', () => settle(false));
  });
}

test('SIGUSR1 opens a debugger in a bare process, and none under --disable-sigusr1', async (t) => {
  const bare = await afterUserSignal(t, []);
  assert.ok(bare.open, 'the attack works where nothing stops it');
  const hardened = await afterUserSignal(t, ['--disable-sigusr1']);
  assert.ok(!hardened.open);
  assert.doesNotMatch(hardened.said, /Debugger listening/);
});

test('the installed command opens none either', async (t) => {
  const folder = await temporaryFolder(t);
  const launcher = resolve(import.meta.dirname, '../../packages/countersign/bin/countersign');
  const child = spawn(launcher, ['up', '--dir', folder, '--listen', '127.0.0.1:0', '--json'], {
    env: { PATH: process.env['PATH'], ...compiledModules },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  child.stderr.on('data', (part: Buffer) => (said += part.toString()));
  await once(child.stdout, 'data');
  const ended = once(child, 'close');
  child.kill('SIGUSR1');
  await new Promise((wait) => setTimeout(wait, 300));
  child.kill('SIGKILL');
  await ended;
  assert.doesNotMatch(said, /Debugger listening/);
});
