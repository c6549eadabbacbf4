/** HTTP/2 and HTTP/1.1 behind one handler: who is admitted is served, who is refused can read why, in either. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientHttp2Session, connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2';
import { test, type TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { Agent, request } from 'undici';
import { systemClock } from '../../../ground/clock/index.ts';
import type { Refusal } from '../../../ground/errors/index.ts';
import { spiffeId } from '../../../identity/authorization/index.ts';
import { RevocationState, type RevocationView, withoutRevocation } from '../../../identity/revocation/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import { contextOptions } from '../context/context-options.ts';
import {
  createHttp2Server,
  type Credential,
  fixedSource,
  type Http2RequestHandler,
  MutableSource,
  peerOf,
  type ServerOptions,
  Trust,
} from '../index.ts';

const authority = new TestAuthority();
const clock = systemClock;
const web = authority.issue('web');
const cron = authority.issue('cron');
const forWeb = spiffeId('spiffe://test.internal/web');

const naming: Http2RequestHandler = (asked, response) => {
  asked.resume();
  response.end(`${asked.httpVersionMajor} ${peerOf(asked).name}`);
};

interface Serving {
  readonly port: number;
  readonly refusals: Refusal[];
  readonly revocations: MutableSource<RevocationView>;
}

async function serve(
  t: TestContext,
  handler: Http2RequestHandler = naming,
  more: Partial<ServerOptions> = {},
): Promise<Serving> {
  const refusals: Refusal[] = [];
  const revocations = new MutableSource<RevocationView>(withoutRevocation);
  const options: ServerOptions = {
    trust: new Trust({ bundles: fixedSource(authority.bundles()), revocations, clock }),
    credentials: fixedSource(authority.issue('orders')),
    clock,
    onRefusal: (refusal) => refusals.push(refusal),
    ...more,
  };
  const server = createHttp2Server(forWeb, options, handler);
  t.after(() => server.close({ graceMs: 0 }));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return { port, refusals, revocations };
}

function sessionTo(t: TestContext, port: number, credential: Credential, servername?: string): ClientHttp2Session {
  const input = { credential, bundles: authority.bundles(), minVersion: 'TLSv1.3' } as const;
  const session = connectHttp2(`https://127.0.0.1:${port}`, {
    ...contextOptions(input),
    ALPNProtocols: ['h2'],
    checkServerIdentity: () => undefined,
    ...(servername === undefined ? {} : { servername }),
  });
  session.on('error', () => undefined);
  t.after(() => session.destroy());
  return session;
}

async function ask(
  session: ClientHttp2Session,
  headers: Record<string, string> = {},
  body?: Buffer,
): Promise<{ status: number | undefined; text: string; type: string | undefined }> {
  const stream = session.request({ ':path': '/', ...headers }, { endStream: body === undefined });
  const answered = once(stream, 'response') as Promise<[IncomingHttpHeaders & { ':status'?: number }]>;
  answered.catch(() => undefined);
  if (body !== undefined) stream.end(body);
  let text = '';
  for await (const bytes of stream) text += String(bytes);
  const [response] = await answered;
  return { status: response[':status'], text, type: response['content-type'] };
}

test('one handler serves both versions, and knows the peer in both', async (t) => {
  const { port } = await serve(t);
  assert.deepEqual(await ask(sessionTo(t, port, web)), {
    status: 200,
    text: '2 spiffe://test.internal/web',
    type: undefined,
  });
  const connect = {
    ...contextOptions({ credential: web, bundles: authority.bundles(), minVersion: 'TLSv1.3' }),
    checkServerIdentity: (): undefined => undefined,
  };
  const dispatcher = new Agent({ connect, allowH2: false });
  t.after(() => dispatcher.destroy());
  const answer = await request(`https://127.0.0.1:${port}/`, { dispatcher });
  assert.equal(await answer.body.text(), '1 spiffe://test.internal/web');
});

test('a stranger of HTTP/2 reads a problem document with the code alone, 20 times of 20, posts of 2 MB included', async (t) => {
  const { port, refusals } = await serve(t, () => assert.fail('a stranger reached the handler'));
  const body = Buffer.alloc(2_000_000, 'x');
  for (let attempt = 0; attempt < 20; attempt++) {
    const session = sessionTo(t, port, cron);
    const { status, text, type } = await (attempt % 2 === 0 ? ask(session, { ':method': 'POST' }, body) : ask(session));
    assert.equal(status, 403);
    assert.equal(type, 'application/problem+json');
    assert.deepEqual(JSON.parse(text), {
      type: 'urn:countersign:refusal:CS-PEER-007',
      title: 'peer not allowed',
      status: 403,
      code: 'CS-PEER-007',
    });
  }
  assert.deepEqual(new Set(refusals.map(({ code }) => code)), new Set(['CS-PEER-007']));
});

test('undici reads it over HTTP/2, too', async (t) => {
  const { port } = await serve(t);
  for (let attempt = 0; attempt < 5; attempt++) {
    const connect = {
      ...contextOptions({ credential: cron, bundles: authority.bundles(), minVersion: 'TLSv1.3' }),
      checkServerIdentity: (): undefined => undefined,
    };
    const dispatcher = new Agent({ connect, allowH2: true });
    const answer = await request(`https://127.0.0.1:${port}/`, { dispatcher, method: 'POST', body: 'hello' });
    assert.equal(answer.statusCode, 403);
    assert.equal(((await answer.body.json()) as { code: string }).code, 'CS-PEER-007');
    await dispatcher.destroy();
  }
});

test('a client of HTTP/2 that waits for the settings before its request gets the refusal, one that says nothing a GOAWAY', async (t) => {
  const { port } = await serve(t);
  const session = sessionTo(t, port, cron);
  await once(session, 'remoteSettings');
  assert.equal((await ask(session)).status, 403);

  const silent = connectTls({
    ...contextOptions({ credential: cron, bundles: authority.bundles(), minVersion: 'TLSv1.3' }),
    ALPNProtocols: ['h2'],
    checkServerIdentity: () => undefined,
    host: '127.0.0.1',
    port,
  });
  const frames: Buffer[] = [];
  for await (const bytes of silent) frames.push(bytes as Buffer);
  const types = [];
  for (let rest = Buffer.concat(frames); rest.length > 0; rest = rest.subarray(9 + rest.readUIntBE(0, 3)))
    types.push(rest[3]);
  assert.deepEqual(types, [4, 7]);
});

test('what a refused client is told beyond the code has to be typed out', async (t) => {
  const { port } = await serve(t, naming, { explainToPeer: true });
  const { text } = await ask(sessionTo(t, port, cron));
  assert.match(text, /"peer":"spiffe:\/\/test.internal\/cron"/);
  const truthy = await serve(t, naming, { explainToPeer: 1 as never });
  assert.doesNotMatch((await ask(sessionTo(t, truthy.port, cron))).text, /cron/);
});

test('a request for another host than the handshake was with is misdirected, the next on the same session is served', async (t) => {
  const { port, refusals } = await serve(t);
  const session = sessionTo(t, port, web, 'orders.test');
  const hosts: [Record<string, string>, number][] = [
    [{ ':authority': 'orders.test' }, 200],
    [{ ':authority': 'Orders.Test.:8443' }, 200],
    [{ ':authority': 'admin.test' }, 421],
    [{ ':authority': 'orders.test', host: 'admin.test' }, 421],
    [{ ':authority': 'orders.test' }, 200],
  ];
  for (const [headers, status] of hosts) {
    assert.equal((await ask(session, headers)).status, status, JSON.stringify(headers));
  }
  assert.deepEqual(new Set(refusals.map(({ code }) => code)), new Set(['CS-TLS-012']));
  assert.equal((await ask(sessionTo(t, port, web), { ':authority': 'anything.test' })).status, 200);
});

test('a body that is on its way is handed on no further once its peer is revoked', async (t) => {
  const got: string[] = [];
  const first = Promise.withResolvers<undefined>();
  const { port, revocations } = await serve(t, (asked) => {
    asked.on('data', (bytes: Buffer) => {
      got.push(bytes.toString());
      first.resolve(undefined);
    });
    asked.on('end', () => got.push('the end'));
  });
  const session = sessionTo(t, port, web);
  const stream = session.request({ ':path': '/', ':method': 'POST' });
  stream.on('error', () => undefined);
  stream.write('before');
  await first.promise;
  const closed = once(session, 'close');
  revocations.set(RevocationState.unknown);
  stream.end('after');
  await closed;
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(got, ['before']);
});

test('ahead of an expiry a session gets a GOAWAY, and the request under way its answer', async (t) => {
  const { port } = await serve(t, (asked, response) => {
    if (asked.url === '/slow') setTimeout(() => response.end('slow'), 1_500);
    else response.end('quick');
  });
  const session = sessionTo(t, port, authority.issue('web', { notAfterMs: 4_000 }));
  const began = Date.now();
  const goaway = once(session, 'goaway');
  const [slow, quick] = await Promise.all([
    ask(session, { ':path': '/slow' }),
    (async () => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      return ask(session);
    })(),
  ]);
  assert.deepEqual([slow.text, quick.text], ['slow', 'quick']);
  await goaway;
  await once(session, 'close');
  assert.ok(Date.now() - began < 5_900, 'given up before the expiry');
});
