/** `run --allow`: a mutual TLS front before a program that knows nothing of TLS, in any language. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import { listeningPorts } from '../../packages/countersign/src/cli/run/listening-ports.ts';
import { sharedScene } from './command.ts';
import { countersign } from './here.ts';
import { type RunningProgram, startRun } from './running-program.ts';

const scene = sharedScene();
const run = promisify(execFile);

interface Own {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}

const callers = new Map<string, Own>();
const running: RunningProgram[] = [];

/** A failed test kills `run`, which then can't end its program. */
const orphanEnds = 'const { ppid } = process; setInterval(() => process.ppid === ppid || process.exit(), 500).unref();';

const server = `
${orphanEnds}
import { createServer } from 'node:http';
createServer((request, response) => {
  if (request.url === '/stream') { response.write('first'); return; }
  if (request.method === 'POST') { request.pipe(response); return; }
  response.end(JSON.stringify(request.rawHeaders));
}).on('upgrade', (request, socket) => {
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nConnection: upgrade\\r\\nUpgrade: echo\\r\\n\\r\\n');
  socket.write(request.headers['x-forwarded-client-cert'] + '\\n');
  socket.pipe(socket);
}).listen(process.env.PORT);
`;

const echo = `
${orphanEnds}
import { createServer } from 'node:net';
createServer({ allowHalfOpen: true }, (socket) => {
  let said = '';
  socket.on('data', (data) => (said += data)).on('end', () => socket.end(said.toUpperCase()));
}).listen(process.env.PORT, '127.0.0.1');
`;

/** The first test makes them; the scene is there inside of tests only. */
test('two callers have certificates of their own', async () => {
  writeFileSync(scene.folder.in('orders.mjs'), server);
  writeFileSync(scene.folder.in('echo.mjs'), echo);
  for (const name of ['web', 'nobody']) {
    const out = scene.folder.in(name);
    const { status, err } = await countersign(['issue', name, '--dir', scene.authority.dir, '--out', out]);
    assert.equal(status, 0, err);
    const read = (file: string): string => readFileSync(`${out}/${file}.pem`, 'utf8');
    callers.set(name, { key: read('key'), cert: read('cert'), ca: read('roots') });
  }
});
function runBehindFront(...args: readonly string[]): RunningProgram {
  const front = ['--as', 'orders', '--allow', 'web', '--dir', scene.authority.dir, '--listen', '127.0.0.1:0'];
  const program = startRun([...front, ...args]);
  running.push(program);
  return program;
}

async function portOf(program: RunningProgram): Promise<number> {
  const { port } = await program.until('front');
  await program.until('upstream');
  return Number(port);
}

interface Asked {
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

async function call(port: number, name: string | undefined, asked: Asked = {}): Promise<IncomingMessage> {
  const own = name === undefined ? { ca: callers.get('web')!.ca } : callers.get(name)!;
  const { path = '/', headers = {}, body } = asked;
  const at = { host: '127.0.0.1', port, path, headers, ...own };
  const onward = request({
    ...at,
    method: body === undefined ? 'GET' : 'POST',
    agent: false,
    checkServerIdentity: () => undefined,
  });
  onward.end(body);
  const [response] = (await once(onward, 'response')) as [IncomingMessage];
  return response;
}

async function textOf(response: IncomingMessage): Promise<string> {
  return Buffer.concat(await response.toArray()).toString();
}

let orders: RunningProgram;

test('who is allowed reaches the program, which learns who calls and hears nothing that a caller made up', async () => {
  orders = runBehindFront('--', process.execPath, scene.folder.in('orders.mjs'));
  const port = await portOf(orders);
  const forged = {
    'X-Forwarded-Client-Cert': 'URI=spiffe://dev.internal/admin',
    X_Forwarded_Client_Cert: 'URI=spiffe://dev.internal/admin',
    'Client-Cert': ':AAAA:',
    'X-SSL-Client-S-DN': 'CN=admin',
    'X-Forwarded-For': '203.0.113.9',
    Connection: 'close, x-private',
    'X-Private': 'of this connection alone',
    'X-Kept': 'as it is',
  };
  const raw = JSON.parse(await textOf(await call(port, 'web', { headers: forged }))) as string[];
  const headers = raw.flatMap((name, at) => (at % 2 === 0 ? [[name.toLowerCase(), raw[at + 1] ?? '']] : []));
  const values = (name: string): unknown => headers.filter(([one]) => one === name).map(([, value]) => value);
  assert.match(
    String(values('x-forwarded-client-cert')),
    /^By=spiffe:\/\/dev\.internal\/orders;Hash=[0-9a-f]{64};URI=spiffe:\/\/dev\.internal\/web;DNS=web$/,
  );
  assert.deepEqual(values('x-forwarded-for'), ['127.0.0.1']);
  assert.deepEqual(values('x-kept'), ['as it is']);
  for (const name of ['x_forwarded_client_cert', 'client-cert', 'x-ssl-client-s-dn', 'x-private'])
    assert.deepEqual(values(name), [], name);
});

test('a body of some megabytes arrives and comes back whole', async () => {
  const body = 'x'.repeat(3_000_000);
  assert.equal((await textOf(await call(await portOf(orders), 'web', { body }))).length, body.length);
});

test('an upgraded connection is relayed as bytes, the caller named', async () => {
  const options = { host: '127.0.0.1', port: await portOf(orders), checkServerIdentity: () => undefined };
  const socket = connect({ ...callers.get('web')!, ...options });
  socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\nhello');
  let said = '';
  for await (const text of socket.setEncoding('utf8')) {
    said += String(text);
    if (said.endsWith('hello')) break;
  }
  assert.match(said, /^HTTP\/1\.1 101 [^]*URI=spiffe:\/\/dev\.internal\/web;DNS=web\nhello$/);
});

test('curl speaks HTTP/2 with it', async () => {
  const port = await portOf(orders);
  const at = (file: string): string => scene.folder.in(`web/${file}.pem`);
  const own = ['--cert', at('cert'), '--key', at('key'), '--cacert', at('roots'), '--insecure'];
  const { stdout } = await run('curl', [
    '-s',
    '--http2',
    '-w',
    '%{http_version}',
    ...own,
    `https://127.0.0.1:${port}/`,
  ]);
  assert.match(stdout, /URI=spiffe:\/\/dev\.internal\/web;DNS=web.*\]2$/);
});

test('without a certificate, and with another name, nobody reaches the program; each refusal has its event', async () => {
  const port = await portOf(orders);
  await assert.rejects(call(port, undefined));
  assert.equal((await call(port, 'nobody')).statusCode, 403);
  await orders.until('refused', ({ code }) => code === 'CS-PEER-001');
  await orders.until('refused', ({ code }) => code === 'CS-PEER-007');
  assert.match(orders.said(), /CS-PEER-001 no certificate.*; try: .*run --as NAME -- COMMAND/);
});

test('neither run nor its front opens a debugger on SIGUSR1, and neither may dump its memory', async () => {
  await portOf(orders);
  const children = readFileSync(`/proc/${orders.pid}/task/${orders.pid}/children`, 'utf8').trim().split(' ');
  const front = children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('front-process'));
  for (const pid of [orders.pid, Number(front)]) {
    assert.match(readFileSync(`/proc/${pid}/limits`, 'utf8'), /^Max core file size\s+0\s+0\s/m);
    const before = await listeningPorts(pid);
    process.kill(pid, 'SIGUSR1');
    // A debugger that opens does so within some milliseconds.
    for (let look = 0; look < 5; look++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.deepEqual(await listeningPorts(pid), before);
    }
  }
  assert.equal((await call(await portOf(orders), 'web')).statusCode, 200);
  assert.doesNotMatch(orders.said(), /Debugger listening/);
});

test('a Node program keeps its plain port on this machine, though it named no address', async () => {
  await portOf(orders);
  assert.deepEqual(
    orders.events.filter(({ code }) => code === 'CS-RUN-009'),
    [],
  );
  assert.equal((await orders.until('upstream'))['address'], '127.0.0.1');
});

test('another protocol than HTTP, with --tcp: half-closed, and answered', async () => {
  const program = runBehindFront('--tcp', '--', process.execPath, scene.folder.in('echo.mjs'));
  const port = await portOf(program);
  const options = { host: '127.0.0.1', port, allowHalfOpen: true, checkServerIdentity: () => undefined };
  const socket = connect({ ...callers.get('web')!, ...options });
  socket.end('hello');
  assert.equal(Buffer.concat(await socket.toArray()).toString(), 'HELLO');
});

const python = `
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.headers.get('x-forwarded-client-cert', 'nobody').encode()
        self.send_response(200)
        self.send_header('content-length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
http.server.ThreadingHTTPServer(('0.0.0.0', 0), Handler).serve_forever()
`;

test('a Python program on a port of its own choice is found; that it listens beyond this machine is a warning', async () => {
  writeFileSync(scene.folder.in('orders.py'), python);
  const program = runBehindFront('--', 'python3', scene.folder.in('orders.py'));
  const port = await portOf(program);
  await program.until('upstream');
  assert.match(await textOf(await call(port, 'web')), /URI=spiffe:\/\/dev\.internal\/web/);
  await program.until('warning', ({ code }) => code === 'CS-RUN-009');
});

test('an address that is taken ends it before the program starts', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = taken.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const args = ['--as', 'orders', '--allow', 'web', '--dir', scene.authority.dir, '--listen', `127.0.0.1:${port}`];
  const { status, result, err } = await countersign(['run', ...args, '--json', '--', 'sh', '-c', 'echo started >&2']);
  taken.close();
  assert.deepEqual([status, result['code']], [3, 'CS-RUN-008']);
  assert.ok(!err.includes('started'), err);
});

test('what is said of a front without --allow is a mistake, and so are two protocols', async () => {
  const [without, both] = await Promise.all([
    countersign(['run', '--as', 'x', '--port', '8080', '--json', '--', 'true']),
    countersign(['run', '--as', 'x', '--allow', 'y', '--tcp', '--h2c', '--json', '--', 'true']),
  ]);
  assert.deepEqual([without.status, without.result['code']], [2, 'CS-USAGE-004']);
  assert.deepEqual([both.status, both.result['code']], [2, 'CS-USAGE-006']);
});

test('a revocation closes a response that is under way', async () => {
  const response = await call(await portOf(orders), 'web', { path: '/stream' });
  const broken = new Promise<unknown>((resolve) => response.once('error', resolve));
  await once(response, 'data');
  const { result, err } = await countersign(['revoke', 'web', '--dir', scene.authority.dir, '--json', '--yes']);
  await broken;
  assert.equal(response.complete, false);
  const { code } = await orders.until('closed');
  assert.equal(code, 'CS-PEER-008');
  assert.ok(Number(result['closed'] ?? result['connectionsClosed']) >= 1, JSON.stringify(result) + err);
});

test('asked to end, each ends with its program', async () => {
  assert.deepEqual(await Promise.all(running.map((one) => one.stop())), [143, 143, 143]);
});
