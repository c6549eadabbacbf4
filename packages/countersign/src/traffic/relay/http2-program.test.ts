import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { manualClock, systemClock } from '../../ground/clock/index.ts';
import { http2Program, type Answer, type Http2Program } from './index.ts';

interface Behind {
  readonly port: number;
  sessions: number;
}

async function behind(t: TestContext, onStream: (stream: ServerHttp2Stream, path: string) => void): Promise<Behind> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const found: Behind = { port: (server.address() as AddressInfo).port, sessions: 0 };
  server.on('session', (session) => {
    found.sessions += 1;
    t.after(() => session.destroy());
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    onStream(stream, String(headers[':path']));
  });
  t.after(() => server.close());
  return found;
}

/** Each call is of a caller with a connection of its own. */
function ask(program: Http2Program, port: number, target: string): Promise<Answer> {
  const asking = program.ask({
    upstream: { host: '127.0.0.1', port },
    method: 'GET',
    target,
    headers: [['host', 'a.test']],
    hasBody: false,
    connection: { once: () => undefined },
  });
  return new Promise((onAnswer, onFailure) => asking.on({ onAnswer, onFailure }));
}

async function read({ body }: Answer): Promise<number> {
  let length = 0;
  for await (const piece of body as Readable) length += (piece as Buffer).length;
  return length;
}

const octets = Buffer.alloc(300_000);

test('callers share a connection, and one who does not read holds back nobody else', async (t) => {
  const there = await behind(t, (stream) => {
    stream.respond({ ':status': 200 });
    stream.end(octets);
  });
  const program = http2Program({ clock: systemClock });
  t.after(() => program.retire());
  const slow = await ask(program, there.port, '/slow');
  await once(slow.body as Readable, 'readable');
  assert.equal(await read(await ask(program, there.port, '/other')), octets.length);
  assert.equal(there.sessions, 1);
  assert.equal(await read(slow), octets.length);
});

test('beyond the bound of a connection there is another, and it is used again', async (t) => {
  const waiting: ServerHttp2Stream[] = [];
  const there = await behind(t, (stream) => waiting.push(stream));
  const program = http2Program({ clock: systemClock, mostStreams: 2 });
  t.after(() => program.retire());
  const answers = ['/1', '/2', '/3'].map((target) => ask(program, there.port, target));
  while (waiting.length < 3) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(there.sessions, 2);
  for (const stream of waiting) stream.respond({ ':status': 204 }, { endStream: true });
  await Promise.all((await Promise.all(answers)).map(read));
  const fourth = ask(program, there.port, '/4');
  while (waiting.length < 4) await new Promise((resolve) => setImmediate(resolve));
  waiting[3]?.respond({ ':status': 204 }, { endStream: true });
  await read(await fourth);
  assert.equal(there.sessions, 2);
});

test('once retired no connection is used for another request, and what is under way is answered', async (t) => {
  const waiting: ServerHttp2Stream[] = [];
  const there = await behind(t, (stream) => waiting.push(stream));
  const program = http2Program({ clock: systemClock });
  t.after(() => program.retire());
  const first = ask(program, there.port, '/1').then(read);
  while (waiting.length < 1) await new Promise((resolve) => setImmediate(resolve));
  const closed = once(waiting[0]?.session ?? assert.fail(), 'close');
  program.retire();
  const second = ask(program, there.port, '/2').then(read);
  while (waiting.length < 2) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(there.sessions, 2);
  for (const stream of waiting) {
    stream.respond({ ':status': 200 });
    stream.end('x');
  }
  assert.deepEqual(await Promise.all([first, second]), [1, 1]);
  await closed;
});

test('a connection without a request ends when its time is over', async (t) => {
  const clock = manualClock(0);
  let closed: Promise<unknown> | undefined;
  const there = await behind(t, (stream) => {
    closed = once(stream.session ?? assert.fail(), 'close');
    stream.respond({ ':status': 204 }, { endStream: true });
  });
  const program = http2Program({ clock, keepMs: 1_000 });
  const answer = await ask(program, there.port, '/1');
  const over = once(answer.body as Readable, 'close');
  await read(answer);
  await over;
  clock.advance(1_000);
  await closed;
});
