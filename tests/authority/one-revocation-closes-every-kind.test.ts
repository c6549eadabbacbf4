/**
 * One revocation, and what lives with the revoked: a stream of HTTP/2, a WebSocket, a raw connection, an upload in flight and a pooled connection to
 * it, each closed before the revocation is answered.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import type { ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';

import { request } from 'undici';

import { systemClock as clock } from '../../packages/countersign/src/ground/clock/index.ts';
import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import { allowAnyPeer } from '../../packages/countersign/src/identity/authorization/index.ts';
import { RevocationState, type RevocationView } from '../../packages/countersign/src/identity/revocation/index.ts';
import {
  createDispatcher,
  createHttp2Server,
  createServer,
  createTlsServer,
  fixedSource,
  MutableSource,
  Trust,
} from '../../packages/countersign/src/runtime/tls/index.ts';
import {
  type HeldCredential,
  toBundles,
  toCredential,
} from '../../packages/countersign/src/traffic/enrollment/index.ts';
import { followFeed } from '../../packages/countersign/src/traffic/revocation-sources/index.ts';
import { presented, type ServerHouse, startHouse } from './server-house.ts';

const anyone = allowAnyPeer();
const loopback = { host: '127.0.0.1', port: 0 };

/** What `orders` has: its trust, which follows the feed, and its credential. */
async function sideOf(t: TestContext, house: ServerHouse, held: HeldCredential) {
  const bundles = new MutableSource(toBundles(held));
  const revocations = new MutableSource<RevocationView>(RevocationState.unknown);
  const trust = new Trust({ bundles, revocations, clock });
  const side = { trust, credentials: fixedSource(toCredential(held)), clock };
  const { url, rootSha256 } = house.server;
  const follower = followFeed({ url, rootSha256, ...side, bundles, revocations, endpoint: 'orders'.padEnd(16, '0') });
  t.after(async () => {
    await follower.close();
    trust.close();
  });
  await follower.ready;
  return side;
}

function tlsOf(held: HeldCredential, more: object = {}) {
  const { chain, key } = presented(held);
  const ca = encodePem('CERTIFICATE', held.roots[0]!.raw);
  return { ca, cert: chain, key: key.toPem(), checkServerIdentity: () => undefined, ...more };
}

const ended = async (connection: { once(event: 'close', listener: () => void): unknown }): Promise<void> =>
  new Promise((resolve) => connection.once('close', resolve));

test('a stream of HTTP/2, a WebSocket, a raw connection, an upload in flight and a pooled connection are closed by one revocation', async (t) => {
  const house = await startHouse(t);
  const [orders, web] = [await house.service('orders'), await house.service('web')];
  const side = await sideOf(t, house, orders);
  let uploaded = 0;
  const http = createHttp2Server(
    anyone,
    side,
    (asked, response) => {
      // Both kinds of answer write alike, and their types have no common signature.
      (response as ServerResponse).writeHead(200).write('first');
      asked.on('data', (bytes: Buffer) => (uploaded += bytes.length));
    },
    (_asked, socket) =>
      void socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nhello'),
  );
  const raw = createTlsServer(anyone, side, ({ socket }) => void socket.write('hello'));
  const { port } = await http.listen(loopback);
  const { port: rawPort } = await raw.listen(loopback);
  // What `web` serves, for the connection that `orders` keeps to it.
  const webTrust = new Trust({
    bundles: fixedSource(toBundles(web)),
    revocations: fixedSource({ number: 0, freshUntil: Number.POSITIVE_INFINITY, isRevoked: () => undefined }),
    clock,
  });
  const webSide = { trust: webTrust, credentials: fixedSource(toCredential(web)), clock };
  const webServer = createServer(anyone, webSide, (_, response) => void response.end('ok'));
  const { port: webPort } = await webServer.listen(loopback);
  const dispatcher = createDispatcher(anyone, side);
  t.after(async () => {
    await dispatcher.destroy();
    for (const server of [http, raw, webServer]) await server.close({ graceMs: 0 });
    webTrust.close();
  });

  const session = connectHttp2(`https://127.0.0.1:${port}`, tlsOf(web, { ALPNProtocols: ['h2'] }));
  session.on('error', () => undefined);
  const stream = session.request({ ':path': '/' });
  stream.on('error', () => undefined);
  await once(stream, 'data');

  const upgrading = httpsRequest({
    ...{ host: '127.0.0.1', port, agent: false, headers: { Connection: 'upgrade', Upgrade: 'websocket' } },
    ...tlsOf(web),
  });
  upgrading.end();
  const [, webSocket] = (await once(upgrading, 'upgrade')) as [unknown, Socket];
  webSocket.on('error', () => undefined).resume();

  const rawSocket = connectTls({ host: '127.0.0.1', port: rawPort, ...tlsOf(web) });
  rawSocket.on('error', () => undefined);
  await once(rawSocket, 'data');

  const upload = httpsRequest({ host: '127.0.0.1', port, agent: false, method: 'POST', ...tlsOf(web) });
  upload.on('error', () => undefined);
  upload.on('response', (response) => response.on('error', () => undefined).resume());
  const pushing = setInterval(() => upload.write(Buffer.alloc(16_384)), 2);
  t.after(() => clearInterval(pushing));
  while (uploaded < 65_536) await new Promise((resolve) => setTimeout(resolve, 5));

  const pooled = async () => request(`https://127.0.0.1:${webPort}/`, { dispatcher }).then(({ body }) => body.text());
  assert.equal(await pooled(), 'ok');
  assert.equal(webServer.connections, 1);

  const ends = Promise.all([stream, webSocket, rawSocket, upload].map(ended));
  const { enforced, of, closed } = await house.local.revoke({ identity: 'web' });
  // The stream's session, the WebSocket, the raw one, the upload, and the one to it.
  assert.deepEqual([enforced, of, closed], [1, 1, 5]);
  await ends;
  const then = uploaded;
  await assert.rejects(pooled(), /CS-PEER-008/);
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(uploaded, then, 'nothing of the upload was handed on since');
});
