/** What asks to take the connection for itself while an earlier request on it is unanswered: answers go out in order, and nothing in the midst of another. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import type { OpenGateway } from '../fixtures/gateway/open-gateway.ts';
import { caller, gatewayBefore, rawUpstream } from './raw-upstream.ts';

const head = (first: string, more = ''): string => `${first} HTTP/1.1\r\nhost: api.test\r\n${more}\r\n`;
const upgrade = head('GET /socket', 'connection: upgrade\r\nupgrade: websocket\r\n');

interface Scene extends OpenGateway {
  readonly socket: TLSSocket;
  /** All that came so far. */
  said(): string;
  /** Resolves once it has come. */
  saying(text: string): Promise<void>;
  /** Paths whose requests reached the service. */
  readonly reached: readonly string[];
  /** Resolves with the service's end of each once `count` of them are there. */
  waiting(count: number): Promise<readonly Socket[]>;
}

/** A service that answers when the test does, and takes each upgrade. */
async function scene(t: TestContext): Promise<Scene> {
  const [reached, asked]: [string[], Socket[]] = [[], []];
  let arrived = Promise.withResolvers<undefined>();
  const port = await rawUpstream(t, (behind, octets) => {
    reached.push(/^\S+ (\S+)/.exec(octets)?.[1] ?? '');
    if (/^upgrade: websocket/im.test(octets))
      behind.write('HTTP/1.1 101 Yes\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\nit is one');
    else asked.push(behind);
    arrived.resolve(undefined);
    arrived = Promise.withResolvers();
  });
  const open = await gatewayBefore(t, port);
  const socket = connect({ port: open.port, host: '127.0.0.1', servername: 'api.test', ...caller });
  t.after(() => socket.destroy());
  let text = '';
  let came = Promise.withResolvers<undefined>();
  socket.on('error', () => undefined);
  socket.on('data', (octets: Buffer) => {
    text += octets.toString('latin1');
    came.resolve(undefined);
    came = Promise.withResolvers();
  });
  return {
    ...{ ...open, socket, reached, said: () => text },
    saying: async (wanted) => {
      while (!text.includes(wanted)) await came.promise;
    },
    waiting: async (count) => {
      while (asked.length < count) await arrived.promise;
      return asked;
    },
  };
}

const answerOf = (text: string): string => `HTTP/1.1 200 OK\r\ncontent-length: ${String(text.length)}\r\n\r\n${text}`;

test('an upgrade behind a request that is not answered is refused, after that answer', async (t) => {
  const { socket, said, saying, reached, waiting, told, gateway } = await scene(t);
  socket.write(head('GET /first') + head('GET /second') + upgrade);
  const [first, second] = await waiting(2);
  second?.write(answerOf('the second'));
  first?.write(answerOf('the first'));
  await saying('CS-GATEWAY-093');
  const order = ['the first', 'the second', 'CS-GATEWAY-093'].map((text) => said().indexOf(text));
  assert.deepEqual(
    order,
    order.toSorted((one, other) => one - other),
  );
  assert.deepEqual(said().match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 400']);
  assert.deepEqual([...reached].sort(), ['/first', '/second']);
  const { decision, status, path } = await told(({ code }) => code === 'CS-GATEWAY-093');
  assert.deepEqual([decision, status, path], ['denied', 400, '/socket']);
  assert.equal(gateway.underWay, 0);
});

test('one behind an answer that is whole is an upgrade', async (t) => {
  const { socket, said, saying, waiting } = await scene(t);
  socket.write(head('GET /first'));
  (await waiting(1))[0]?.write(answerOf('the first'));
  await saying('the first');
  socket.write(upgrade);
  await saying('it is one');
  assert.deepEqual(said().match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 101']);
});

test('CONNECT behind requests that are not answered ends the connection: nothing is said out of turn, and each request is over', async (t) => {
  const { socket, said, waiting, told, gateway, records } = await scene(t);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(head('GET /first') + head('GET /second') + head('GET /third'));
  await waiting(3);
  assert.equal(gateway.underWay, 3);
  socket.write(head('CONNECT elsewhere.test:443'));
  await closed;
  assert.equal(said(), '');
  for (const one of ['/first', '/second', '/third']) await told(({ path }) => path === one);
  const refused = records.filter(({ code }) => code !== undefined);
  assert.deepEqual(
    refused.map(({ method, status, code }) => [method, status, code]),
    [['CONNECT', undefined, 'CS-GATEWAY-069']],
  );
  assert.equal(gateway.underWay, 0);
});
