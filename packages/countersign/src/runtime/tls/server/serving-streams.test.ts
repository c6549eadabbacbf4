import assert from 'node:assert/strict';
import { once } from 'node:events';
import { constants, type ClientHttp2Stream, connect, createServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import type { Refusal } from '../../../ground/errors/index.ts';
import { servingStreams, type StreamHandler } from './serving-streams.ts';

async function asking(t: TestContext, handler: StreamHandler): Promise<{ ask: Ask; refusals: Refusal[] }> {
  const refusals: Refusal[] = [];
  const server: Http2Server = createServer();
  server.on(
    'stream',
    servingStreams(handler, {}, (refusal) => refusals.push(refusal)),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  t.after(() => {
    session.destroy();
    server.close();
  });
  return {
    refusals,
    ask: (headers) => session.request(headers[':method'] === 'CONNECT' ? headers : { ':path': '/', ...headers }),
  };
}

type Ask = (headers: Record<string, string>) => ClientHttp2Stream;

async function statusOf(stream: ClientHttp2Stream): Promise<unknown> {
  const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
  stream.resume();
  return headers[':status'];
}

test('100-continue is answered before the request is served', async (t) => {
  const { ask } = await asking(t, (stream) => void stream.pipe(stream));
  const stream = ask({ ':method': 'POST', expect: '100-continue' });
  await once(stream, 'continue');
  stream.end('body');
  assert.equal(await statusOf(stream), 200);
});

test('no other expectation is met, and CONNECT is not served', async (t) => {
  const { ask } = await asking(t, () => assert.fail('it was served'));
  assert.equal(await statusOf(ask({ expect: 'tea' })), 417);
  assert.equal(await statusOf(ask({ ':method': 'CONNECT', ':authority': 'orders.test' })), 405);
});

test('a handler that throws ends its stream with a code, or cuts it off where its answer has begun', async (t) => {
  const { ask, refusals } = await asking(t, (stream, headers) => {
    if (headers[':path'] === '/begun') stream.respond();
    throw new Error('a mistake');
  });
  assert.equal(await statusOf(ask({})), 500);
  const begun = ask({ ':path': '/begun' });
  const [error] = (await once(begun, 'error')) as [Error];
  assert.match(error.message, /INTERNAL_ERROR/);
  assert.equal(begun.rstCode, constants.NGHTTP2_INTERNAL_ERROR);
  assert.deepEqual(
    refusals.map(({ code }) => code),
    ['CS-TLS-018', 'CS-TLS-018'],
  );
});
