/** Handshakes that have to wait for their turn: all come about, and who goes meanwhile is told as he would be without waiting. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { systemClock } from '../../../ground/clock/index.ts';
import { spiffeId } from '../../../identity/authorization/index.ts';
import { withoutRevocation } from '../../../identity/revocation/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import { contextOptions } from '../context/context-options.ts';
import { fixedSource } from '../trust/source.ts';
import { Trust } from '../trust/trust.ts';
import { createTlsServer } from './create-tls-server.ts';

const authority = new TestAuthority();
const bundles = authority.bundles();
const at = 30;

async function start(t: TestContext): Promise<{ readonly port: number; readonly told: string[]; all: Promise<void> }> {
  const told: string[] = [];
  let onAll = (): void => undefined;
  const all = new Promise<void>((resolve) => (onAll = resolve));
  const server = createTlsServer(
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
    ({ socket }) => void socket.end('ok'),
  );
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => server.close({ graceMs: 0 }));
  return { port, told, all };
}

const connected = (port: number): Promise<Socket[]> =>
  Promise.all(
    Array.from({ length: at }, async () => {
      const socket = connectTcp({ host: '127.0.0.1', port }).on('error', () => undefined);
      await once(socket, 'connect');
      return socket;
    }),
  );

/** The beginning of a ClientHello. */
const half = Buffer.from('16030102000100', 'hex');

test('many who come at once are all let in', async (t) => {
  const { port, told } = await start(t);
  const input = { credential: authority.issue('web'), bundles, minVersion: 'TLSv1.3' } as const;
  const client = { ...contextOptions(input), checkServerIdentity: () => undefined };
  const answers = await Promise.all(
    Array.from({ length: at }, async () => {
      let text = '';
      for await (const part of connectTls({ ...client, host: '127.0.0.1', port })) text += String(part);
      return text;
    }),
  );
  assert.deepEqual([new Set(answers), told], [new Set(['ok']), []]);
});

test('who ends in the middle of a hello, or resets it, is told as cut off, not as late', async (t) => {
  for (const leave of ['end', 'resetAndDestroy'] as const) {
    const { port, told, all } = await start(t);
    const sockets = await connected(port);
    for (const socket of sockets) {
      const sent = new Promise<void>((resolve) => void socket.resume().write(half, () => resolve()));
      void sent.then(() => socket[leave]());
    }
    await all;
    assert.deepEqual(new Set(told), new Set(['CS-TLS-017']), leave);
  }
});
