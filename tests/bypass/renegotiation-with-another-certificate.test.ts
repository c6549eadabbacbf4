/**
 * Class Q. On TLS 1.2 a peer renegotiates in mid-connection and presents another certificate that is trusted, too: who was let in as one is then another.
 * On a bare server of node:tls no event fires and `getPeerX509Certificate()` answers the other one from then on. TLS 1.3 has no renegotiation.
 * Stands for: what was tried on Node 26.10 (issue Q of the project's list); CVE-2009-3555 is its ancestor.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { connect, createServer as createTlsServer, TLSSocket } from 'node:tls';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { allowAnyPeer } from '../../packages/countersign/src/identity/authorization/index.ts';
import { fixedSource } from '../../packages/countersign/src/runtime/tls/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { clientOptions } from './clients.ts';
import { exactly, pemOf, presented, type Presented } from './presented.ts';
import { allOf, clients, type Protocol, servers } from './endpoints.ts';
import { requestInOctets } from './http2-request.ts';
import type { Order, Renegotiated } from './renegotiator.ts';
import { onlyTheVictim } from './victim.ts';

/** Two requests on one connection, and between them a renegotiation with another certificate; or one, after it. Of all of them in one process. */
async function renegotiated(orders: readonly Order[]): Promise<Renegotiated[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'renegotiator.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(JSON.stringify(orders));
  let seen = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (seen += text));
  await once(child, 'close');
  return JSON.parse(seen) as Renegotiated[];
}

async function callTwice(port: number, first: Presented, second: Presented): Promise<Renegotiated> {
  const [one] = await renegotiated([{ port, first, second }]);
  if (one === undefined) throw new Error('nothing was said of it');
  return one;
}

test('a bare server takes the other certificate over without an event', async (t) => {
  const authority = new TestAuthority();
  const server = createHttpsServer(
    {
      ...presented(authority.issue('orders')),
      ca: pemOf([authority.root.raw]),
      requestCert: true,
      rejectUnauthorized: true,
      ...exactly('TLSv1.2'),
    },
    ({ socket }, response) => {
      response.end(
        socket instanceof TLSSocket ? (socket.getPeerX509Certificate()?.subjectAltName ?? 'nobody') : 'no TLS',
      );
    },
  );
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { answers, error } = await callTwice(
    port,
    presented(authority.issue('mallory')),
    presented(authority.issue('web')),
  );
  assert.equal(error, '');
  assert.match(answers[0] ?? '', /mallory/);
  assert.match(answers[1] ?? '', /\/web/, 'the hole is there');
});

/** What is sent once the renegotiation was tried, and under which ALPN; a server that is bare takes either for a question. */
function hurriedIn(protocol: Protocol): NonNullable<Order['hurried']> {
  const request = protocol === 'h2' ? requestInOctets('b.test') : 'GET /v1/whoami HTTP/1.1\r\nHost: b.test\r\n\r\n';
  return { request: Buffer.from(request).toString('base64'), ...(protocol !== 'bytes' && { protocol }) };
}

test('so does one of bytes that is asked afterwards, whatever the protocol and the server name', async (t) => {
  const authority = new TestAuthority();
  const own = { ...presented(authority.issue('orders')), ca: pemOf([authority.root.raw]), ...exactly('TLSv1.2') };
  const server = createTlsServer({ ...own, requestCert: true, rejectUnauthorized: true }, (socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(`${socket.getPeerX509Certificate()?.subjectAltName ?? 'nobody'}"`));
  });
  t.after(() => server.close());
  server.addContext('b.test', own);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const [first, second] = [presented(authority.issue('mallory')), presented(authority.issue('web'))];
  const orders = (['http/1.1', 'h2', 'bytes'] as const).flatMap((protocol) => [
    { port, first, second, hurried: hurriedIn(protocol) },
    { port, first, second, hurried: hurriedIn(protocol), servername: 'b.test' },
  ]);
  for (const { answers, error } of await renegotiated(orders)) {
    assert.equal(error, '');
    assert.match(answers[0] ?? '', /\/web/, 'the hole is there');
  }
});

test('every server refuses it, in each protocol, under its own context and that of a server name', async (t) => {
  const authority = new TestAuthority();
  const byServerName = { 'b.test': fixedSource(authority.issue('b')) };
  const credentials = { otherwise: fixedSource(authority.issue('orders')), byServerName };
  const first = presented(authority.issue('mallory'));
  const seconds = [presented(authority.issue('web')), presented(authority.issue('mallory'))];
  const tried: { readonly told: string; readonly order: Order }[] = [];
  for (const server of servers) {
    const { port } = await server.start(t, { authority, policy: allowAnyPeer(), version: 'TLSv1.2', credentials });
    for (const servername of [undefined, 'b.test']) {
      const to = { port, first, ...(servername !== undefined && { servername }) };
      for (const protocol of server.protocols) {
        // A server of HTTP/2 begins with its settings (RFC 9113, 3.4).
        const hurried = { ...hurriedIn(protocol), serverSpeaksFirst: protocol === 'h2' };
        const told = `${server.name}, ${protocol}, ${servername ?? 'no server name'}`;
        for (const second of seconds) {
          tried.push({ told, order: { ...to, second, hurried } });
          if (protocol === 'http/1.1') tried.push({ told: `${told}, asked before`, order: { ...to, second } });
        }
      }
    }
  }
  for (const [at, { answers, error }] of (await renegotiated(tried.map(({ order }) => order))).entries()) {
    const { told = '', order } = tried[at] ?? {};
    assert.match(error, /no renegotiation/, told);
    if (order?.hurried === undefined) assert.match(answers[0] ?? '', /spiffe:\/\/test\.internal\/mallory/, told);
    assert.doesNotMatch(answers.at(-1) ?? '', /\/web/, told);
  }
});

test('nothing renegotiates on TLS 1.3: a server and the attacker agree on no such message', async (t) => {
  const authority = new TestAuthority();
  for (const server of servers) {
    const { port } = await server.start(t, { authority, policy: allowAnyPeer(), version: 'TLSv1.3' });
    const attacker = presented(authority.issue('mallory'));
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...attacker });
    await once(socket, 'secureConnect');
    const outcome = new Promise<Error | null>((resolve) => socket.renegotiate({ rejectUnauthorized: false }, resolve));
    socket.on('error', () => undefined);
    assert.notEqual(await outcome, null, server.name);
    socket.destroy();
  }
});

/** A server that asks its one client to renegotiate, and says nothing else; resolves with what came of that, `null` where it came about. */
async function renegotiatingServer(
  t: TestContext,
  authority: TestAuthority,
  protocol: Protocol,
): Promise<{ readonly port: number; readonly outcome: Promise<unknown> }> {
  const server = createTlsServer({
    ...presented(authority.issue('web')),
    ...exactly('TLSv1.2'),
    ...(protocol !== 'bytes' && { ALPNProtocols: [protocol] }),
    requestCert: true,
    rejectUnauthorized: false,
  });
  const connections = new Set<Socket>();
  server.on('connection', (socket: Socket) => connections.add(socket));
  // Not in the turn of the news: Node 26.10 crashes where it loses a connection that it renegotiates.
  const end = (): NodeJS.Immediate =>
    setImmediate(() => {
      for (const socket of connections) socket.destroy();
    });
  t.after(() => {
    server.close();
    end();
  });
  const outcome = new Promise<unknown>((resolve) => {
    server.once('secureConnection', (socket) => {
      socket.on('error', resolve).once('close', () => resolve(new Error('closed')));
      socket.resume();
      socket.renegotiate({ requestCert: true, rejectUnauthorized: false }, resolve);
    });
  }).finally(() => {
    server.close();
    end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, outcome };
}

test('a client of node:tls alone goes along where its server asks it to renegotiate', async (t) => {
  const authority = new TestAuthority();
  const { port, outcome } = await renegotiatingServer(t, authority, 'bytes');
  const own = { ...exactly('TLSv1.2'), ...presented(authority.issue('caller')) };
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...own });
  socket.on('error', () => undefined);
  assert.equal(await outcome, null, 'the attack works where nothing stops it');
  socket.destroy();
});

test('no client does', async (t) => {
  const authority = new TestAuthority();
  const wanted = { policy: onlyTheVictim(authority), options: clientOptions(authority, 'TLSv1.2') };
  const tried = clients.flatMap((client) =>
    client.protocols.map(async (protocol) => {
      const { port, outcome } = await renegotiatingServer(t, authority, protocol);
      const called = client.call({ port }, wanted);
      assert.notEqual(await outcome, null, client.name);
      await called;
    }),
  );
  await allOf(tried);
});
