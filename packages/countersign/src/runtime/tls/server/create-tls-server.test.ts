/** A server of bytes: it hears of verified peers alone, and of nothing that they send once they no longer pass. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { test, type TestContext } from 'node:test';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { type Clock, manualClock, systemClock } from '../../../ground/clock/index.ts';
import type { Refusal } from '../../../ground/errors/index.ts';
import { spiffeId } from '../../../identity/authorization/index.ts';
import { RevocationState, type RevocationView, withoutRevocation } from '../../../identity/revocation/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import { contextOptions } from '../context/context-options.ts';
import {
  createServer,
  createTlsServer,
  type Credential,
  fixedSource,
  MutableSource,
  type MutualTlsServer,
  peerOf,
  type ServerOptions,
  Trust,
} from '../index.ts';

const authority = new TestAuthority();
const web = authority.issue('web');
const forWeb = spiffeId('spiffe://test.internal/web');

interface Told {
  readonly options: ServerOptions;
  readonly refusals: Refusal[];
  readonly revocations: MutableSource<RevocationView>;
}

function told(clock: Clock = systemClock): Told {
  const refusals: Refusal[] = [];
  const revocations = new MutableSource<RevocationView>(withoutRevocation);
  const options = {
    trust: new Trust({ bundles: fixedSource(authority.bundles()), revocations, clock }),
    credentials: fixedSource(authority.issue('orders')),
    clock,
    onRefusal: (refusal: Refusal) => void refusals.push(refusal),
    onClosed: () => undefined,
  };
  return { options, refusals, revocations };
}

async function portOf(t: TestContext, server: MutualTlsServer): Promise<number> {
  t.after(() => server.close({ graceMs: 0 }));
  return (await server.listen({ host: '127.0.0.1', port: 0 })).port;
}

function reach(port: number, credential: Credential, servername?: string): TLSSocket {
  const input = { credential, bundles: authority.bundles(), minVersion: 'TLSv1.3' } as const;
  const more = servername === undefined ? {} : { servername };
  return connectTls({
    ...contextOptions(input),
    checkServerIdentity: () => undefined,
    host: '127.0.0.1',
    port,
    ...more,
  });
}

async function textOf(socket: TLSSocket): Promise<string> {
  let text = '';
  for await (const bytes of socket) text += String(bytes);
  return text;
}

test('a verified peer is served; a stranger finds the connection ended, without a byte', async (t) => {
  const { options, refusals } = told();
  const heard: string[] = [];
  const server = createTlsServer(forWeb, options, ({ socket, peer }) => {
    assert.equal(peerOf(socket), peer);
    heard.push(peer.name);
    socket.pipe(socket);
  });
  const port = await portOf(t, server);
  const friend = reach(port, web);
  friend.end('hello');
  assert.equal(await textOf(friend), 'hello');
  const stranger = reach(port, authority.issue('cron'));
  stranger.write('hello');
  assert.equal(await textOf(stranger), '');
  assert.deepEqual(heard, ['spiffe://test.internal/web']);
  assert.deepEqual(
    refusals.map(({ code }) => code),
    ['CS-PEER-007'],
  );
  assert.throws(
    () => createTlsServer(forWeb, { ...options, clientCertificate: 'optional' }, () => undefined),
    TypeError,
  );
});

test('bytes that come after a revocation are not handed on, nor an end', async (t) => {
  const { options, revocations } = told();
  const got: string[] = [];
  const first = Promise.withResolvers<undefined>();
  const server = createTlsServer(forWeb, options, ({ socket }) => {
    socket.on('data', (bytes: Buffer) => {
      got.push(bytes.toString());
      first.resolve(undefined);
    });
    socket.on('end', () => got.push('the end'));
  });
  const socket = reach(await portOf(t, server), web);
  socket.on('error', () => undefined);
  socket.write('before');
  await first.promise;
  const closed = once(socket, 'close');
  revocations.set(RevocationState.unknown);
  socket.end('after');
  await closed;
  assert.deepEqual(got, ['before']);
});

test('what is no TLS has a name of its own', async (t) => {
  const { options, refusals } = told();
  const port = await portOf(
    t,
    createTlsServer(forWeb, options, () => assert.fail('nobody was admitted')),
  );
  const openings: [string, string | Buffer][] = [
    ['CS-TLS-010', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['CS-TLS-010', 'POST / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['CS-TLS-011', 'PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n'],
    ['CS-TLS-011', Buffer.from('0d0a0d0a000d0a515549540a2111000c', 'hex')],
    ['CS-TLS-011', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['CS-TLS-010', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['CS-TLS-011', Buffer.alloc(64)],
  ];
  for (const [code, bytes] of openings) {
    refusals.length = 0;
    const socket = connectTcp(port, '127.0.0.1');
    socket.on('error', () => undefined).resume();
    socket.write(bytes);
    await once(socket, 'close');
    assert.deepEqual(
      refusals.map((refusal) => refusal.code),
      [code],
      String(bytes),
    );
  }
});

test('an upgraded socket is gated; without a handler the request is served as any other', async (t) => {
  const { options, revocations } = told();
  const got: string[] = [];
  const first = Promise.withResolvers<undefined>();
  const upgrading = createServer(
    forWeb,
    options,
    () => assert.fail('not a request'),
    (asked, socket, head) => {
      assert.equal(head.length, 0);
      socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n\r\n${peerOf(asked).name}`);
      socket.on('data', (bytes: Buffer) => {
        got.push(bytes.toString());
        first.resolve(undefined);
      });
    },
  );
  const ask = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n';
  const socket = reach(await portOf(t, upgrading), web);
  socket.on('error', () => undefined);
  socket.write(ask);
  assert.match(String((await once(socket, 'data'))[0]), /spiffe:\/\/test.internal\/web$/);
  socket.write('before');
  await first.promise;
  const closed = once(socket, 'close');
  revocations.set(RevocationState.unknown);
  socket.end('after');
  await closed;
  assert.deepEqual(got, ['before']);

  const plain = await portOf(
    t,
    createServer(forWeb, told().options, (_asked, response) => response.end('served')),
  );
  const other = reach(plain, web);
  other.write(ask.replace('upgrade\r\n', 'upgrade, close\r\n'));
  assert.match(await textOf(other), /^HTTP\/1.1 200 OK[^]*served/);
});

test('a request of HTTP/1.1 for another host is misdirected, whichever way it names it', async (t) => {
  const { options, refusals } = told();
  const reached: (string | undefined)[] = [];
  const port = await portOf(
    t,
    createServer(forWeb, options, (asked, response) => {
      reached.push(asked.url);
      response.end('served');
    }),
  );
  const cases: [string, number][] = [
    ['GET /1 HTTP/1.1\r\nHost: orders.test\r\n', 200],
    ['GET /2 HTTP/1.1\r\nHost: ORDERS.test.:443\r\n', 200],
    ['GET https://orders.test/3 HTTP/1.1\r\nHost: orders.test\r\n', 200],
    ['GET /4 HTTP/1.1\r\nHost: admin.test\r\n', 421],
    ['GET /4 HTTP/1.1\r\nHost: orders.test\r\nHost: admin.test\r\n', 421],
    ['GET https://admin.test/4 HTTP/1.1\r\nHost: orders.test\r\n', 421],
    ['GET /4 HTTP/1.1\r\nHost: orders.test@admin.test\r\n', 421],
    ['GET /4 HTTP/1.1\r\nHost: admin.test:443@orders.test\r\n', 421],
    ['GET *@admin.test/ HTTP/1.1\r\nHost: orders.test\r\n', 421],
    ['GET /4 HTTP/1.1\r\nHost: 127.0.0.1\r\n', 421],
  ];
  for (const [head, status] of cases) {
    const socket = reach(port, web, 'orders.test');
    socket.write(`${head}Connection: close\r\n\r\n`);
    assert.equal(Number((await textOf(socket)).split(' ')[1]), status, head);
  }
  assert.deepEqual(reached, ['/1', '/2', 'https://orders.test/3']);
  assert.deepEqual(new Set(refusals.map(({ code }) => code)), new Set(['CS-TLS-012']));
});

test('an idle connection of HTTP/1.1 is ended ahead of its expiry', async (t) => {
  const lifeMs = 60_000;
  const manual = manualClock(systemClock.now());
  const { options } = told(manual);
  const port = await portOf(
    t,
    createServer(forWeb, options, (_asked, response) => response.end('served')),
  );
  const socket = reach(port, authority.issue('web', { notAfterMs: lifeMs }));
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  let text = '';
  while (!text.endsWith('served')) text += String(((await once(socket, 'data')) as [Buffer])[0]);
  assert.match(text, /Connection: keep-alive/i);
  const ended = once(socket.resume(), 'end');
  // It is given up ahead of the expiry, and left for a while to a request that is on its way.
  manual.advance(lifeMs * 0.8);
  manual.advance(lifeMs * 0.15);
  await ended;
});
