/**
 * Class F. Upstreams of the gateway that hang, lie about their length, close in mid-answer, answer twice, never come to an end with interim answers or with
 * their header, or change to what nobody asked for: each is named by its code, the caller's answer never looks whole, and the next caller gets his own.
 */
import assert from 'node:assert/strict';
import { connect as connectHttp2 } from 'node:http2';
import type { Socket } from 'node:net';
import { connect } from 'node:tls';
import { test } from 'node:test';
import { manualClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { caller, gatewayBefore, rawUpstream } from '../gateway/raw-upstream.ts';

const right = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

interface Lying {
  readonly says: (socket: Socket) => void;
  readonly code: string | undefined;
  /** What the caller gets of it: of an answer that began its status, and that it is not whole. `undefined`: whichever comes first. */
  readonly status: number | undefined;
}

const saysAndEnds = (text: string) => (socket: Socket) => void socket.end(text, 'latin1');
const says = (text: string) => (socket: Socket) => void socket.write(text, 'latin1');
const without = (socket: Socket): void => void socket.destroy();

/** As fast as it is taken. */
const endless = (begin: string, piece: string) => (socket: Socket) => {
  const more = piece.repeat(1000);
  const pump = (): void => {
    while (!socket.destroyed && socket.write(more, 'latin1'));
  };
  socket.write(begin, 'latin1');
  socket.on('drain', pump);
  pump();
};

const lying: Readonly<Record<string, Lying>> = {
  'it closes without a word': { says: without, code: 'CS-GATEWAY-032', status: 502 },
  'it closes in its header': { says: saysAndEnds('HTTP/1.1 200 OK\r\nx'), code: 'CS-GATEWAY-033', status: 502 },
  'it closes before its length': {
    says: saysAndEnds('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nok'),
    code: 'CS-GATEWAY-033',
    status: 200,
  },
  'it closes before its last chunk': {
    says: saysAndEnds('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n'),
    code: 'CS-GATEWAY-033',
    status: 200,
  },
  'it speaks another protocol': { says: says('SSH-2.0-OpenSSH_9.2\r\n'), code: 'CS-GATEWAY-034', status: 502 },
  'it has two lengths': {
    says: says('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 5\r\n\r\nok'),
    code: 'CS-GATEWAY-034',
    status: 502,
  },
  'it has length and chunks': {
    says: says('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'),
    code: 'CS-GATEWAY-034',
    status: 502,
  },
  'it ends a line with a bare line feed': {
    says: says('HTTP/1.1 200 OK\r\nx: a\nset-cookie: b\r\ncontent-length: 2\r\n\r\nok'),
    code: 'CS-GATEWAY-034',
    status: 502,
  },
  'it has a zero octet in a header': {
    says: says('HTTP/1.1 200 OK\r\nx: a\0b\r\ncontent-length: 2\r\n\r\nok'),
    code: 'CS-GATEWAY-034',
    status: 502,
  },
  'it changes the protocol though nobody asked': {
    says: says('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
    code: 'CS-GATEWAY-034',
    status: 502,
  },
  'it sends interim answers without an end': {
    says: endless('', 'HTTP/1.1 102 Processing\r\n\r\n'),
    code: 'CS-GATEWAY-036',
    status: 502,
  },
  'its header has no end': {
    says: endless('HTTP/1.1 200 OK\r\n', 'x-a: b\r\n'),
    code: 'CS-GATEWAY-035',
    status: 502,
  },
  'one line of its header has no end': {
    says: endless('HTTP/1.1 200 OK\r\nx-a: ', 'bbbbbbbbbb'),
    code: 'CS-GATEWAY-035',
    status: 502,
  },
  'a chunk has a size without an end': {
    says: endless('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2;', 'aaaaaaaaaa'),
    code: 'CS-GATEWAY-035',
    status: undefined,
  },
  'it answers twice': { says: says(right + right.replace('ok', 'no')), code: undefined, status: 200 },
  'its answer goes on behind its length': { says: says(`${right}more`), code: undefined, status: 200 },
};

interface Came {
  readonly status: number | undefined;
  readonly body: string;
  readonly whole: boolean;
}

function overHttp1(port: number): Promise<Came> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, servername: 'api.test', ...caller });
    let seen = '';
    socket.on('error', () => undefined);
    socket.on('data', (octets: Buffer) => (seen += octets.toString('latin1')));
    socket.write('GET / HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\n\r\n');
    socket.once('close', () => {
      const [head = '', body = ''] = seen.split(/\r\n\r\n([^]*)/);
      const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? Number.NaN);
      const whole = Number.isNaN(length) ? body.endsWith('0\r\n\r\n') : body.length === length;
      resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]) || undefined, body, whole });
    });
  });
}

function overHttp2(port: number): Promise<Came> {
  return new Promise((resolve) => {
    const session = connectHttp2(`https://127.0.0.1:${port}`, { servername: 'api.test', ...caller });
    session.on('error', () => undefined);
    const stream = session.request({ ':path': '/', ':authority': 'api.test' });
    let [status, body]: [number | undefined, string] = [undefined, ''];
    stream.on('error', () => undefined);
    stream.on('response', (headers) => (status = headers[':status']));
    stream.on('data', (octets: Buffer) => (body += octets.toString('latin1')));
    stream.once('close', () => {
      session.destroy();
      resolve({ status, body, whole: stream.rstCode === 0 });
    });
  });
}

for (const [what, { says: answer, code, status }] of Object.entries(lying))
  test(`${what}: named, and the next caller has his own answer`, async (t) => {
    for (const ask of [overHttp1, overHttp2]) {
      let asked = 0;
      const upstream = await rawUpstream(t, (socket) => {
        asked += 1;
        if (asked === 1) answer(socket);
        else socket.write(right);
      });
      const { port, told } = await gatewayBefore(t, upstream);
      const came = await ask(port);
      const record = await told(() => true);
      assert.deepEqual([record.code, record.status], [code, status ?? record.status], ask.name);
      if (record.status === 200) assert.equal(came.whole, code === undefined, `${ask.name}: ${JSON.stringify(came)}`);
      else assert.match(came.body, new RegExp(`"code":"${String(code)}"`), ask.name);
      if (code === undefined) assert.equal(came.body, 'ok');
      assert.deepEqual(await ask(port), { status: 200, body: 'ok', whole: true }, ask.name);
    }
  });

test('who hangs is given up when his time is over, and the caller is told so', async (t) => {
  const clock = manualClock(Date.now());
  let asked: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => (asked = resolve));
  const upstream = await rawUpstream(t, () => asked());
  const { port, told } = await gatewayBefore(t, upstream, { clock, bounds: '{ answerMs: 60000 }' });
  const answer = overHttp1(port);
  await reached;
  clock.advance(70_000);
  assert.equal((await told(() => true)).code, 'CS-GATEWAY-021');
  assert.match((await answer).body, /CS-GATEWAY-021/);
});

const upgrade =
  'GET /ws HTTP/1.1\r\nHost: api.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n';

const upgrades: Readonly<Record<string, Lying>> = {
  'a refusal': {
    says: saysAndEnds('HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno'),
    code: undefined,
    status: 400,
  },
  'an answer as if nothing had been asked': { says: saysAndEnds(right), code: undefined, status: 200 },
  'another protocol': {
    says: says('HTTP/1.1 101 Switching Protocols\r\nupgrade: other\r\nconnection: upgrade\r\n\r\n'),
    code: 'CS-GATEWAY-034',
    status: 502,
  },
  'no answer': { says: without, code: 'CS-GATEWAY-032', status: 502 },
  'interim answers without an end': {
    says: endless('', 'HTTP/1.1 102 Processing\r\n\r\n'),
    code: 'CS-GATEWAY-036',
    status: 502,
  },
  'a refusal that is cut off': {
    says: saysAndEnds('HTTP/1.1 400 Bad Request\r\ncontent-length: 20\r\n\r\nno'),
    code: 'CS-GATEWAY-032',
    status: 400,
  },
};

for (const [what, { says: answer, code, status }] of Object.entries(upgrades))
  test(`to an upgrade, ${what}: told as what it was, and never as a change of the protocol`, async (t) => {
    const upstream = await rawUpstream(t, answer);
    const { port, told } = await gatewayBefore(t, upstream);
    const socket = connect({ host: '127.0.0.1', port, servername: 'api.test', ...caller });
    let seen = '';
    socket.on('error', () => undefined);
    socket.on('data', (octets: Buffer) => (seen += octets.toString('latin1')));
    socket.write(upgrade);
    await new Promise((resolve) => socket.once('close', resolve));
    const record = await told(() => true);
    assert.deepEqual([record.status, record.code], [status, code], seen);
    assert.match(seen, new RegExp(`^HTTP/1\\.1 ${String(status)} `));
  });

test('an upgrade to which nobody answers is given up when its time is over', async (t) => {
  const clock = manualClock(Date.now());
  let asked: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => (asked = resolve));
  const upstream = await rawUpstream(t, () => asked());
  const { port, told } = await gatewayBefore(t, upstream, { clock });
  const socket = connect({ host: '127.0.0.1', port, servername: 'api.test', ...caller });
  socket.on('error', () => undefined).resume();
  socket.write(upgrade);
  await reached;
  clock.advance(70_000);
  const { status, code } = await told(() => true);
  assert.deepEqual([status, code], [504, 'CS-GATEWAY-021']);
});
