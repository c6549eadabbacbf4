/**
 * Under `run` a first call waits for a list that is on its way: of a Node program, at its own end; of whoever calls a program of any language, at the front.
 * What it says decides; nothing of the call has left, or reached the program, before.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { type Ended, ended, sharedScene, start } from './command.ts';
import { countersign } from './here.ts';
import { missing } from '../interop/peers.ts';
import { type RunningProgram, startRun } from './running-program.ts';

const scene = sharedScene();

/** Says which request it is, of all that reached it, and who calls. */
const counting = `
let count = 0;
require('node:http').createServer((request, response) => {
  const [, name] = /URI=([^;]*)/.exec(request.headers['x-forwarded-client-cert']);
  response.end(++count + ' ' + name);
}).listen(process.env.PORT, '127.0.0.1');
const { ppid } = process; setInterval(() => process.ppid === ppid || process.exit(), 500).unref();`;

const countingInPython = `
import http.server, os, re, sys
count = 0
class Counting(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        global count
        count += 1
        print('REACHED', file=sys.stderr, flush=True)
        name = re.search('URI=([^;]*)', self.headers['x-forwarded-client-cert']).group(1)
        said = ('%d %s' % (count, name)).encode()
        self.send_response(200)
        self.send_header('content-length', str(len(said)))
        self.end_headers()
        self.wfile.write(said)
    def log_message(self, *ignored):
        pass
http.server.HTTPServer(('127.0.0.1', int(os.environ['PORT'])), Counting).serve_forever()`;

/** Two calls at once, each told on a line: the answer, or the code. */
const calling = `
import { request } from 'node:https';
const url = process.argv[2];
const attempt = (name, act) => act().then(
  (said) => console.error('CALLED ' + name + ' ' + said),
  (error) => console.error('CALLED ' + name + ' ' + (error.code ?? error.cause?.code ?? error)),
);
await Promise.all([
  attempt('fetch', async () => (await fetch(url)).text()),
  attempt('https', () => new Promise((done, failed) => {
    request(url, { method: 'POST' }, async (response) => done(Buffer.concat(await response.toArray()).toString()))
      .on('error', failed).end('secret');
  })),
]);
process.exit();`;

interface HeldList {
  readonly url: string;
  /** Resolves when it was asked for. */
  readonly asked: Promise<void>;
  /** Answers whoever asked, and whoever asks from now on. */
  letGo(): void;
}

const held = new Map<string, (response: ServerResponse) => void>();
const publisher = createServer(({ url = '' }, response) => {
  const answer = held.get(url);
  if (answer === undefined) response.writeHead(404).end();
  else answer(response);
});

/** The root's list in the file of that name, at an address of its own. */
function hold(file: string): HeldList {
  const path = `/${String(held.size)}.crl`;
  const waiting: ServerResponse[] = [];
  let open = false;
  const asked = Promise.withResolvers<undefined>();
  const answer = (response: ServerResponse): void => void response.end(readFileSync(scene.folder.in(file)));
  held.set(path, (response) => {
    if (open) answer(response);
    else waiting.push(response);
    asked.resolve(undefined);
  });
  return {
    url: `http://127.0.0.1:${String((publisher.address() as AddressInfo).port)}${path}`,
    asked: asked.promise,
    letGo: () => {
      open = true;
      for (const response of waiting) answer(response);
    },
  };
}

const running: RunningProgram[] = [];
let orders: RunningProgram;

/** The time of a handshake is short: who shows meanwhile what has not come is connected already. */
const kept = new Agent({ keepAlive: true, maxSockets: 1 });

async function done(...args: readonly string[]): Promise<Ended> {
  const one = await countersign([...args, '--json']);
  assert.equal(one.status, 0, one.err);
  return one;
}

test('the root signs two lists: one that names nobody, and one with the issuer', async () => {
  await new Promise<void>((resolve) => publisher.listen(0, '127.0.0.1', resolve));
  const { dir } = scene.authority;
  writeFileSync(scene.folder.in('calling.mjs'), calling);
  // The root's alone says that the issuer is revoked: the feed tells nobody of it.
  const [keys, issuer] = [`${dir}/authority`, `${dir}/authority/issuer.pem`];
  const sign = ['authority', 'ceremony', 'list', '--root', keys, '--yes', '--out'];
  await done(...sign, scene.folder.in('good.crl'));
  await done(...sign, scene.folder.in('revoked.crl'), '--revoke', issuer);
  await done('issue', 'db', '--dir', dir, '--out', scene.folder.in('db'));
});

after(async () => {
  kept.destroy();
  publisher.closeAllConnections();
  publisher.close();
  await Promise.all(running.map((one) => one.stop()));
});

function asking({ url }: HeldList): string[] {
  return ['--crl', url, '--allow-private-revocation-sources'];
}

/** A program behind a front of its own. */
function serving(name: string, program: readonly string[], means: readonly string[] = []): RunningProgram {
  const front = ['--as', name, '--allow', 'web', '--allow', 'db', '--listen', '127.0.0.1:0', '--no-preload'];
  const one = startRun([...front, '--dir', scene.authority.dir, ...means, '--', ...program]);
  running.push(one);
  return one;
}

const portOf = async (one: RunningProgram): Promise<number> => {
  await one.until('upstream');
  return Number((await one.until('front'))['port']);
};

interface Called {
  /** The caller's side of the handshake is over, or never will be. */
  readonly connected: Promise<unknown>;
  readonly answer: Promise<string>;
}

/** By db, whose own TLS waits for no list. */
async function call(one: RunningProgram, agent: Agent | false = false): Promise<Called> {
  const read = (file: string): string => readFileSync(scene.folder.in('db', `${file}.pem`), 'utf8');
  const own = { key: read('key'), cert: read('cert'), ca: read('roots'), checkServerIdentity: () => undefined };
  const asked = request({ host: '127.0.0.1', port: await portOf(one), agent, ...own });
  const connected = new Promise<void>((resolve) => {
    asked.once('socket', (socket) => socket.once('secureConnect', resolve));
    asked.once('close', resolve);
  });
  const answer = new Promise<string>((resolve, reject) => {
    asked.on('response', (response) => {
      void response.toArray().then((pieces) => resolve(Buffer.concat(pieces as Buffer[]).toString()), reject);
    });
    asked.on('error', reject).end();
  });
  return { connected, answer };
}

async function countOfOrders(): Promise<string> {
  return (await call(orders, kept)).answer;
}

interface Outcome {
  /** What the program had said when the list was let go. */
  readonly before: string;
  /** How many requests had come to the server by then, this one with them. */
  readonly count: string;
  readonly called: readonly string[];
}

async function callsWith(list: HeldList): Promise<Outcome> {
  const url = `https://localhost:${String(await portOf(orders))}/`;
  const args = ['run', '--as', 'web', '--dir', scene.authority.dir, ...asking(list)];
  const child = start([...args, '--', process.execPath, scene.folder.in('calling.mjs'), url]);
  let said = '';
  child.stderr?.on('data', (text: Buffer) => (said += text.toString()));
  const end = ended(child);
  await Promise.race([list.asked, end]);
  const count = await countOfOrders();
  const before = said;
  list.letGo();
  const { err } = await end;
  return { before, count, called: (err.match(/CALLED .*/g) ?? []).sort() };
}

test('the first calls of a Node program wait for the list; good lets them out, revoked ends them unsent', async () => {
  orders = serving('orders', [process.execPath, '-e', counting]);
  assert.equal(await countOfOrders(), '1 spiffe://dev.internal/db');
  const good = await callsWith(hold('good.crl'));
  assert.doesNotMatch(good.before, /CALLED/);
  assert.equal(good.count, '2 spiffe://dev.internal/db', 'nothing of the calls had come');
  assert.deepEqual(
    good.called.map((line) => line.replace(/ [34] /, ' ')),
    ['fetch', 'https'].map((name) => `CALLED ${name} spiffe://dev.internal/web`),
  );
  const revoked = await callsWith(hold('revoked.crl'));
  assert.doesNotMatch(revoked.before, /CALLED/);
  assert.deepEqual(revoked.called, ['CALLED fetch CS-PEER-008', 'CALLED https CS-PEER-008']);
  assert.deepEqual(
    [revoked.count, await countOfOrders()],
    ['5 spiffe://dev.internal/db', '6 spiffe://dev.internal/db'],
    'nothing of them came',
  );
});

const skip = missing('python3');

test(
  'a program in Python hears of a caller when its front has read the list, and of one that is revoked never',
  { skip },
  async () => {
    const [good, revoked] = [hold('good.crl'), hold('revoked.crl')];
    const program = ['python3', '-c', countingInPython];
    const [ledger, vault] = [serving('ledger', program, asking(good)), serving('vault', program, asking(revoked))];
    await Promise.all([good.asked, revoked.asked, portOf(ledger), portOf(vault)]);
    const [atLedger, atVault] = [await call(ledger), await call(vault)];
    await Promise.all([atLedger.connected, atVault.connected]);
    await countOfOrders();
    assert.doesNotMatch(ledger.said() + vault.said(), /REACHED/);
    for (const list of [good, revoked]) list.letGo();
    assert.equal(await atLedger.answer, '1 spiffe://dev.internal/db');
    assert.match(await atVault.answer, /CS-PEER-008/);
    await vault.until('refused', ({ code }) => code === 'CS-PEER-008');
    assert.doesNotMatch(vault.said(), /REACHED/);
  },
);
