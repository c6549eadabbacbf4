/** Handshakes that have to wait for their turn: all come about, and who goes meanwhile is told as he would be without waiting. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { systemClock } from '../../../ground/clock/index.ts';
import { spiffeId } from '../../../identity/authorization/index.ts';
import { withoutRevocation } from '../../../identity/revocation/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import { contextOptions } from '../context/context-options.ts';
import { fixedSource } from '../trust/source.ts';
import { Trust } from '../trust/trust.ts';
import { createHttp2Server } from './create-http2-server.ts';

const authority = new TestAuthority();
const bundles = authority.bundles();
const at = 30;

interface Scene {
  readonly port: number;
  readonly told: string[];
  /** As many as there are were told. */
  readonly all: Promise<void>;
}

/** @param ready resolves when a connection that was accepted may be given to the server, which gets all of them in one turn */
async function start(t: TestContext, ready: (socket: Socket) => Promise<unknown>): Promise<Scene> {
  const told: string[] = [];
  let onAll = (): void => undefined;
  const all = new Promise<void>((resolve) => (onAll = resolve));
  const server = createHttp2Server(
    spiffeId('spiffe://test.internal/web'),
    {
      trust: new Trust({
        bundles: fixedSource(bundles),
        revocations: fixedSource(withoutRevocation),
        clock: systemClock,
      }),
      credentials: fixedSource(authority.issue('orders')),
      clock: systemClock,
      onRefusal: ({ code }) => {
        told.push(code);
        if (told.length === at) onAll();
      },
    },
    (_request, response) => void response.end('ok'),
  );
  const waiting: Promise<Socket>[] = [];
  const door = createServer((socket) => {
    waiting.push(ready(socket).then(() => socket));
    if (waiting.length === at) void Promise.all(waiting).then((sockets) => sockets.forEach((one) => server.take(one)));
  }).listen(0, '127.0.0.1');
  await once(door, 'listening');
  t.after(async () => {
    door.close();
    await server.close({ graceMs: 0 });
  });
  return { port: (door.address() as AddressInfo).port, told, all };
}

/** As who looks at the first octets leaves it. */
async function looked(socket: Socket): Promise<void> {
  await once(socket, 'readable');
  socket.unshift(socket.read() as Buffer);
}

/** The beginning of a ClientHello. */
const half = Buffer.from('16030102000100', 'hex');

test('many who come at once are all let in', async (t) => {
  const { port, told } = await start(t, looked);
  const input = { credential: authority.issue('web'), bundles, minVersion: 'TLSv1.3' } as const;
  const client = { ...contextOptions(input), checkServerIdentity: () => undefined };
  const answers = await Promise.all(
    Array.from({ length: at }, async () => {
      const socket = connectTls({ ...client, host: '127.0.0.1', port });
      socket.write('GET / HTTP/1.1\r\nhost: orders\r\nconnection: close\r\n\r\n');
      let text = '';
      for await (const part of socket) text += String(part);
      return text.slice(0, 12);
    }),
  );
  assert.deepEqual([new Set(answers), told], [new Set(['HTTP/1.1 200']), []]);
});

test('who ended in the middle of a hello before his turn is told as cut off, not as late', async (t) => {
  const { port, told, all } = await start(t, looked);
  for (const socket of await connected(port)) socket.resume().end(half);
  await all;
  assert.deepEqual(new Set(told), new Set(['CS-TLS-017']));
});

test('who resets it while he waits for his turn ends no process, and is told', async (t) => {
  const taken: Socket[] = [];
  const { port, told, all } = await start(t, async (socket) => {
    await looked(socket);
    taken.push(socket);
  });
  for (const socket of await connected(port)) socket.resume().write(half);
  while (taken.length < at) await new Promise((resolve) => setImmediate(resolve));
  // As the kernel would say it, before the turn of any but the first few.
  for (const socket of taken) setImmediate(() => socket.destroy(new Error('ECONNRESET')));
  await all;
  assert.deepEqual(new Set(told), new Set(['CS-TLS-017']));
});
