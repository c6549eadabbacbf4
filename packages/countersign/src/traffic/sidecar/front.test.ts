import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type ClientHttp2Session, type ClientHttp2Stream, connect, type OutgoingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { Agent, request } from 'undici';
import { systemClock } from '../../ground/clock/index.ts';
import { encodePem } from '../../ground/encoding/index.ts';
import type { Refusal } from '../../ground/errors/index.ts';
import { spiffeId } from '../../identity/authorization/index.ts';
import { withoutRevocation } from '../../identity/revocation/index.ts';
import { fixedSource, Trust } from '../../runtime/tls/index.ts';
import { TestAuthority } from '../../surfaces/testing/index.ts';
import { createFront, type FrontOptions } from './front.ts';

const authority = new TestAuthority();
const own = `spiffe://${authority.trustDomain}/orders`;
const web = `spiffe://${authority.trustDomain}/web`;

interface Fronted {
  readonly port: number;
  readonly refusals: readonly Refusal[];
  readonly unanswered: readonly Refusal[];
}

/** A front for `web` before a program on a plain port. */
async function fronted(t: TestContext, program: RequestListener, more: Partial<FrontOptions> = {}): Promise<Fronted> {
  const server = createServer(program).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const [refusals, unanswered]: [Refusal[], Refusal[]] = [[], []];
  const front = createFront(spiffeId(web), {
    trust: new Trust({
      bundles: fixedSource(authority.bundles()),
      revocations: fixedSource(withoutRevocation),
      clock: systemClock,
    }),
    credentials: fixedSource(authority.issue('orders')),
    clock: systemClock,
    own: () => own,
    upstream: () => ({ host: '127.0.0.1', port: (server.address() as AddressInfo).port }),
    onRefusal: (refusal) => refusals.push(refusal),
    onClosed: () => undefined,
    onUnanswered: (refusal) => unanswered.push(refusal),
    ...more,
  });
  t.after(async () => {
    await front.close({ graceMs: 0 });
    server.closeAllConnections();
    server.close();
  });
  const { port } = await front.listen({ host: '127.0.0.1', port: 0 });
  return { port, refusals, unanswered };
}

function sessionOf(t: TestContext, port: number, name = 'web', more: Record<string, string> = {}): ClientHttp2Session {
  const { chain, privateKey } = authority.issue(name);
  const session = connect(`https://127.0.0.1:${port}`, {
    cert: chain.map((der) => encodePem('CERTIFICATE', der)).join(''),
    key: privateKey.toPem(),
    rejectUnauthorized: false,
    ...more,
  });
  session.on('error', () => undefined);
  t.after(() => session.destroy());
  return session;
}

interface Heard {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly trailers: Readonly<Record<string, unknown>>;
}

async function heard(stream: ClientHttp2Stream): Promise<Heard> {
  let trailers: Record<string, unknown> = {};
  stream.on('trailers', (given: Record<string, unknown>) => (trailers = { ...given }));
  const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
  let text = '';
  for await (const piece of stream.setEncoding('utf8')) text += String(piece);
  return { status: Number(headers[':status']), headers, text, trailers };
}

const asking = (session: ClientHttp2Session, headers: OutgoingHttpHeaders): Promise<Heard> =>
  heard(session.request(headers));

test('over HTTP/2 the program reads who calls as over HTTP/1.1, and nothing that a caller made up', async (t) => {
  const { port } = await fronted(t, (request, response) => response.end(JSON.stringify(request.rawHeaders)));
  const { status, text } = await asking(sessionOf(t, port), {
    ':path': '/a?b',
    ':authority': 'orders.internal',
    host: 'orders.internal',
    'x-forwarded-client-cert': 'URI=spiffe://test.internal/admin',
    x_forwarded_client_cert: 'URI=spiffe://test.internal/admin',
    'client-cert': ':AAAA:',
    'x-forwarded-for': '203.0.113.9',
    te: 'trailers',
    cookie: ['a=1', 'b=2'],
    'x-kept': ['one', 'two'],
  });
  assert.equal(status, 200);
  const raw = JSON.parse(text) as string[];
  const values = (name: string): string[] =>
    raw.flatMap((one, at) => (at % 2 === 0 && one === name ? [raw[at + 1] ?? ''] : []));
  assert.match(
    String(values('x-forwarded-client-cert')),
    /^By=.*\/orders;Hash=[0-9a-f]{64};URI=.*\/web;DNS=web.internal$/,
  );
  assert.deepEqual(values('x-forwarded-for'), ['127.0.0.1']);
  assert.deepEqual(values('x-forwarded-host'), ['orders.internal']);
  assert.deepEqual(values('host'), ['orders.internal']);
  assert.deepEqual(values('cookie'), ['a=1; b=2']);
  assert.deepEqual(values('x-kept').join(', '), 'one, two');
  for (const name of ['x_forwarded_client_cert', 'client-cert', 'te', ':path'])
    assert.deepEqual(values(name), [], name);
});

test('bodies of some megabytes go both ways, each as fast as the slower side takes it', async (t) => {
  const { port } = await fronted(t, (request, response) => request.pipe(response));
  const stream = sessionOf(t, port).request({ ':method': 'POST' });
  const body = 'x'.repeat(3_000_000);
  stream.end(body);
  assert.equal((await heard(stream)).text.length, body.length);
});

test('what a caller does not read is not taken from the program', async (t) => {
  let taken = 0;
  const { port } = await fronted(t, (_, response) => {
    const piece = Buffer.alloc(65_536);
    const fill = (): void => {
      while (taken < 60_000_000) {
        taken += piece.length;
        if (!response.write(piece)) return;
      }
    };
    response.on('drain', fill);
    fill();
  });
  const stream = sessionOf(t, port).request({});
  await once(stream, 'response');
  let before = -1;
  while (before !== taken) {
    before = taken;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  // Buffers of two kernels and of streams in between.
  assert.ok(taken < 30_000_000, `${taken} bytes`);
  stream.close();
});

test('trailers go both ways, but for those that would speak for the front', async (t) => {
  const { port } = await fronted(t, (request, response) => {
    request.resume().on('end', () => {
      response.write('body');
      response.addTrailers({ 'x-sum': JSON.stringify(request.rawTrailers), 'set-cookie': 'a=1' });
      response.end();
    });
  });
  const stream = sessionOf(t, port).request({ ':method': 'POST' }, { waitForTrailers: true });
  stream.on('wantTrailers', () =>
    stream.sendTrailers({ 'x-mine': '1', 'x-forwarded-client-cert': 'URI=spiffe://test.internal/admin', host: 'x' }),
  );
  stream.end('x');
  const { trailers, text } = await heard(stream);
  assert.equal(text, 'body');
  assert.deepEqual(Object.entries(trailers), [['x-sum', '["x-mine","1"]']]);
});

test('a caller who cancels is gone for the program, too; other streams of his go on', async (t) => {
  const gone = Promise.withResolvers<undefined>();
  const { port, unanswered } = await fronted(t, (request, response) => {
    if (request.url === '/other') return void response.end('other');
    response.on('close', () => gone.resolve(undefined));
    response.write('first');
  });
  const session = sessionOf(t, port);
  const stream = session.request({ ':path': '/endless' });
  await once(stream, 'data');
  stream.close(8);
  await gone.promise;
  assert.equal((await asking(session, { ':path': '/other' })).text, 'other');
  assert.deepEqual(unanswered, []);
});

test('an answer that is cut off does not look whole', async (t) => {
  const { port, unanswered } = await fronted(t, (_, response) => {
    response.writeHead(200, { 'content-length': '10' });
    response.write('first', () => response.destroy());
  });
  const stream = sessionOf(t, port).request({});
  stream.resume();
  await assert.rejects(once(stream, 'end'), /NGHTTP2_INTERNAL_ERROR/);
  assert.equal(unanswered[0]?.code, 'CS-RUN-012');
});

test('an upload that is cut off does not look whole to the program', async (t) => {
  const ended = Promise.withResolvers<boolean>();
  const { port } = await fronted(t, (request, response) => {
    request.on('data', () => response.write('begun')).on('error', () => undefined);
    request.on('close', () => ended.resolve(request.complete));
  });
  const session = sessionOf(t, port);
  const stream = session.request({ ':method': 'POST' });
  stream.on('error', () => undefined);
  stream.write('x');
  await once(stream, 'data');
  // Closing the stream alone would end its body in good order first, in Node.
  session.destroy();
  assert.equal(await ended.promise, false);
});

test('undici speaks HTTP/2 with it where it is allowed to', async (t) => {
  const { port } = await fronted(t, (request, response) => response.end(request.headers['x-forwarded-client-cert']));
  const { chain, privateKey } = authority.issue('web');
  const cert = chain.map((der) => encodePem('CERTIFICATE', der)).join('');
  const dispatcher = new Agent({
    allowH2: true,
    connect: { cert, key: privateKey.toPem(), rejectUnauthorized: false },
  });
  t.after(() => dispatcher.destroy());
  const { body } = await request(`https://127.0.0.1:${port}/`, { dispatcher });
  assert.match(await body.text(), /URI=spiffe:\/\/test\.internal\/web/);
});

test('an answer that comes before the body is read gets out', async (t) => {
  const { port } = await fronted(t, (_, response) => {
    response.writeHead(413, { connection: 'close' });
    response.end('too large');
  });
  const stream = sessionOf(t, port).request({ ':method': 'POST' });
  stream.on('error', () => undefined);
  stream.write(Buffer.alloc(1_000_000));
  const { status, text } = await heard(stream);
  assert.deepEqual([status, text], [413, 'too large']);
});

test('a request that HTTP/1.1 cannot say is answered with a code, and ends nothing', async (t) => {
  let seen = 0;
  const { port } = await fronted(t, (_, response) => {
    seen++;
    response.end();
  });
  const session = sessionOf(t, port);
  for (const headers of [
    { ':path': '/a b' },
    { ':path': '/a\r\nx: y' },
    { ':scheme': 'http' },
    { ':scheme': 'ftp', ':path': 'http://admin.internal/' },
    { ':authority': '' },
  ]) {
    const outcome = await asking(session, headers).then(
      ({ status, text }) => `${status} ${text}`,
      (error: unknown) => String(error),
    );
    assert.match(outcome, /^400 .*CS-RUN-013|ERR_HTTP2|PROTOCOL_ERROR/, JSON.stringify(headers));
  }
  assert.equal(seen, 0);
  assert.equal((await asking(sessionOf(t, port), {})).status, 200);
});

test('a program that does not answer is a code, and where it listens is not said', async (t) => {
  const { port, unanswered } = await fronted(t, (request) => request.socket.destroy());
  const { status, text } = await asking(sessionOf(t, port), {});
  assert.equal(status, 502);
  assert.match(text, /CS-RUN-012/);
  assert.equal(unanswered.length, 1);
  const { port: closed } = await fronted(t, () => undefined, { upstream: () => undefined });
  assert.equal((await asking(sessionOf(t, closed), {})).status, 502);
});

test('who is refused gets the code on his stream; a request for another host than the handshake was with, 421', async (t) => {
  let seen = 0;
  const { port, refusals } = await fronted(t, (_, response) => {
    seen++;
    response.end();
  });
  const { status, text } = await asking(sessionOf(t, port, 'billing'), {});
  assert.deepEqual([status, /CS-PEER-\d+/.exec(text)?.[0], refusals[0]?.code], [403, 'CS-PEER-007', 'CS-PEER-007']);
  const named = sessionOf(t, port, 'web', { servername: 'orders.internal' });
  assert.equal((await asking(named, { ':authority': 'admin.internal' })).status, 421);
  assert.equal(seen, 0);
});
