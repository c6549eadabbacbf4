/** Servers that somebody else made, without a word of mutual TLS, behind the second stage. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2, createSecureServer } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import {
  connect as connectTls,
  type ConnectionOptions,
  createServer as createTlsServer,
  type Server,
  type TLSSocket,
} from 'node:tls';
import { systemClock } from '../../../ground/clock/index.ts';
import { isRefusal, type Refusal } from '../../../ground/errors/index.ts';
import { spiffeId } from '../../../identity/authorization/index.ts';
import { withoutRevocation } from '../../../identity/revocation/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import { contextOptions } from '../context/context-options.ts';
import { armServer, type Credential, fixedSource, MutableSource, peerOf, type ServerOptions, Trust } from '../index.ts';

const authority = new TestAuthority();
const stranger = new TestAuthority();
const clock = systemClock;
const web = authority.issue('web');
const forWeb = spiffeId('spiffe://test.internal/web');

function optionsFor(refusals: Refusal[] = []): ServerOptions & { credentials: MutableSource<Credential> } {
  const bundles = fixedSource(authority.bundles());
  return {
    trust: new Trust({ bundles, revocations: fixedSource(withoutRevocation), clock }),
    credentials: new MutableSource(authority.issue('orders')),
    clock,
    onRefusal: (refusal) => refusals.push(refusal),
  };
}

async function portOf(t: TestContext, server: Server): Promise<number> {
  t.after(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function contextOf(credential: Credential, more: ConnectionOptions = {}): ConnectionOptions {
  const input = { credential, bundles: authority.bundles(), minVersion: 'TLSv1.2' } as const;
  return { ...contextOptions(input), checkServerIdentity: () => undefined, host: '127.0.0.1', ...more };
}

async function read(socket: TLSSocket, text: string): Promise<string> {
  let seen = '';
  socket.on('error', (error) => (seen += String(error)));
  socket.on('data', (bytes: Buffer) => (seen += bytes.toString()));
  socket.write(text);
  await once(socket, 'close');
  return seen;
}

const get = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';

test('a server of node:https admits by policy, answers the others, and its listeners hear of nobody else', async (t) => {
  const refusals: Refusal[] = [];
  const options = optionsFor(refusals);
  const server = createHttpsServer((asked, response) => response.end(peerOf(asked).name));
  const armed = armServer(forWeb, server, options);
  const heard: string[] = [];
  server.on('secureConnection', (socket: TLSSocket) => heard.push(peerOf(socket).name));
  const port = await portOf(t, server);
  assert.match(await read(connectTls(contextOf(web, { port })), get), /200 OK[^]*spiffe:\/\/test.internal\/web$/);
  assert.match(
    await read(connectTls(contextOf(authority.issue('cron'), { port })), get),
    /^HTTP\/1.1 403 [^]*CS-PEER-007/,
  );
  assert.doesNotMatch(await read(connectTls(contextOf(stranger.issue('web'), { port })), get), /200/);
  assert.deepEqual(heard, ['spiffe://test.internal/web']);
  assert.deepEqual(
    refusals.map(({ code }) => code),
    ['CS-PEER-007', 'CS-PEER-002'],
  );
  assert.equal(armed.connections, 0);

  options.credentials.set(authority.issue('orders', { commonName: 'the next' }));
  const socket = connectTls(contextOf(web, { port }));
  await once(socket, 'secureConnect');
  assert.equal(socket.getPeerCertificate().subject.CN, 'the next');
  socket.destroy();
});

test('servers of node:http2 and node:tls, too', async (t) => {
  const http2 = createSecureServer({ allowHTTP1: true });
  http2.on('stream', (stream) => stream.end(peerOf(stream).name));
  armServer(forWeb, http2, optionsFor());
  const port = await portOf(t, http2);
  const session = connectHttp2(`https://127.0.0.1:${port}`, { ...contextOf(web), ALPNProtocols: ['h2'] });
  let body = '';
  for await (const bytes of session.request()) body += String(bytes);
  session.destroy();
  assert.equal(body, 'spiffe://test.internal/web');

  const heard: string[] = [];
  const bytes = createTlsServer((socket) => {
    heard.push(peerOf(socket).name);
    socket.end('welcome');
  });
  armServer(forWeb, bytes, optionsFor());
  const at = await portOf(t, bytes);
  assert.equal(await read(connectTls(contextOf(web, { port: at })), 'x'), 'welcome');
  assert.equal(await read(connectTls(contextOf(authority.issue('cron'), { port: at })), 'x'), '');
  assert.deepEqual(heard, ['spiffe://test.internal/web']);
});

test('contexts by name, tickets and pre-shared keys that it was made with are gone', async (t) => {
  const refusals: Refusal[] = [];
  const server = createTlsServer(
    {
      ticketKeys: Buffer.alloc(48, 1),
      SNICallback: (_name, done) => {
        done(new Error('asked for a context'));
      },
      pskCallback: () => assert.fail('asked for a pre-shared key'),
    },
    (socket) => socket.end('welcome'),
  );
  server.addContext('orders.test', {});
  armServer(forWeb, server, { ...optionsFor(refusals), minVersion: 'TLSv1.2' });
  server.addContext('shop.test', {});
  const port = await portOf(t, server);
  for (const maxVersion of ['TLSv1.3', 'TLSv1.2'] as const) {
    const sessions: Buffer[] = [];
    const visit = async (more: ConnectionOptions): Promise<boolean> => {
      const socket = connectTls(contextOf(web, { port, maxVersion, ...more }));
      socket.on('session', (session: Buffer) => sessions.push(session));
      let reused = true;
      socket.on('secureConnect', () => (reused = socket.isSessionReused()));
      assert.equal(await read(socket, 'x'), 'welcome');
      return reused;
    };
    for (const servername of ['orders.test', 'shop.test', 'other.test'])
      assert.equal(await visit({ servername }), false);
    for (const session of [...sessions]) assert.equal(await visit({ session }), false, maxVersion);
  }
  assert.deepEqual(refusals, []);
});

test('what listens, is armed already, chooses its protocol itself or is no server of TLS is not armed', async (t) => {
  const code = (act: () => unknown): string => {
    try {
      act();
      return 'armed';
    } catch (error) {
      return isRefusal(error) ? error.code : String(error);
    }
  };
  const listening = createHttpsServer();
  await portOf(t, listening);
  assert.equal(
    code(() => armServer(forWeb, listening, optionsFor())),
    'CS-TLS-014',
  );
  const twice = createHttpsServer();
  armServer(forWeb, twice, optionsFor());
  assert.equal(
    code(() => armServer(forWeb, twice, optionsFor())),
    'CS-TLS-014',
  );
  const choosing = createTlsServer({ ALPNCallback: () => undefined });
  assert.equal(
    code(() => armServer(forWeb, choosing, optionsFor())),
    'CS-TLS-014',
  );
  const unknown = createHttpsServer();
  Reflect.deleteProperty(unknown, 'requestCert');
  assert.equal(
    code(() => armServer(forWeb, unknown, optionsFor())),
    'CS-TLS-014',
  );
  assert.throws(() => armServer(forWeb, JSON.parse('{}') as Server, optionsFor()), TypeError);
  assert.throws(() => {
    twice.setSecureContext({});
    Object.assign(twice, { requestCert: false });
  }, TypeError);
});
