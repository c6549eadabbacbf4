/**
 * One revocation ends a stream of HTTP/2, a WebSocket and a raw connection: `npm run -s example:revocation`.
 *
 * An authority, a service that follows its feed, and a client with a certificate of its own, all in this process and in a folder that is removed at the end.
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { request } from 'node:https';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { openLocalAuthority } from 'countersign/api';
import { allowAnyPeer } from 'countersign/authorization';
import { systemClock as clock } from 'countersign/clock';
import { generatePrivateKey } from 'countersign/cryptography';
import { encodePem } from 'countersign/encoding';
import { enroll, type HeldCredential, toBundles, toCredential } from 'countersign/enrollment';
import { RevocationState, type RevocationView } from 'countersign/revocation';
import { followFeed } from 'countersign/revocation-sources';
import { startAuthorityServer } from 'countersign/server';
import { openSqliteStore } from 'countersign/sqlite';
import { createHttp2Server, createTlsServer, fixedSource, MutableSource, Trust } from 'countersign/tls';

const loopback = { host: '127.0.0.1', port: 0 };
const dir = await mkdtemp(join(tmpdir(), 'countersign-example-'));

// The authority, which `countersign up` is otherwise.
const stores = await openSqliteStore({ file: join(dir, 'authority.db'), clock });
const authority = await startAuthorityServer({ clock, listen: loopback, log: () => undefined, dir, stores });
const administrator = openLocalAuthority(dir);
const certified = async (name: string): Promise<HeldCredential> => {
  const { token } = await administrator.createToken({ names: [name], lifeSeconds: 60 });
  return enroll({ token, privateKey: generatePrivateKey('P-256') });
};
const [orders, web] = [await certified('orders'), await certified('web')];

// What `orders` trusts, as the feed says it.
const bundles = new MutableSource(toBundles(orders));
const revocations = new MutableSource<RevocationView>(RevocationState.unknown);
const trust = new Trust({ bundles, revocations, clock });
const side = { trust, credentials: fixedSource(toCredential(orders)), clock, onClosed: () => undefined };
const { url, rootSha256 } = authority;
const feed = followFeed({ url, rootSha256, ...side, bundles, revocations, endpoint: 'orders-of-the-example' });
await feed.ready;

// What `orders` serves. Who may be the client is a policy of its own; here whoever has a certificate that holds.
const http = createHttp2Server(
  allowAnyPeer(),
  side,
  (_asked, answer) => {
    // Both kinds of answer write alike, and their types have no common signature.
    (answer as ServerResponse).write('the first part of an answer that does not end');
  },
  (_asked, socket) =>
    void socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n'),
);
const raw = createTlsServer(allowAnyPeer(), side, ({ socket }) => void socket.write('hello'));
const [{ port }, { port: rawPort }] = [await http.listen(loopback), await raw.listen(loopback)];

// `web` calls, by what Node has: nothing on this side helps the closing.
const own = {
  ca: orders.roots.map((root) => encodePem('CERTIFICATE', root.raw)).join(''),
  cert: [web.leaf, ...web.intermediates].map((one) => encodePem('CERTIFICATE', one.raw)).join(''),
  key: web.privateKey.toPem(),
  // The name of a service is no host name.
  checkServerIdentity: () => undefined,
};
const session = connectHttp2(`https://127.0.0.1:${String(port)}`, own).on('error', () => undefined);
const stream = session.request({ ':path': '/' }).on('error', () => undefined);
const upgrading = request({
  ...{ host: '127.0.0.1', port, agent: false, headers: { Connection: 'upgrade', Upgrade: 'websocket' } },
  ...own,
}).end();
const rawSocket = connectTls({ host: '127.0.0.1', port: rawPort, ...own }).on('error', () => undefined);
const [[, webSocket]] = await Promise.all([
  once(upgrading, 'upgrade') as Promise<[unknown, Socket]>,
  once(stream, 'data'),
  once(rawSocket, 'data'),
]);
webSocket.on('error', () => undefined).resume();

const began = clock.monotonic();
const closings = Object.entries({ 'stream of HTTP/2': stream, WebSocket: webSocket, 'raw connection': rawSocket }).map(
  async ([what, connection]) => {
    await new Promise((resolve) => connection.once('close', resolve));
    console.log(`${what}: closed after ${(clock.monotonic() - began).toFixed(1)} ms`);
  },
);
console.log('web is revoked, with three connections to orders open');
const { enforced, of, closed, ms } = await administrator.revoke({ name: 'web', reason: 'keyCompromise' });
await Promise.all(closings);
console.log(`enforced on ${String(enforced)} of ${String(of)} in ${String(ms)} ms, ${String(closed)} closed`);

await feed.close({ leaving: true });
await Promise.all([http.close({ graceMs: 0 }), raw.close({ graceMs: 0 })]);
trust.close();
await administrator.close();
await authority.close();
await stores.close();
await rm(dir, { recursive: true });
