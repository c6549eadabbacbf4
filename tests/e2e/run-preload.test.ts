/** Node programs under `run`: a plain TLS call presents the certificate, or fails with a code; never silently neither. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { dirname, resolve } from 'node:path';
import { test, type TestContext } from 'node:test';
import { type Ended, sharedScene } from './command.ts';
import { countersign } from './here.ts';
import { type RunningProgram, startRun } from './running-program.ts';

const scene = sharedScene();
const undici = resolve(import.meta.dirname, '../../node_modules/undici/index.js');

/** Each call says what it was answered, or the code that it failed with; the outermost, as its user would look for it. */
const calls = `
import { request } from 'node:https';
import { connect } from 'node:tls';
import { connect as http2 } from 'node:http2';
import { request as undici, fetch as undiciFetch } from ${JSON.stringify(undici)};
const url = process.argv[2];
const { hostname: host, port } = new URL(url);
const outcome = {};
const attempt = async (name, act) => {
  try { outcome[name] = await act(); }
  catch (error) { outcome[name] = String((error.name === 'Refusal' ? error : (error.cause ?? error)).code ?? error); }
};
const raw = (start) => new Promise((done, failed) => {
  const socket = start();
  socket.on('error', failed).setEncoding('utf8');
  let said = '';
  socket.on('data', (text) => (said += text)).on('end', () => done(said.split('\\r\\n\\r\\n')[1]));
  socket.write('GET / HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n');
});
const only = process.argv[3]?.split(',');
const all = {
  fetch: async () => (await fetch(url)).text(),
  https: () => new Promise((done, failed) => {
    request(url, async (response) => done(Buffer.concat(await response.toArray()).toString())).on('error', failed).end();
  }),
  post: () => new Promise((done, failed) => {
    request(url, { method: 'POST', agent: false, rejectUnauthorized: false, checkServerIdentity: () => undefined },
      async (response) => done(Buffer.concat(await response.toArray()).toString())).on('error', failed).end('secret');
  }),
  undici: async () => (await undici(url)).body.text(),
  'fetch of undici': async () => (await undiciFetch(url)).text(),
  'tls.connect with a port': () => raw(() => connect(port, host)),
  'tls.connect with options': () => raw(() => connect({ host, port, minVersion: 'TLSv1.2', ca: [] })),
  http2: () => new Promise((done, failed) => {
    const session = http2(url);
    session.on('error', failed).on('connect', () => { session.destroy(); done('connected'); });
  }),
};
for (const [name, act] of Object.entries(all)) if (only === undefined || only.includes(name)) await attempt(name, act);
console.error('OUTCOME ' + JSON.stringify(outcome));
process.exit();
`;

let orders: RunningProgram;

test('a service behind a front says who calls', async () => {
  const program = `require('node:http').createServer((request, response) => {
    response.end(/URI=([^;]*)/.exec(request.headers['x-forwarded-client-cert'])[1]);
  }).listen(process.env.PORT);
  const { ppid } = process; setInterval(() => process.ppid === ppid || process.exit(), 500).unref();`;
  writeFileSync(scene.folder.in('calls.mjs'), calls);
  const front = ['--as', 'orders', '--allow', 'web', '--dir', scene.authority.dir, '--listen', '127.0.0.1:0'];
  orders = startRun([...front, '--', process.execPath, '-e', program]);
  await orders.until('upstream');
});

async function ordersUrl(): Promise<string> {
  return `https://localhost:${String((await orders.until('front'))['port'])}/`;
}

function outcomeOf({ err }: Ended): Readonly<Record<string, string>> {
  const said = /OUTCOME (.*)/.exec(err)?.[1];
  assert.ok(said !== undefined, err);
  return JSON.parse(said) as Record<string, string>;
}

interface Surroundings {
  readonly options?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Names of calls; default all of them. */
  readonly only?: string;
}

/** The outcome of each call of `url` by a program that runs as web. */
async function callsTo(
  url: string,
  { options = [], env = {}, only }: Surroundings = {},
): Promise<Record<string, string>> {
  const program = [process.execPath, scene.folder.in('calls.mjs'), url, ...(only === undefined ? [] : [only])];
  const args = ['run', '--as', 'web', '--dir', scene.authority.dir, '--json', ...options, '--', ...program];
  return outcomeOf(await countersign(args, { env }));
}

test('fetch, https, undici and tls.connect present the certificate', async () => {
  const { http2, ...outcome } = await callsTo(await ordersUrl());
  for (const [name, answer] of Object.entries(outcome)) assert.equal(answer, 'spiffe://dev.internal/web', name);
  assert.equal(Object.keys(outcome).length, 7);
  assert.equal(http2, 'connected');
});

interface Outside {
  readonly url: string;
  readonly ca: string;
  /** Requests that arrived. */
  seen(): number;
}

/** Offers HTTP/2 where its verdict is to come before the protocol is settled; it speaks 1.1 alone. */
async function serve(t: TestContext, key: string, cert: string, ALPNProtocols = ['h2', 'http/1.1']): Promise<Outside> {
  let seen = 0;
  const server: Server = createServer({ key, cert, ALPNProtocols }, (request, response) => {
    seen++;
    request.resume();
    response.end('public');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `https://localhost:${port}/`, ca: cert, seen: () => seen };
}

function serverOfAnother(t: TestContext, protocols?: string[]): Promise<Outside> {
  const [key, cert] = [scene.folder.in('other-key.pem'), scene.folder.in('other-cert.pem')];
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', cert];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...made, ...names], { stdio: 'ignore' });
  return serve(t, readFileSync(key, 'utf8'), readFileSync(cert, 'utf8'), protocols);
}

test('a server outside the trust domain: each call ends with CS-RUN-007 before a byte of it is sent', async (t) => {
  const outside = await serverOfAnother(t);
  const outcome = await callsTo(outside.url, { env: { NODE_EXTRA_CA_CERTS: scene.folder.in('other-cert.pem') } });
  assert.equal(Object.keys(outcome).length, 8);
  for (const [name, answer] of Object.entries(outcome)) assert.equal(answer, 'CS-RUN-007', name);
  assert.equal(outside.seen(), 0);
});

test('with --public it is called as if nothing were configured', async (t) => {
  const outside = await serverOfAnother(t, ['http/1.1']);
  const env = { NODE_EXTRA_CA_CERTS: scene.folder.in('other-cert.pem') };
  const options = ['--public', 'localhost'];
  const outcome = await callsTo(outside.url, { options, env, only: 'fetch,https,undici' });
  assert.deepEqual(outcome, { fetch: 'public', https: 'public', undici: 'public' });
});

test('a server of the trust domain that asks for no certificate: CS-RUN-010', async (t) => {
  const out = scene.folder.in('silent');
  const { status, err } = await countersign(['issue', 'silent', '--dir', scene.authority.dir, '--out', out]);
  assert.equal(status, 0, err);
  const silent = await serve(t, readFileSync(`${out}/key.pem`, 'utf8'), readFileSync(`${out}/cert.pem`, 'utf8'));
  const outcome = await callsTo(silent.url);
  for (const [name, answer] of Object.entries(outcome)) assert.equal(answer, 'CS-RUN-010', name);
  assert.equal(silent.seen(), 0);
});

test('--to says who may answer, whatever the address', async () => {
  const url = await ordersUrl();
  const only = 'fetch,https';
  assert.deepEqual(await callsTo(url, { options: ['--to', 'billing'], only }), {
    fetch: 'CS-PEER-007',
    https: 'CS-PEER-007',
  });
  const { fetch } = await callsTo(url, { options: ['--to', 'orders'], only });
  assert.equal(fetch, 'spiffe://dev.internal/web');
});

test('npm start has it too', async () => {
  const manifest = {
    name: 'tour',
    private: true,
    type: 'module',
    scripts: { start: `node calls.mjs ${await ordersUrl()} fetch` },
  };
  writeFileSync(scene.folder.in('package.json'), JSON.stringify(manifest));
  const env = { PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`, HOME: scene.folder.path };
  const args = ['run', '--as', 'web', '--dir', scene.authority.dir, '--json', '--', 'npm', 'start'];
  const outcome = outcomeOf(await countersign(args, { env, cwd: scene.folder.path }));
  assert.deepEqual(outcome, { fetch: 'spiffe://dev.internal/web' });
});

test('a connection to a server that is revoked is closed, and no other is opened', async () => {
  const stays = `
    import { connect } from 'node:tls';
    const open = () => connect({ host: 'localhost', port: ${new URL(await ordersUrl()).port} });
    const socket = open().on('secureConnect', () => console.error('open'));
    socket.on('error', (error) => {
      console.error('ended ' + error.code);
      open().on('error', (again) => { console.error('again ' + again.code); process.exit(); });
    });
    setTimeout(() => process.exit(3), 20_000);`;
  writeFileSync(scene.folder.in('stays.mjs'), stays);
  const args = ['--as', 'web', '--dir', scene.authority.dir, '--', process.execPath, scene.folder.in('stays.mjs')];
  const program = startRun(args);
  while (!program.said().includes('open')) await new Promise((resolve) => setTimeout(resolve, 50));
  await countersign(['revoke', 'orders', '--dir', scene.authority.dir, '--json']);
  await program.until('result');
  assert.match(program.said(), /ended CS-PEER-008/);
  assert.match(program.said(), /again CS-PEER-008/);
});

test('asked to end, the service ends', async () => {
  assert.equal(await orders.stop(), 143);
});
