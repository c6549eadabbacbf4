/**
 * Class B, as far as what becomes of a connection after a request: an upgrade of HTTP/1.1 (a WebSocket), or an extended CONNECT of HTTP/2 (RFC 8441), for
 * another host than the one of the handshake reaches no listener.
 * Stands for: Traefik CVE-2022-46153; Istio CVE-2021-39155; apisix#8967.
 */
import assert from 'node:assert/strict';
import { createServer as createPlainServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { allowAnyPeer } from '../../packages/countersign/src/identity/authorization/index.ts';
import {
  armServer,
  createHttp2Server,
  createServer,
  type MutualTlsServer,
  type ServerOptions,
} from '../../packages/countersign/src/runtime/tls/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { createFront } from '../../packages/countersign/src/traffic/sidecar/index.ts';
import { trustIn } from './endpoints.ts';
import { pemOf, presented, type TlsVersion } from './presented.ts';
import {
  bareServerByName,
  type Called,
  credentialsByHost,
  headOf,
  other,
  own,
  sessionTo,
  statusOfHead,
  statusOfStream,
} from './routed.ts';

const authority = new TestAuthority();
const client = presented(authority.issue('web'));
const anyone = allowAnyPeer();

const upgrading = ['Connection: upgrade', 'Upgrade: websocket'];

const upgrades: Readonly<Record<string, string>> = {
  'another host': headOf('/', [other], upgrading),
  'two hosts': headOf('/', [own, other], upgrading),
  'user information': headOf('/', [`${other}:443@${own}`], upgrading),
  'the absolute form': headOf(`https://${other}/`, [own], upgrading),
  'the absolute form of WebSockets': headOf(`wss://${other}/`, [own], upgrading),
  'a target that becomes a part of the host': headOf(`*@${other}/`, [own], upgrading),
};

const refuse: RequestListener = (_asked, response) => response.writeHead(500).end();

function onUpgrade(_asked: IncomingMessage, socket: Duplex): void {
  socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n');
}

function options(minVersion: TlsVersion): ServerOptions {
  const onRefusal = (): void => undefined;
  return {
    trust: trustIn(authority),
    credentials: credentialsByHost(authority),
    clock: systemClock,
    minVersion,
    onRefusal,
  };
}

async function listening(t: TestContext, server: Server | Http2SecureServer): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return (server.address() as AddressInfo).port;
}

async function ours(t: TestContext, server: MutualTlsServer): Promise<number> {
  t.after(() => server.close({ graceMs: 0 }));
  return (await server.listen({ host: '127.0.0.1', port: 0 })).port;
}

/** Whatever takes upgrades, by its port. */
const takers: Readonly<Record<string, (t: TestContext, options: ServerOptions) => Promise<number>>> = {
  createServer: (t, given) => ours(t, createServer(anyone, given, refuse, onUpgrade)),
  createHttp2Server: (t, given) =>
    ours(
      t,
      createHttp2Server(anyone, given, (_asked, response) => void response.end('no upgrade'), onUpgrade),
    ),
  armServer: (t, given) => {
    const server = createHttpsServer(refuse).on('upgrade', onUpgrade);
    armServer(anyone, server, given);
    return listening(t, server);
  },
  'armServer, HTTP/2': (t, given) => {
    const server = createSecureServer({ allowHTTP1: true }).on('upgrade', onUpgrade);
    armServer(anyone, server, given);
    return listening(t, server);
  },
  'the front': async (t, given) => {
    const port = await listening(t, createPlainServer(refuse).on('upgrade', onUpgrade));
    return ours(t, createFront(anyone, { ...given, own: () => 'x', upstream: () => ({ host: '127.0.0.1', port }) }));
  },
};

test('a bare server upgrades for another host than the one that it verified for', async (t) => {
  const admin = new TestAuthority({ trustDomain: 'admin.internal' });
  const port = await bareServerByName(t, { orders: authority, admin }, 'TLSv1.3');
  for (const [what, head] of Object.entries(upgrades))
    assert.equal(await statusOfHead({ port, version: 'TLSv1.3', client, servername: own }, head), 101, what);
});

test('no server upgrades for another host', async (t) => {
  for (const version of ['TLSv1.3', 'TLSv1.2'] as const)
    for (const [name, start] of Object.entries(takers)) {
      const called: Called = { port: await start(t, options(version)), version, client, servername: own };
      assert.equal(await statusOfHead(called, headOf('/', [own], upgrading)), 101, `${name}, ${version}`);
      for (const [what, head] of Object.entries(upgrades))
        assert.equal(await statusOfHead(called, head), 421, `${name}, ${version}: ${what}`);
    }
});

/** The statuses of an extended CONNECT for the own host and for another. */
async function websockets(t: TestContext, server: Http2SecureServer): Promise<readonly number[]> {
  server.on('stream', (stream) => {
    stream.respond({ ':status': 200 });
    stream.end();
  });
  const session = await sessionTo(t, { port: await listening(t, server), version: 'TLSv1.3', client, servername: own });
  const websocket = { ':method': 'CONNECT', ':protocol': 'websocket', ':scheme': 'https' };
  return [
    await statusOfStream(session, { ...websocket, ':authority': own }),
    await statusOfStream(session, { ...websocket, ':authority': other }),
  ];
}

test('a WebSocket of HTTP/2 is opened for another host by a bare server, and by an armed one for the own host alone', async (t) => {
  const settings = { settings: { enableConnectProtocol: true } };
  const identity = { ...presented(authority.issue('orders')), ca: pemOf([authority.root.raw]), requestCert: true };
  assert.deepEqual(
    await websockets(t, createSecureServer({ ...settings, ...identity })),
    [200, 200],
    'the hole is there',
  );
  const server = createSecureServer(settings);
  armServer(anyone, server, options('TLSv1.3'));
  assert.deepEqual(await websockets(t, server), [200, 421]);
});
