/** The gate before what is handed on. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { PassThrough, type Writable } from 'node:stream';
import { test } from 'node:test';
import { systemClock } from '../../../ground/clock/index.ts';
import { allowAnyPeer } from '../../../identity/authorization/index.ts';
import { type RevocationView, RevocationState, withoutRevocation } from '../../../identity/revocation/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import { contextOptions } from '../context/context-options.ts';
import { createHttp2Server, fixedSource, MutableSource, Trust } from '../index.ts';
import { gateReadable } from './gate.ts';

const authority = new TestAuthority();
const web = authority.issue('web');

test('from the moment the gate is shut nothing is handed on, the end neither', async () => {
  let open = true;
  const stream = new PassThrough();
  gateReadable(stream, { passes: () => open });
  const got: string[] = [];
  stream.on('data', (bytes: Buffer) => got.push(bytes.toString()));
  stream.on('end', () => got.push('the end'));
  stream.write('before');
  await new Promise((resolve) => setImmediate(resolve));
  open = false;
  stream.end('after');
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(got, ['before']);
});

for (const how of ['goes away', 'is revoked'] as const) {
  test(`a caller of HTTP/2 who ${how} before its body is read ends its request, and nothing else`, async (t) => {
    const revocations = new MutableSource<RevocationView>(withoutRevocation);
    const trust = new Trust({ bundles: fixedSource(authority.bundles()), revocations, clock: systemClock });
    let cut = 0;
    const server = createHttp2Server(
      allowAnyPeer(),
      {
        trust,
        credentials: fixedSource(authority.issue('orders')),
        clock: systemClock,
        onClosed: () => undefined,
      },
      (asked, response) => {
        asked.on('end', () => assert.fail('it looks whole'));
        response.once('close', () => (cut += 1));
        // Of either version, as a stream takes it.
        (response as Writable).write('begun');
      },
    );
    t.after(() => server.close({ graceMs: 0 }));
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    const input = { credential: web, bundles: authority.bundles(), minVersion: 'TLSv1.3' } as const;
    const session = connect(`https://127.0.0.1:${port}`, {
      ...contextOptions(input),
      ALPNProtocols: ['h2'],
      checkServerIdentity: () => undefined,
    });
    t.after(() => session.destroy());
    session.on('error', () => undefined);
    const stream = session.request({ ':method': 'POST' });
    stream.on('error', () => undefined).write('more will come');
    await once(stream, 'data');
    if (how === 'goes away') session.destroy();
    else revocations.set(RevocationState.unknown);
    while (cut === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    // What Node throws of it comes a moment later, and fails the test.
    await new Promise((resolve) => setTimeout(resolve, 50));
  });
}
