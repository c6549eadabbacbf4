/** What a server offers in a handshake is not kept beyond it, and is offered to the next connection all the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { systemClock } from '../../../ground/clock/index.ts';
import { spiffeId } from '../../../identity/authorization/index.ts';
import { withoutRevocation } from '../../../identity/revocation/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import { contextOptions } from '../context/context-options.ts';
import { createTlsServer, fixedSource, Trust } from '../index.ts';

const authority = new TestAuthority();

test('a connection holds no copy of the protocols, and each finds them offered', async (t) => {
  const trust = new Trust({
    bundles: fixedSource(authority.bundles()),
    revocations: fixedSource(withoutRevocation),
    clock: systemClock,
  });
  const kept: unknown[] = [];
  const server = createTlsServer(
    spiffeId('spiffe://test.internal/web'),
    {
      trust,
      credentials: fixedSource(authority.issue('orders')),
      clock: systemClock,
      protocols: ['bytes/1'],
      onRefusal: () => undefined,
    },
    ({ socket }) => {
      kept.push((socket as TLSSocket & { _tlsOptions: { ALPNProtocols?: Uint8Array } })._tlsOptions.ALPNProtocols);
      socket.end();
    },
  );
  t.after(() => server.close({ graceMs: 0 }));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const input = { credential: authority.issue('web'), bundles: authority.bundles(), minVersion: 'TLSv1.3' } as const;
  for (let times = 0; times < 2; times++) {
    const socket = connect({
      ...{ ...contextOptions(input), checkServerIdentity: () => undefined, host: '127.0.0.1', port },
      ALPNProtocols: ['bytes/1'],
    });
    for await (const _ of socket);
    assert.equal(socket.alpnProtocol, 'bytes/1');
  }
  assert.deepEqual(kept, [undefined, undefined]);
});
