/** Plain calls under `run` wait for a status that has to be fetched: nothing leaves, nothing arrives, nobody is told, until there is a verdict. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientHttp2Session, connect as http2Connect } from 'node:http2';
import { Agent, request } from 'node:https';
import { createRequire } from 'node:module';
import { connect as nodeConnect, type TLSSocket } from 'node:tls';
import { test, type TestContext } from 'node:test';
import { Agent as UndiciAgent, request as undiciRequest } from 'undici';
import { systemClock } from '../../ground/clock/index.ts';
import { isRefusal } from '../../ground/errors/index.ts';
import { allowAnyPeer } from '../../identity/authorization/index.ts';
import { withoutRevocation } from '../../identity/revocation/index.ts';
import { tlsFeatureExtension, tlsFeatures } from '../../identity/x509/index.ts';
import {
  type Credential,
  createHttp2Server,
  createServer,
  createTlsServer,
  fixedSource,
  MutableSource,
  sharedContext,
  Trust,
} from '../../runtime/tls/index.ts';
import { goodForEver, notKnown, revokedByList, TestAuthority, ToldCheck } from '../../surfaces/testing/index.ts';
import { guardConnect } from './index.ts';

const authority = new TestAuthority();
const clock = systemClock;
const host = '127.0.0.1';
const policy = allowAnyPeer();

function trustWith(...statusChecks: readonly ToldCheck[]): Trust {
  const [bundles, revocations] = [fixedSource(authority.bundles()), fixedSource(withoutRevocation)];
  return new Trust({ bundles, revocations, clock, statusChecks });
}

type Connect = typeof nodeConnect;

function guardedBy(check: ToldCheck, timeoutMs?: number): Connect {
  const [trust, credential] = [trustWith(check), authority.issue('web')];
  return guardConnect(nodeConnect, () => ({
    ...{ trust, clock, trustDomain: authority.trustDomain, to: policy, isPublic: () => false },
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    context: () => sharedContext({ credential, bundles: trust.bundles.current(), minVersion: 'TLSv1.3' }),
  }));
}

/** Echoes, and says hello first: what leaves and what arrives can both be seen. */
async function serve(t: TestContext, credential: Credential = authority.issue('orders')) {
  let got = '';
  const staple = new MutableSource<Uint8Array | undefined>(undefined);
  const options = { trust: trustWith(), credentials: fixedSource(credential), clock, staple };
  const server = createTlsServer(policy, options, ({ socket }) => {
    socket.on('error', () => undefined).write('hello ');
    socket.on('data', (piece: Buffer) => {
      got += piece.toString();
      socket.write(piece);
    });
  });
  t.after(() => server.close({ graceMs: 0 }));
  const { port } = await server.listen({ host, port: 0 });
  return { port, staple, got: () => got.replaceAll(knock, '') };
}

interface Waiting {
  readonly check: ToldCheck;
  readonly begun: Promise<undefined>;
  readonly answer: (told: Parameters<ToldCheck['tell']>[0]) => void;
}

/** What is fetched comes when the test says so. */
function waiting(): Waiting {
  const [begun, answered] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
  const check = new ToldCheck(() => notKnown);
  check.fetching = () => {
    begun.resolve(undefined);
    return answered.promise;
  };
  return {
    check,
    begun: begun.promise,
    answer: (told) => {
      check.tell(told);
      answered.resolve(undefined);
    },
  };
}

/** Of a connection: what happened, in its order. */
function watched(socket: TLSSocket): string[] {
  const seen: string[] = [];
  socket.on('secureConnect', () => seen.push(`open ${String(socket.authorized)}`));
  socket.on('data', (piece: Buffer) => seen.push(piece.toString()));
  socket.on('error', (error) => seen.push(isRefusal(error) ? error.code : String(error)));
  return seen;
}

/** Its error is told of elsewhere. */
function closed(socket: TLSSocket): Promise<void> {
  return new Promise((resolve) => void socket.once('close', () => resolve()));
}

const knock = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n';

/** What the server had to say has had its time to come: it answers another connection after that. */
async function another(port: number): Promise<void> {
  const socket = guardedBy(new ToldCheck(() => goodForEver))({ host, port });
  await once(socket, 'secureConnect');
  socket.write(knock);
  await once(socket, 'data');
  socket.destroy();
}

test('writes before the verdict, and an end, leave with it and in order; what came is handed on after it', async (t) => {
  const { port, got } = await serve(t);
  const { check, begun, answer } = waiting();
  const socket = guardedBy(check)({ host, port });
  const seen = watched(socket);
  socket.write('one ');
  socket.write('two ');
  socket.uncork();
  socket.end('three');
  await begun;
  await another(port);
  assert.deepEqual([seen, got(), socket.authorized, socket.readyState !== 'closed'], [[], '', false, true]);
  answer(() => goodForEver);
  await once(socket, 'end');
  assert.equal(seen[0], 'open true');
  assert.equal(seen.slice(1).join(''), 'hello one two three');
});

test('revoked, or not known in time: it ends with the code, and nothing ever left', async (t) => {
  const { port, got } = await serve(t);
  for (const [told, code] of [
    [revokedByList('01'), 'CS-PEER-008'],
    [notKnown, 'CS-PEER-021'],
  ] as const) {
    const { check, begun, answer } = waiting();
    const socket = guardedBy(check)({ host, port });
    const seen = watched(socket);
    const written = new Promise((resolve) => socket.write('secret', resolve));
    await begun;
    answer(() => told);
    await closed(socket);
    assert.deepEqual(seen, [code]);
    assert.equal(((await written) as { code?: string }).code, code, 'whoever wrote is told');
  }
  const hanging = new ToldCheck(() => notKnown);
  hanging.fetching = () => new Promise(() => undefined);
  const socket = guardedBy(hanging, 300)({ host, port });
  const seen = watched(socket);
  socket.end('secret');
  await closed(socket);
  assert.match(seen.join(), /^CS-(PEER-021|TLS-002)$/);
  assert.equal(got(), '');
});

test('a program that gives up meanwhile hears no more of it', async (t) => {
  const { port, got } = await serve(t);
  const { check, begun, answer } = waiting();
  const socket = guardedBy(check)({ host, port });
  const seen = watched(socket);
  socket.write('secret', () => seen.push('written'));
  await begun;
  socket.destroy();
  await closed(socket);
  answer(() => goodForEver);
  await another(port);
  assert.deepEqual([seen, got()], [['written'], '']);
});

// As the preload does it: node:https and undici look there at each call.
const tls = createRequire(import.meta.url)('node:tls') as { connect: Connect };

test('https, undici and http2 wait, with several requests at once', async (t) => {
  const options = { trust: trustWith(), credentials: fixedSource(authority.issue('orders')), clock };
  let asked = 0;
  const server = createServer(policy, options, (incoming, response) => {
    asked++;
    response.end(incoming.url ?? '');
  });
  const http2 = createHttp2Server(policy, options, (incoming, response) => {
    asked++;
    response.end(incoming.url ?? '');
  });
  t.after(() => Promise.all([server.close({ graceMs: 0 }), http2.close({ graceMs: 0 })]));
  const { port } = await server.listen({ host, port: 0 });
  const { port: http2Port } = await http2.listen({ host, port: 0 });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const pool = new UndiciAgent({ pipelining: 2, connections: 1 });
  let session: ClientHttp2Session | undefined;
  const callers: Readonly<Record<string, (path: string) => Promise<string>>> = {
    https: (path) =>
      new Promise((done, failed) => {
        request({ host, port, path, agent }, (response) => {
          void response.toArray().then((pieces) => done(Buffer.concat(pieces as Buffer[]).toString()), failed);
        })
          .on('error', failed)
          .end();
      }),
    undici: async (path) => (await undiciRequest(`https://${host}:${port}${path}`, { dispatcher: pool })).body.text(),
    http2: (path) =>
      new Promise((done, failed) => {
        session ??= http2Connect(`https://${host}:${http2Port}`).on('error', failed);
        let said = '';
        const stream = session.request({ ':path': path }).setEncoding('utf8');
        stream.on('data', (text: string) => (said += text)).on('end', () => done(said));
        stream.on('error', failed);
      }),
  };
  const plain = tls.connect;
  t.after(() => {
    tls.connect = plain;
    agent.destroy();
    session?.destroy();
    return pool.destroy();
  });
  for (const [name, call] of Object.entries(callers)) {
    const { check, begun, answer } = waiting();
    tls.connect = guardedBy(check);
    asked = 0;
    const calls = Promise.all([call('/1'), call('/2')]);
    await begun;
    await another(port);
    assert.equal(asked, 1, `${name}: the other one's`);
    answer(() => goodForEver);
    assert.deepEqual(await calls, ['/1', '/2'], name);
  }
});

test('a staple is part of the question, and a certificate that promises one is refused without', async (t) => {
  const promising = authority.issue('orders', { moreExtensions: [tlsFeatureExtension([tlsFeatures.statusRequest])] });
  const { port, staple, got } = await serve(t, promising);
  const staples = new Set<string | undefined>();
  const check = new ToldCheck((question) => {
    staples.add(question.staple && Buffer.from(question.staple).toString('hex'));
    return goodForEver;
  });
  const connect = guardedBy(check);
  const without = connect({ host, port });
  const seen = watched(without);
  without.write('secret');
  await closed(without);
  assert.deepEqual([seen, got()], [['CS-PEER-022'], '']);
  const response = authority.ocspResponse(promising);
  staple.set(response);
  const socket = connect({ host, port });
  await once(socket, 'secureConnect');
  socket.destroy();
  assert.deepEqual(staples, new Set([Buffer.from(response).toString('hex')]));
});
