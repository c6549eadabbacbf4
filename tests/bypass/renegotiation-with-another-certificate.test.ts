/**
 * Class Q. On TLS 1.2 a peer renegotiates in mid-connection and presents another certificate that is trusted, too: who was let in as one is then another.
 * On a bare server of node:tls no event fires and `getPeerX509Certificate()` answers the other one from then on. TLS 1.3 has no renegotiation.
 * Stands for: what was tried on Node 26.10 (issue Q of the project's list); CVE-2009-3555 is its ancestor.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { connect, TLSSocket } from 'node:tls';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { allowAnyPeer } from '../../packages/countersign/src/identity/authorization/index.ts';
import { connect as connectMutually } from '../../packages/countersign/src/runtime/tls/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { attackingServer, clientOptions } from './clients.ts';
import { exactly, pemOf, presented, type Presented } from './presented.ts';
import { servers } from './endpoints.ts';

interface Renegotiated {
  /** Under which name each of two requests on one connection was answered; fewer where the connection ended. */
  readonly answers: readonly string[];
  /** Why the renegotiation failed; empty where it came about. */
  readonly error: string;
}

/** Two requests on one connection, and between them a renegotiation with another certificate. */
async function callTwice(port: number, first: Presented, second: Presented): Promise<Renegotiated> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'renegotiator.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(JSON.stringify({ port, first, second }));
  let seen = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (seen += text));
  await once(child, 'close');
  return JSON.parse(seen) as Renegotiated;
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

test('every server refuses it, and goes on to know the peer as whom it was let in', async (t) => {
  const authority = new TestAuthority();
  // The attacker asks twice on one connection, in HTTP/1.1.
  for (const server of servers.filter(({ protocols }) => protocols.includes('http/1.1'))) {
    const { port } = await server.start(t, { authority, policy: allowAnyPeer(), version: 'TLSv1.2' });
    for (const second of ['web', 'mallory']) {
      const { answers, error } = await callTwice(
        port,
        presented(authority.issue('mallory')),
        presented(authority.issue(second)),
      );
      assert.match(answers[0] ?? '', /spiffe:\/\/test\.internal\/mallory/, server.name);
      assert.match(error, /no renegotiation/, server.name);
      assert.doesNotMatch(answers[1] ?? '', /\/web/, server.name);
    }
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

test('a library client does not renegotiate with a server that asks for it', async (t) => {
  const authority = new TestAuthority();
  const { port, server } = await attackingServer(t, presented(authority.issue('web')), 'TLSv1.2');
  const asked = renegotiationBy(server);
  const { socket, peer } = await connectMutually(allowAnyPeer(), {
    ...clientOptions(authority, 'TLSv1.2'),
    host: '127.0.0.1',
    port,
  });
  socket.on('error', () => undefined);
  const ended = once(socket, 'close');
  assert.notEqual(await asked, null, 'the renegotiation does not come about');
  assert.equal(peer.spiffeId, 'spiffe://test.internal/web');
  socket.destroy();
  await ended;
});

/** The server asks its next client to renegotiate; resolves with what came of it. */
function renegotiationBy(server: Awaited<ReturnType<typeof attackingServer>>['server']): Promise<unknown> {
  return new Promise((resolve) => {
    server.once('secureConnection', (socket: TLSSocket) => {
      socket.once('close', () => resolve(new Error('closed')));
      socket.once('error', resolve);
      socket.renegotiate({ requestCert: true, rejectUnauthorized: false }, resolve);
      setTimeout(() => resolve(new Error('nothing came of it')), 300).unref();
    });
  });
}

test('the renegotiation that a client of node:tls alone goes along with', async (t: TestContext) => {
  const authority = new TestAuthority();
  const { port, server } = await attackingServer(t, presented(authority.issue('web')), 'TLSv1.2');
  const asked = renegotiationBy(server);
  const socket = connect({
    host: '127.0.0.1',
    port,
    rejectUnauthorized: false,
    ...exactly('TLSv1.2'),
    ...presented(authority.issue('caller')),
  });
  socket.on('error', () => undefined);
  assert.equal(await asked, null, 'the attack works where nothing stops it');
  socket.destroy();
});
