import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { Agent, createServer as createHttp1Server, request as askHttp1 } from 'node:http';
import { connect, createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import type { Duplex, Readable, Writable } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { systemClock } from '../../ground/clock/index.ts';
import {
  type Asked,
  askedBy,
  askedOverStream,
  endToEndHeaders,
  http1Program,
  http2Program,
  relayRequest,
  type WayBack,
  wayBackOver,
  wayBackOverStream,
} from './index.ts';

type Version = 'HTTP/1.1' | 'HTTP/2';

/** A request as the service has it: its header is there, its body still comes. */
interface Served {
  readonly question: Readable;
  readonly answer: Writable;
  /** The header alone. */
  begin(): void;
}

interface Upload {
  readonly body: Writable;
  /** Header of the answer, once it is there. */
  readonly answered: Promise<Readable>;
}

async function listening(t: TestContext, server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const sockets = new Set<Duplex>();
  server.on('connection', (socket) => sockets.add(socket));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function service(version: Version, onRequest: (served: Served) => void): Server {
  if (version === 'HTTP/1.1')
    return createHttp1Server((request, response) =>
      onRequest({ question: request, answer: response, begin: () => response.writeHead(200).flushHeaders() }),
    );
  return createHttp2Server().on('stream', (stream) => {
    stream.on('error', () => undefined);
    onRequest({ question: stream, answer: stream, begin: () => stream.respond({ ':status': 200 }) });
  });
}

function front(t: TestContext, version: Version, port: number, behind: Version): Server {
  const options = { clock: systemClock };
  const program = behind === 'HTTP/1.1' ? http1Program(options) : http2Program(options);
  t.after(() => program.retire());
  const relay = (asked: Asked | undefined, wayBack: WayBack): void => {
    assert.ok(asked);
    relayRequest({
      asked,
      wayBack,
      upstream: { host: '127.0.0.1', port },
      headers: endToEndHeaders(asked.rawHeaders),
      program,
      onUnsayable: () => wayBack.breakOff(),
      onFailure: () => wayBack.breakOff(),
    });
  };
  if (version === 'HTTP/1.1')
    return createHttp1Server((request, response) => relay(askedBy(request), wayBackOver(response)));
  return createHttp2Server().on('stream', (stream, headers, _flags, raw) =>
    relay(askedOverStream(stream, headers, raw), wayBackOverStream(stream)),
  );
}

/** All that he asks goes over one connection. */
function caller(t: TestContext, version: Version, port: number): () => Upload {
  if (version === 'HTTP/1.1') {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    t.after(() => agent.destroy());
    return () => {
      const body = askHttp1({ agent, port, host: '127.0.0.1', method: 'POST', headers: { host: 'a.test' } });
      return { body, answered: once(body, 'response').then(([answer]) => answer as Readable) };
    };
  }
  const session = connect(`http://127.0.0.1:${port}`);
  t.after(() => session.destroy());
  return () => {
    const headers = { ':method': 'POST', ':scheme': 'https', ':authority': 'a.test', ':path': '/' };
    const stream = session.request(headers, { endStream: false });
    return { body: stream, answered: once(stream, 'response').then(() => stream) };
  };
}

async function text(from: Readable): Promise<string> {
  let all = '';
  for await (const piece of from) all += String(piece);
  return all;
}

interface Through {
  readonly ask: () => Upload;
  readonly served: () => Promise<Served>;
}

async function through(t: TestContext, at: Version, behind: Version): Promise<Through> {
  const arrivals = new EventEmitter();
  const port = await listening(
    t,
    service(behind, (served) => arrivals.emit('served', served)),
  );
  const ask = caller(t, at, await listening(t, front(t, at, port, behind)));
  return { ask, served: () => once(arrivals, 'served').then(([served]) => served as Served) };
}

const versions: readonly Version[] = ['HTTP/1.1', 'HTTP/2'];

for (const at of versions)
  for (const behind of versions) {
    const name = `from ${at} to ${behind}`;

    test(`${name}, both ways go on by turns while the upload is open`, async (t) => {
      const { ask, served } = await through(t, at, behind);
      const arrived = served();
      const upload = ask();
      upload.body.write('first');
      const { question, answer, begin } = await arrived;
      assert.equal(String((await once(question, 'data'))[0]), 'first');
      begin();
      const heard = await upload.answered;
      answer.write('half');
      assert.equal(String((await once(heard, 'data'))[0]), 'half');
      upload.body.write('second');
      assert.equal(String((await once(question, 'data'))[0]), 'second');
      upload.body.end('third');
      assert.equal(await text(question), 'third');
      answer.end('end');
      assert.equal(await text(heard), 'end');
    });

    test(`${name}, an answer that is whole before the upload gets out, and the next request its own`, async (t) => {
      const { ask, served } = await through(t, at, behind);
      let arrived = served();
      const first = ask();
      first.body.on('error', () => undefined);
      first.body.write('first');
      (await arrived).answer.end('early');
      assert.equal(await text(await first.answered), 'early');
      arrived = served();
      // What still comes of the first looks like a request, and belongs to it all the same.
      first.body.end('POST /of-the-body HTTP/1.1\r\nhost: a.test\r\n\r\n');
      const second = ask();
      second.body.end('own');
      const { question, answer } = await arrived;
      assert.equal(await text(question), 'own');
      answer.end('second');
      assert.equal(await text(await second.answered), 'second');
    });
  }
