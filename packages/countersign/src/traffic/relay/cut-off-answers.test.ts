import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer, request as askHttp, type IncomingMessage } from 'node:http';
import { constants, createServer, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { systemClock } from '../../ground/clock/index.ts';
import { askedBy, endToEndHeaders, http1Program, http2Program, relayRequest, wayBackOver } from './index.ts';

/** How a program of HTTP/2 can leave an answer that has begun. */
const endings: Readonly<Record<string, (stream: ServerHttp2Stream) => void>> = {
  'resets the stream': (stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR),
  'resets the stream as if it were cancelled': (stream) => stream.close(constants.NGHTTP2_CANCEL),
  'resets the stream without an error': (stream) => stream.destroy(),
  'ends the session': (stream) => stream.session?.destroy(),
  'ends the connection': (stream) => stream.session?.socket.destroy(),
};

interface Relay {
  readonly port: number;
  /** Of the answer, once it has begun. */
  readonly stream: Promise<ServerHttp2Stream>;
}

async function relayTo(t: TestContext): Promise<Relay> {
  const begun = Promise.withResolvers<ServerHttp2Stream>();
  const behind = createServer((_request, { stream }) => {
    stream.on('error', () => undefined);
    // Without it Node ends the stream before it resets it, so that the answer is whole.
    stream.respond({ ':status': 200, 'content-length': 10 }, { waitForTrailers: true });
    stream.write('half');
    begun.resolve(stream);
  }).listen(0, '127.0.0.1');
  await once(behind, 'listening');
  const { port } = behind.address() as AddressInfo;
  const program = http2Program({ clock: systemClock });
  const relay = createHttpServer((request, response) => {
    const asked = askedBy(request);
    assert.ok(asked);
    relayRequest({
      asked,
      wayBack: wayBackOver(response),
      upstream: { host: '127.0.0.1', port },
      headers: endToEndHeaders(request.rawHeaders),
      program,
      onUnsayable: () => response.writeHead(400).end(),
      onFailure: (_error, begun) => begun || response.writeHead(502).end(),
    });
  }).listen(0, '127.0.0.1');
  await once(relay, 'listening');
  t.after(() => {
    program.retire();
    relay.closeAllConnections();
    relay.close();
    behind.close();
  });
  return { port: (relay.address() as AddressInfo).port, stream: begun.promise };
}

for (const [how, end] of Object.entries(endings))
  test(`an answer that begins over HTTP/2 does not look whole where the program ${how}`, async (t) => {
    const { port, stream } = await relayTo(t);
    const asking = askHttp({ port, host: '127.0.0.1', headers: { host: 'a.test' } }).end();
    const [answer] = (await once(asking, 'response')) as [IncomingMessage];
    let text = '';
    answer.on('error', () => undefined).on('data', (piece) => (text += String(piece)));
    if (text === '') await once(answer, 'data');
    end(await stream);
    await new Promise((resolve) => answer.once('close', resolve));
    assert.deepEqual([answer.statusCode, text, answer.complete], [200, 'half', false]);
  });

test('a connection that was still being opened at a retirement is not used again', async (t) => {
  const behind = createHttpServer((_request, response) => response.end('ok')).listen(0, '127.0.0.1');
  await once(behind, 'listening');
  t.after(() => {
    behind.closeAllConnections();
    behind.close();
  });
  const { port } = behind.address() as AddressInfo;
  const first = Promise.withResolvers<Socket>();
  let opened = 0;
  const open = async (): Promise<Socket> => {
    opened += 1;
    if (opened === 1) return first.promise;
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  };
  const program = http1Program({ clock: systemClock, open });
  t.after(() => program.retire());
  const ask = (): Promise<unknown> => {
    const upstream = { host: '127.0.0.1', port };
    const connection = { once: () => undefined };
    const headers = [['host', 'a.test']] as const;
    const asking = program.ask({ upstream, method: 'GET', target: '/', headers, hasBody: false, connection });
    return new Promise((onAnswer, onFailure) => asking.on({ onAnswer, onFailure }));
  };
  const answered = ask();
  // The credential was exchanged while the handshake was under way.
  program.retire();
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  first.resolve(socket);
  await answered;
  await ask();
  assert.equal(opened, 2);
});
