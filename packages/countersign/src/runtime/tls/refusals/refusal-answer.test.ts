/** A client that the second stage refuses can read why, whatever it was sending; and listeners that throw change nothing. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { connect as tlsConnect } from 'node:tls';
import { Agent, request } from 'undici';
import { systemClock } from '../../../ground/clock/index.ts';
import { encodePem } from '../../../ground/encoding/index.ts';
import { spiffeId } from '../../../identity/authorization/index.ts';
import { RevocationState, type RevocationView, withoutRevocation } from '../../../identity/revocation/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import {
  connect,
  createServer,
  fixedSource,
  MutableSource,
  Trust,
  type Credential,
  type ServerOptions,
} from '../index.ts';

const authority = new TestAuthority();
const clock = systemClock;
const pem = ({ chain, privateKey }: Credential): { cert: string; key: string } => ({
  cert: chain.map((der) => encodePem('CERTIFICATE', der)).join(''),
  key: privateKey.toPem(),
});

async function serve(t: TestContext, more: Partial<ServerOptions> = {}): Promise<number> {
  const trust = new Trust({
    bundles: fixedSource(authority.bundles()),
    revocations: fixedSource(withoutRevocation),
    clock,
  });
  const options = { trust, credentials: fixedSource(authority.issue('orders')), clock, ...more };
  const server = createServer(spiffeId('spiffe://test.internal/web'), options, (_request, response) =>
    response.end('ok'),
  );
  t.after(() => server.close({ graceMs: 0 }));
  return (await server.listen({ host: '127.0.0.1', port: 0 })).port;
}

test('undici reads the refusal 20 times of 20, posts of 2 MB included', async (t) => {
  const port = await serve(t);
  const stranger = pem(authority.issue('cron'));
  const body = Buffer.alloc(2_000_000, 'x');
  for (let attempt = 0; attempt < 20; attempt++) {
    const dispatcher = new Agent({
      connect: { ...stranger, ca: encodePem('CERTIFICATE', authority.root.raw), checkServerIdentity: () => undefined },
    });
    const post = attempt % 2 === 0 ? { method: 'POST' as const, body } : {};
    const answer = await request(`https://127.0.0.1:${port}/`, { dispatcher, ...post });
    assert.equal(answer.statusCode, 403);
    assert.deepEqual(await answer.body.json(), {
      type: 'urn:countersign:refusal:CS-PEER-007',
      title: 'peer not allowed',
      status: 403,
      code: 'CS-PEER-007',
    });
    await dispatcher.destroy();
  }
});

test('a client that waits to be spoken to gets the refusal, too', async (t) => {
  const port = await serve(t);
  const socket = tlsConnect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...pem(authority.issue('cron')) });
  t.after(() => socket.destroy());
  const [answer] = (await once(socket, 'data')) as [Buffer];
  assert.match(answer.toString(), /^HTTP\/1\.1 403 /);
});

test('listeners that throw let nobody in, keep nothing open and end nothing', async (t) => {
  const warnings: string[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning.message);
  process.on('warning', onWarning);
  t.after(() => process.off('warning', onWarning));
  const fail = (): void => {
    throw new Error('a listener of the application');
  };
  const revocations = new MutableSource<RevocationView>(withoutRevocation);
  const trust = new Trust({ bundles: fixedSource(authority.bundles()), revocations, clock });
  const port = await serve(t, { trust, onRefusal: fail, onClosed: fail });
  const refused = tlsConnect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...pem(authority.issue('cron')) });
  const [answer] = (await once(refused, 'data')) as [Buffer];
  assert.match(answer.toString(), /^HTTP\/1\.1 403 /);
  refused.destroy();

  const web = authority.issue('web');
  const own = new Trust({
    bundles: fixedSource(authority.bundles()),
    revocations: fixedSource(withoutRevocation),
    clock,
  });
  const opened = await Promise.all(
    [1, 2, 3].map(() =>
      connect(spiffeId('spiffe://test.internal/orders'), {
        trust: own,
        credentials: fixedSource(web),
        clock,
        host: '127.0.0.1',
        port,
      }),
    ),
  );
  for (const { socket } of opened) socket.on('error', () => undefined);
  const closed = Promise.all(opened.map(({ socket }) => once(socket, 'close')));
  while (trust.connections.size < 3) await new Promise((resolve) => setImmediate(resolve));
  revocations.set(RevocationState.unknown);
  assert.equal(trust.connections.size, 0, 'all are closed though the first listener threw');
  await closed;
  assert.ok(warnings.some((warning) => warning.includes('a listener of the application')));
});
