/** `up` under systemd's protocols: it tells how it is, reads its settings again, takes sockets that are handed to it, and keeps to the places it is given. */
import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { test, type TestContext } from 'node:test';

import { openLocalAuthority } from '../../packages/countersign/src/runtime/api/index.ts';
import { freePort } from '../fixtures/free-port.ts';
import { compiledModules } from '../fixtures/compiled-modules.ts';
import { until, wait } from './authority-process.ts';
import { ended, event, launcher, start, temporaryFolder, type Folder } from './command.ts';
import { countersign } from './here.ts';

const has = (program: string, ...args: string[]): boolean => spawnSync(program, args, { stdio: 'ignore' }).status === 0;
const python = has('python3', '--version');
const analyze = has('systemd-analyze', '--version');
const activate = has('systemd-socket-activate', '--version');
const skipped = (there: boolean, what: string): { skip: string | false } => ({
  skip: there ? false : `${what} is not here`,
});

async function folderOf(t: TestContext): Promise<Folder> {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  return folder;
}

/** A manager that listens: each datagram is a message. */
async function manager(t: TestContext, address: string): Promise<{ messages: string[]; said(text: string): boolean }> {
  const script = `
import socket, sys, json
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
name = sys.argv[1]
s.bind('\\0' + name[1:] if name.startswith('@') else name)
print(json.dumps('listening'), flush=True)
while True: print(json.dumps(s.recv(65536).decode()), flush=True)
`;
  const child = spawn('python3', ['-c', script, address], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const messages: string[] = [];
  const listening = Promise.withResolvers<undefined>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = JSON.parse(line) as string;
    if (message === 'listening') listening.resolve(undefined);
    else messages.push(message);
  });
  await listening.promise;
  return { messages, said: (text) => messages.some((message) => message.split('\n').includes(text)) };
}

function serve(t: TestContext, folder: Folder, env: Record<string, string>, ...options: string[]): ChildProcess {
  const child = start(['up', '--dir', folder.in('state'), '--listen', '127.0.0.1:0', '--json', ...options], { env });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

test('it tells the manager: ready, alive, reading again, ending', skipped(python, 'python3'), async (t) => {
  const folder = await folderOf(t);
  const notify = folder.in('notify');
  const { messages, said } = await manager(t, notify);
  const child = serve(t, folder, { NOTIFY_SOCKET: notify, WATCHDOG_USEC: '600000' });
  const end = ended(child);
  await event(child, 'ready');
  await until('READY', () => said('READY=1'));
  assert.match(messages.join('\n'), /STATUS=ready; https:\/\/127\.0\.0\.1:\d+/);
  await until('two signs of life', () => messages.filter((message) => message.includes('WATCHDOG=1')).length >= 2);
  const before = messages.length;
  child.kill('SIGHUP');
  await until('RELOADING', () => said('RELOADING=1'));
  await until('READY again', () => messages.slice(before).some((message) => message.includes('READY=1')));
  const reloading = messages.find((message) => message.includes('RELOADING=1')) ?? '';
  const usec = Number(/^MONOTONIC_USEC=(\d+)$/m.exec(reloading)?.[1]);
  const uptimeUsec = Number(spawnSync('cat', ['/proc/uptime'], { encoding: 'utf8' }).stdout.split(' ')[0]) * 1e6;
  assert.ok(Math.abs(uptimeUsec - usec) < 60e6, `${String(usec)} is the kernel's clock, ${String(uptimeUsec)}`);
  child.kill('SIGTERM');
  await until('STOPPING', () => said('STOPPING=1'));
  assert.equal((await end).status, 0);
});

test('a name in the abstract namespace is a manager, too', skipped(python, 'python3'), async (t) => {
  const folder = await folderOf(t);
  const address = `@countersign-test-${String(process.pid)}`;
  const { said } = await manager(t, address);
  const child = serve(t, folder, { NOTIFY_SOCKET: address });
  await event(child, 'ready');
  await until('READY', () => said('READY=1'));
  child.kill('SIGTERM');
  await ended(child);
});

test(
  'a watchdog meant for another process is not fed, and a manager that is away ends nothing',
  skipped(python, 'python3'),
  async (t) => {
    const folder = await folderOf(t);
    const { messages } = await manager(t, folder.in('notify'));
    const env = { NOTIFY_SOCKET: folder.in('notify'), WATCHDOG_USEC: '200000', WATCHDOG_PID: '1' };
    const child = serve(t, folder, env);
    await event(child, 'ready');
    await wait(600);
    assert.ok(!messages.join('\n').includes('WATCHDOG'));
    child.kill('SIGTERM');
    assert.equal((await ended(child)).status, 0);
    const alone = serve(t, folder, { NOTIFY_SOCKET: folder.in('nobody') });
    await event(alone, 'ready');
    alone.kill('SIGTERM');
    assert.equal((await ended(alone)).status, 0);
  },
);

/** A parent that listens and becomes the command, as systemd does it. */
const handOver = `
import os, socket, sys
names, pid, command = sys.argv[1], sys.argv[2], sys.argv[3:]
held = []
for at, name in enumerate(names.split(':')):
    s = socket.socket(socket.AF_UNIX if name == 'unix' else socket.AF_INET6 if name == 'v6' else socket.AF_INET, socket.SOCK_STREAM)
    if name == 'unix': s.bind('\\0countersign-%d' % os.getpid())
    else: s.bind(('::1' if name == 'v6' else '127.0.0.1', 0))
    s.listen(16)
    held.append(s)
moved = [os.dup2(s.fileno(), 20 + at) for at, s in enumerate(held)]
for at, fd in enumerate(moved): os.dup2(fd, 3 + at, inheritable=True)
os.environ.update(LISTEN_FDS=str(len(held)), LISTEN_PID=str(os.getpid()) if pid == 'own' else pid, LISTEN_FDNAMES=names.replace('v6', 'https').replace('unix', 'https'))
print(' '.join(str(s.getsockname()[1]) if s.family != socket.AF_UNIX else '0' for s in held), file=sys.stderr, flush=True)
os.execv(command[0], command)
`;

function handed(
  t: TestContext,
  folder: Folder,
  names: string,
  pid = 'own',
): { child: ChildProcess; ports: Promise<number[]> } {
  const command = [launcher, 'up', '--dir', folder.in('state'), '--listen', '127.0.0.1:0', '--json'];
  const child = spawn('python3', ['-c', handOver, names, pid, ...command], {
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...compiledModules },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  const ports = new Promise<number[]>((resolve) => {
    createInterface({ input: child.stderr }).once('line', (line) => resolve(line.split(' ').map(Number)));
  });
  return { child, ports };
}

test('sockets that were handed over are served on: https and metrics', skipped(python, 'python3'), async (t) => {
  const folder = await folderOf(t);
  const { child, ports } = handed(t, folder, 'https:metrics');
  const ready = await event(child, 'ready');
  const [https = 0, metrics = 0] = await ports;
  assert.equal(ready['url'], `https://127.0.0.1:${String(https)}`);
  assert.equal(ready['telemetry'], `http://127.0.0.1:${String(metrics)}`);
  assert.equal(await (await fetch(`http://127.0.0.1:${String(metrics)}/readyz`)).text(), 'ready\n');
  const local = openLocalAuthority(folder.in('state'));
  t.after(() => local.close());
  assert.equal((await local.status()).url, ready['url']);
  assert.equal(
    (
      await countersign(['issue', '--token-file', '-', '--out', folder.in('web')], {
        input: (await local.createToken({ names: ['web'], lifeSeconds: 60 })).token,
      })
    ).status,
    0,
  );
  // What a program of ours would inherit: neither descriptor, nor the words about them.
  const flags = spawnSync('cat', [`/proc/${String(child.pid)}/fdinfo/3`], { encoding: 'utf8' }).stdout;
  assert.match(flags, /flags:\s+0*2\d{6}\b/);
  child.kill('SIGTERM');
  await ended(child);
});

test('over IPv6, and one socket without a name of ours', skipped(python, 'python3'), async (t) => {
  const folder = await folderOf(t);
  const { child, ports } = handed(t, folder, 'v6');
  const ready = await event(child, 'ready');
  assert.equal(ready['url'], `https://[::1]:${String((await ports)[0])}`);
  child.kill('SIGTERM');
  await ended(child);
});

test('sockets for another process are left alone', skipped(python, 'python3'), async (t) => {
  const folder = await folderOf(t);
  const { child, ports } = handed(t, folder, 'https', '1');
  const ready = await event(child, 'ready');
  assert.notEqual(ready['url'], `https://127.0.0.1:${String((await ports)[0])}`);
  child.kill('SIGTERM');
  await ended(child);
});

test('sockets that it does not understand keep it from starting, by name', skipped(python, 'python3'), async (t) => {
  for (const names of ['https:web', 'https:https', 'unix']) {
    const { child } = handed(t, await folderOf(t), names);
    const { status, events } = await ended(child);
    assert.deepEqual([status, events.at(-1)?.['code']], [2, 'CS-SYSTEM-002'], names);
  }
});

test(
  'systemd-socket-activate: the first caller starts it and is served',
  skipped(activate, 'systemd-socket-activate'),
  async (t) => {
    const folder = await folderOf(t);
    const port = await freePort();
    const child = spawn(
      'systemd-socket-activate',
      [
        '--listen',
        `127.0.0.1:${String(port)}`,
        '--fdname=https',
        launcher,
        'up',
        '--dir',
        folder.in('state'),
        '--json',
      ],
      {
        env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...compiledModules },
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    t.after(() => child.kill('SIGKILL'));
    const ready = event(child, 'ready');
    // Until it listens itself, a connection is refused: only then was it started.
    let connected = false;
    const knock = (): void => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => (connected = true));
      socket.on('error', () => undefined);
      t.after(() => socket.destroy());
    };
    for (let at = 0; at < 100 && !connected; at++) {
      knock();
      await wait(50);
    }
    assert.equal((await ready)['url'], `https://127.0.0.1:${String(port)}`);
    child.kill('SIGTERM');
    await ended(child);
  },
);

test('--system keeps to the places that systemd gives, and writes for the journal', async (t) => {
  const folder = await folderOf(t);
  const env = {
    STATE_DIRECTORY: folder.in('var'),
    RUNTIME_DIRECTORY: folder.in('run'),
    CONFIGURATION_DIRECTORY: folder.in('etc'),
    JOURNAL_STREAM: '8:1',
  };
  await mkdir(env.CONFIGURATION_DIRECTORY);
  await writeFile(`${env.CONFIGURATION_DIRECTORY}/authority.yaml`, 'telemetry: { log: { level: debug } }\n');
  const child = start(['up', '--system', '--listen', '127.0.0.1:0'], { env });
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  child.stdout?.on('data', (text: Buffer) => (said += text.toString()));
  await until('ready', () => said.includes('"event":"ready"'));
  assert.match(said, /^<5>\{"time":"[^"]+","level":"notice","event":"ready"/m);
  assert.ok(
    existsSync(`${env.RUNTIME_DIRECTORY}/authority.sock`) && !existsSync(`${env.STATE_DIRECTORY}/authority.sock`),
  );
  assert.equal((await stat(env.STATE_DIRECTORY)).mode & 0o077, 0);
  const local = openLocalAuthority(env.RUNTIME_DIRECTORY);
  t.after(() => local.close());
  assert.equal((await local.status()).ready, true);
  child.kill('SIGTERM');
  assert.equal((await ended(child)).status, 0);
  const twice = await countersign(['up', '--system', '--dir', folder.in('x')], { env });
  assert.deepEqual([twice.status, /CS-USAGE-006/.test(twice.err)], [2, true]);
});

test(
  'the units are what systemd takes, and let the service do little',
  skipped(analyze, 'systemd-analyze'),
  async (t) => {
    const folder = await folderOf(t);
    for (const unit of ['service', 'socket']) {
      const { status, out } = await countersign(['up', '--print-unit', unit, '--listen', '0.0.0.0:7443']);
      assert.equal(status, 0);
      await writeFile(folder.in(`countersign.${unit}`), out);
    }
    const verify = spawnSync(
      'systemd-analyze',
      ['verify', folder.in('countersign.socket'), folder.in('countersign.service')],
      { encoding: 'utf8' },
    );
    const about = `${verify.stdout}${verify.stderr}`.split('\n').filter((line) => line.includes('countersign'));
    assert.deepEqual([verify.status, about], [0, []]);
    const security = spawnSync('systemd-analyze', ['security', '--offline=true', folder.in('countersign.service')], {
      encoding: 'utf8',
    });
    const exposure = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(security.stdout)?.[1]);
    assert.ok(exposure <= 1.5, `${String(exposure)} of 10`);
  },
);
