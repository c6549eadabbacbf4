/** The second stage before servers of every module of Node: who is not admitted is not heard of. */
import assert from 'node:assert/strict';
import { connect as connectHttp2, createSecureServer } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { test, type TestContext } from 'node:test';
import {
  connect as connectTls,
  createServer as createTlsServer,
  type ConnectionOptions,
  type TLSSocket,
} from 'node:tls';
import { systemClock } from '../../../ground/clock/index.ts';
import type { Refusal } from '../../../ground/errors/index.ts';
import { spiffeId } from '../../../identity/authorization/index.ts';
import { withoutRevocation } from '../../../identity/revocation/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import { contextOptions } from '../context/context-options.ts';
import { fixedSource } from '../trust/source.ts';
import { Trust } from '../trust/trust.ts';
import { interpose, takeHandOn } from './interpose.ts';
import { optionalPeerOf, peerOf, rememberOutcome } from './request-peers.ts';
import type { ServerOptions } from './server-options.ts';
import { tlsServerOptions } from './tls-server-options.ts';

const authority = new TestAuthority();
const web = spiffeId('spiffe://test.internal/web');

function optionsFor(refusals: Refusal[] = []): ServerOptions {
  const bundles = fixedSource(authority.bundles());
  return {
    trust: new Trust({ bundles, revocations: fixedSource(withoutRevocation), clock: systemClock }),
    credentials: { otherwise: fixedSource(authority.issue('orders')), byServerName: {} },
    clock: systemClock,
    onRefusal: (refusal) => refusals.push(refusal),
  };
}

function contextOf(name: string): ConnectionOptions {
  const input = { credential: authority.issue(name), bundles: authority.bundles(), minVersion: 'TLSv1.3' } as const;
  return { ...contextOptions(input), checkServerIdentity: () => undefined };
}

async function portOf(t: TestContext, server: Server): Promise<number> {
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

test('a server of bytes gets admitted sockets alone, and knows whose they are', async (t) => {
  const refusals: Refusal[] = [];
  const options = optionsFor(refusals);
  const server = createTlsServer(tlsServerOptions(web, options, []));
  const heard: string[] = [];
  const { release } = interpose(web, server, options, (socket, { peer, live }) => {
    assert.equal(peerOf(socket), peer);
    assert.equal(live?.passes(), true);
    heard.push(peer?.name ?? 'nobody');
    socket.end(peer?.name ?? 'nobody');
  });
  t.after(release);
  const port = await portOf(t, server);
  const says = async (name: string): Promise<string> => {
    let text = '';
    const socket: TLSSocket = connectTls({ ...contextOf(name), host: '127.0.0.1', port });
    socket.on('secureConnect', () => socket.write('hello'));
    for await (const bytes of socket) text += String(bytes);
    return text;
  };
  assert.equal(await says('web'), 'spiffe://test.internal/web');
  assert.match(await says('cron'), /CS-PEER-007/);
  assert.deepEqual(heard, ['spiffe://test.internal/web']);
  assert.deepEqual(
    refusals.map(({ code }) => code),
    ['CS-PEER-007'],
  );
});

test('a server of HTTP/2 is interposed in the same way, and its requests and streams tell their peer', async (t) => {
  const options = optionsFor();
  const names: (string | undefined)[] = [];
  const server = createSecureServer(tlsServerOptions(web, options, ['h2']), (request, response) => {
    names.push(peerOf(request).spiffeId, peerOf(request.stream).spiffeId);
    response.end('ok');
  });
  let arriving: TLSSocket | undefined;
  server.on('session', (session) => {
    const outcome = arriving === undefined ? undefined : optionalPeerOf(arriving);
    if (outcome !== undefined) rememberOutcome(session, outcome);
  });
  const handOn = takeHandOn(server);
  t.after(
    interpose(web, server, options, (socket) => {
      arriving = socket;
      handOn(socket);
    }).release,
  );
  const port = await portOf(t, server);
  const session = connectHttp2(`https://127.0.0.1:${port}`, { ...contextOf('web'), ALPNProtocols: ['h2'] });
  const stream = session.request({ ':path': '/' });
  let body = '';
  for await (const bytes of stream) body += String(bytes);
  session.close();
  assert.equal(body, 'ok');
  assert.deepEqual(names, ['spiffe://test.internal/web', 'spiffe://test.internal/web']);
});

test('a server with another listener of its connections is refused', () => {
  const options = optionsFor();
  const server = createTlsServer(tlsServerOptions(web, options, []), () => undefined);
  assert.throws(() => interpose(web, server, options, () => undefined), TypeError);
});
