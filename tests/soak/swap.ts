/**
 * Swaps credentials and trust of both sides under full load and counts the requests that failed: `npm run soak:swap -- --seconds 60`.
 * Each 100 ms, in turn: the client's credential, the server's, the trust bundles of both. One line a second, then the sum; ends with 1 where
 * a request failed.
 */
import { get as httpsGet, type Agent } from 'node:https';
import { parseArgs } from 'node:util';
import { type Dispatcher, request } from 'undici';
import { sleep, systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { isRefusal, toLogLine } from '../../packages/countersign/src/ground/errors/index.ts';
import { spiffeId } from '../../packages/countersign/src/identity/authorization/index.ts';
import { withoutRevocation } from '../../packages/countersign/src/identity/revocation/index.ts';
import type { BundleSet } from '../../packages/countersign/src/identity/spiffe/index.ts';
import {
  connect,
  createDispatcher,
  createHttpsAgent,
  createServer,
  type Credential,
  fixedSource,
  MutableSource,
  Trust,
} from '../../packages/countersign/src/runtime/tls/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, every: { type: 'string', default: '100' } },
});
const seconds = Number(values.seconds);
const everyMs = Number(values.every);

const clock = systemClock;
const authority = new TestAuthority();
const partner = new TestAuthority({ trustDomain: 'partner.internal' });
const host = '127.0.0.1';

interface Side {
  readonly name: string;
  readonly trust: Trust;
  readonly bundles: MutableSource<BundleSet>;
  readonly credentials: MutableSource<Credential>;
  readonly clock: typeof clock;
}

function side(name: string): Side {
  const bundles = new MutableSource(authority.bundles());
  const trust = new Trust({ bundles, revocations: fixedSource(withoutRevocation), clock });
  return { name, bundles, trust, credentials: new MutableSource(authority.issue(name)), clock };
}

const [web, orders] = [side('web'), side('orders')];
const policyFor = ({ name }: Side) => spiffeId(`spiffe://${authority.trustDomain}/${name}`);

const server = createServer(policyFor(web), orders, (asked, response) => {
  let bytes = 0;
  asked.on('data', (part: Buffer) => (bytes += part.length));
  // Some answers take a while, so that swaps find requests under way.
  asked.on('end', () => setTimeout(() => response.end(String(bytes)), Math.random() < 0.2 ? 30 : 0));
});
const { port } = await server.listen({ host, port: 0 });
const url = `https://${host}:${port}/`;

const dispatcher = createDispatcher(policyFor(orders), web);
const agent = createHttpsAgent(policyFor(orders), web);
const upload = Buffer.alloc(100_000, 'countersign');

/** So many callers of each kind at the same time. */
const callers: readonly (readonly [string, number, () => Promise<void>])[] = [
  ['undici', 8, () => callUndici(dispatcher, 'GET')],
  ['undici, uploads', 2, () => callUndici(dispatcher, 'POST')],
  ['node:https', 4, () => callHttps(agent)],
  ['new connections', 2, callOnce],
];

let [running, swaps, told] = [true, 0, 0];
const done = new Map<string, number>();
const failures = new Map<string, number>();

const loops = callers.flatMap(([kind, count, call]) => Array.from({ length: count }, () => keepCalling(kind, call)));
const swapping = keepSwapping();
for (let second = 1; second <= seconds; second += 1) {
  await sleep(clock, 1000);
  const all = sum(done);
  print(`${second} s: ${all - told} requests, ${sum(failures)} failed so far, ${swaps} swaps`);
  told = all;
}
running = false;
await Promise.all([...loops, swapping]);
await dispatcher.close();
agent.destroy();
await server.close({ graceMs: 0 });

for (const [kind, count] of done) print(`${kind}: ${count}`);
for (const [reason, count] of failures) print(`FAILED ${count}: ${reason}`);
print(
  `${sum(failures) === 0 ? 'met   ' : 'MISSED'} ${swaps} swaps in ${seconds} s: ${sum(done)} requests, ${sum(failures)} failed`,
);
if (sum(failures) > 0 || swaps < (seconds * 1000) / everyMs / 2) process.exitCode = 1;

async function keepCalling(kind: string, call: () => Promise<void>): Promise<void> {
  while (running) {
    try {
      await call();
      done.set(kind, (done.get(kind) ?? 0) + 1);
    } catch (error) {
      const reason = `${kind}: ${isRefusal(error) ? toLogLine(error) : String(error)}`;
      failures.set(reason, (failures.get(reason) ?? 0) + 1);
    }
  }
}

async function keepSwapping(): Promise<void> {
  const turns = [
    () => web.credentials.set(authority.issue(web.name)),
    () => orders.credentials.set(authority.issue(orders.name)),
    () => setBundles(authority.bundles(partner)),
    () => web.credentials.set(authority.issue(web.name)),
    () => orders.credentials.set(authority.issue(orders.name)),
    () => setBundles(authority.bundles()),
  ];
  const begun = clock.monotonic();
  while (running) {
    // By when each is due: one that came late, as the process was busy, makes no other late.
    await sleep(clock, Math.max(0, begun + (swaps + 1) * everyMs - clock.monotonic()));
    turns[swaps % turns.length]?.();
    swaps += 1;
  }
}

function setBundles(bundles: BundleSet): void {
  for (const one of [web, orders]) one.bundles.set(bundles);
}

async function callUndici(through: Dispatcher, method: 'GET' | 'POST'): Promise<void> {
  const body = method === 'POST' ? upload : null;
  const answer = await request(url, { dispatcher: through, method, body });
  requireAnswer(answer.statusCode, await answer.body.text(), body?.length ?? 0);
}

function callHttps(through: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    httpsGet(url, { agent: through }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => (text += part));
      answer.on('error', reject);
      answer.on('end', () => {
        try {
          requireAnswer(answer.statusCode, text, 0);
          resolve();
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    }).on('error', reject);
  });
}

async function callOnce(): Promise<void> {
  const { socket } = await connect(policyFor(orders), { ...web, host, port });
  let text = '';
  await new Promise<void>((resolve, reject) => {
    socket.setEncoding('latin1').on('data', (part: string) => (text += part));
    socket.on('error', reject).on('close', () => resolve());
    socket.write('GET / HTTP/1.1\r\nHost: orders.internal\r\nConnection: close\r\n\r\n');
  });
  requireAnswer(Number(text.slice(9, 12)), text.slice(-1), 0);
}

function requireAnswer(status: number | undefined, text: string, bytes: number): void {
  if (status !== 200 || text !== String(bytes)) throw new Error(`answered ${String(status)} ${text.slice(0, 80)}`);
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((all, one) => all + one, 0);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
