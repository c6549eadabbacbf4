/**
 * Class R, over a running gateway of two processes: SIGUSR1 opens a debugger in neither, workers are started as the primary was and with
 * nothing that reads keys, more trust for Node itself lets nobody in, and settings that weaken TLS or open the process are refused by name before anything listens.
 * Stands for: no advisory; that the attacks work against a bare program is shown in a-hostile-environment-is-refused-by-name.test.ts.
 */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test, type TestContext } from 'node:test';
import { connect } from 'node:tls';
import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { countersign, type Event, start } from '../e2e/command.ts';
import { presented } from './presented.ts';

const [authority, stranger] = [new TestAuthority(), new TestAuthority()];
const domain = authority.trustDomain;

const pem = (certificates: readonly Uint8Array[]): string =>
  certificates.map((der) => encodePem('CERTIFICATE', der)).join('');

async function written(t: TestContext): Promise<{ readonly path: string; readonly strangers: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'gateway-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const { chain, privateKey } = authority.issue('gateway');
  const [path, strangers] = [join(folder, 'gateway.yaml'), join(folder, 'strangers.pem')];
  await writeFile(join(folder, 'cert.pem'), pem(chain));
  await writeFile(join(folder, 'key.pem'), privateKey.toPem(), { mode: 0o600 });
  await writeFile(join(folder, 'roots.pem'), pem([authority.root.raw]));
  await writeFile(strangers, pem([stranger.root.raw]));
  await writeFile(
    path,
    `version: 1
listen: { port: 0 }
workers: 2
credentials: { main: { folder: . } }
trust: { ${domain}: { anchors: [roots.pem] } }
hosts: { api.test: { certificate: required, credential: main, trust: [${domain}] } }
routes: [{ name: all, host: api.test, path: /, allow: ['spiffe://${domain}/**'], upstream: none }]
upstreams: { none: { targets: ['http://127.0.0.1:1'] } }
`,
  );
  return { path, strangers };
}

interface Running {
  readonly child: ChildProcess;
  readonly port: number;
  readonly said: () => string;
  /** The pids of this many workers, in the order in which they came. */
  readonly workers: (many: number) => Promise<readonly number[]>;
}

async function running(path: string, env: Readonly<Record<string, string>>): Promise<Running> {
  const child = start(['gateway', path], { env });
  let said = '';
  child.stderr?.on('data', (piece: Buffer) => (said += piece.toString()));
  const events: Event[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stdout ?? assert.fail() }).on('line', (line) => {
    events.push(JSON.parse(line) as Event);
    for (const look of waiting) look();
  });
  const some = (name: string, many: number): Promise<readonly Event[]> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = events.filter(({ event }) => event === name);
        if (found.length < many) return;
        waiting.delete(look);
        resolve(found);
      };
      child.once('exit', () => reject(new Error(`it ended: ${said}`)));
      waiting.add(look);
      look();
    });
  const [listening] = await some('listening', 1);
  return {
    child,
    port: Number(listening?.['port']),
    said: () => said,
    workers: async (many) => (await some('worker', many)).map(({ pid }) => Number(pid)),
  };
}

/** The status of an answer, or that there is none. */
async function asked(port: number, as: ReturnType<typeof presented>): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, servername: 'api.test', rejectUnauthorized: false, ...as });
  let seen = '';
  socket.on('data', (octets: Buffer) => (seen += octets.toString())).on('error', () => undefined);
  socket.write('GET / HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\n\r\n');
  await new Promise((resolve) => socket.once('close', resolve));
  return /CS-[A-Z]+-\d+/.exec(seen)?.[0] ?? 'nothing';
}

test('neither process opens a debugger, and what Node trusts lets nobody in', async (t) => {
  const { path, strangers } = await written(t);
  const { child, port, said, workers } = await running(path, { NODE_EXTRA_CA_CERTS: strangers });
  const first = await workers(2);
  for (const pid of first) {
    const [line, around] = await Promise.all(
      ['cmdline', 'environ'].map(async (what) => (await readFile(`/proc/${String(pid)}/${what}`, 'utf8')).split('\0')),
    );
    assert.ok(line?.includes('--disable-sigusr1'), String(line));
    assert.doesNotMatch(String(line), /--(?:inspect|tls|trace|heap-?snapshot|use-|require|import|eval)/);
    assert.doesNotMatch(String(around), /(?:^|,)(?:NODE_OPTIONS|NODE_TLS|SSLKEYLOGFILE|OPENSSL_CONF)/);
  }
  assert.equal(
    await asked(port, presented(authority.issue('web'))),
    'CS-GATEWAY-030',
    'who is known comes as far as the service',
  );
  assert.notEqual(await asked(port, presented(stranger.issue('web'))), 'CS-GATEWAY-030');
  for (const pid of [...first, child.pid ?? 0]) process.kill(pid, 'SIGUSR1');
  // All three go on as they were, and whoever opened something would say so meanwhile.
  for (let times = 0; times < 8; times += 1)
    assert.equal(await asked(port, presented(authority.issue('web'))), 'CS-GATEWAY-030');
  const gone = once(child, 'close');
  child.kill('SIGTERM');
  assert.deepEqual(await gone, [0, null]);
  assert.deepEqual(await workers(2), first);
  assert.doesNotMatch(said(), /[Dd]ebugger/);
});

test('it does not begin under what reads its keys or switches its checks off', async (t) => {
  const { path, strangers } = await written(t);
  const attacks = [
    ['CS-ENV-001', { NODE_TLS_REJECT_UNAUTHORIZED: '0' }],
    ['CS-ENV-002', { SSLKEYLOGFILE: strangers }],
    // As a worker, too.
    ['CS-ENV-003', { NODE_OPTIONS: '--inspect=127.0.0.1:0', COUNTERSIGN_GATEWAY_WORKER: '1' }],
  ] as const;
  const ended = await Promise.all(attacks.map(([, env]) => countersign(['gateway', path], { env })));
  for (const [at, { status, out, err }] of ended.entries()) {
    const [code = ''] = attacks[at] ?? [];
    assert.equal(status, 2, out + err);
    assert.ok(err.includes(code), err);
    assert.doesNotMatch(out, /listening/);
  }
});
