/** Where certificates are optional, a connection without one lives no longer than any other: given up ahead of the end of its life, and closed then. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2, constants } from 'node:http2';
import { test, type TestContext } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { type ManualClock, manualClock, systemClock } from '../../../ground/clock/index.ts';
import type { Refusal } from '../../../ground/errors/index.ts';
import { allowAnyPeer } from '../../../identity/authorization/index.ts';
import { withoutRevocation } from '../../../identity/revocation/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import { fixedSource } from '../trust/source.ts';
import { Trust } from '../trust/trust.ts';
import { createHttp2Server } from './create-http2-server.ts';

const authority = new TestAuthority();
const host = '127.0.0.1';
const longestLifeMs = 60_000;

interface Served {
  readonly port: number;
  readonly clock: ManualClock;
  readonly closed: readonly Refusal[];
  /** How many it has let in. */
  readonly admitted: () => number;
  readonly connections: () => number;
}

/** For both versions of HTTP, everybody let in. */
async function serve(t: TestContext): Promise<Served> {
  const clock = manualClock(systemClock.now());
  const closed: Refusal[] = [];
  let admitted = 0;
  const trust = new Trust({
    bundles: fixedSource(authority.bundles()),
    revocations: fixedSource(withoutRevocation),
    clock,
  });
  const server = createHttp2Server(
    allowAnyPeer(),
    {
      trust,
      clock,
      credentials: fixedSource(authority.issue('orders')),
      clientCertificate: 'optional',
      longestLifeMs,
      onAdmitted: () => admitted++,
      onClosed: (refusal) => closed.push(refusal),
    },
    (_asked, response) => response.end('ok'),
  );
  const { port } = await server.listen({ host, port: 0 });
  t.after(async () => {
    const ended = server.close({ graceMs: 0 });
    clock.advance(1);
    await ended;
  });
  return { port, clock, closed, admitted: () => admitted, connections: () => server.connections };
}

async function ask(socket: TLSSocket): Promise<string> {
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  let text = '';
  while (!text.endsWith('ok')) text += String(((await once(socket, 'data')) as [Buffer])[0]);
  return text;
}

test('over HTTP/1.1', async (t) => {
  const { port, clock, closed, admitted, connections } = await serve(t);
  const [busy, idle] = [
    connect({ host, port, rejectUnauthorized: false }),
    connect({ host, port, rejectUnauthorized: false }),
  ];
  // On TLS 1.3 a client's handshake is over before its server's is.
  while (admitted() < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.match(await ask(busy), /Connection: keep-alive/);
  const ended = once(idle.resume(), 'close');
  clock.advance(longestLifeMs * 0.75);
  assert.match(await ask(busy), /Connection: close/, 'ahead of the end it is given up');
  while (connections() > 1) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(closed, []);
  clock.advance(longestLifeMs * 0.25);
  await ended;
  assert.deepEqual(
    closed.map(({ code, evidence }) => [code, evidence]),
    [['CS-PEER-013', { peer: 'without a certificate', longestLifeMs }]],
  );
});

test('over HTTP/2', async (t) => {
  const { port, clock, closed } = await serve(t);
  const session = connectHttp2(`https://${host}:${port}`, { rejectUnauthorized: false });
  session.on('error', () => undefined);
  const goaway = once(session, 'goaway');
  const stream = session.request({ ':path': '/', ':method': 'POST' });
  stream.on('error', () => undefined).resume();
  await once(stream, 'response');
  const ended = once(session, 'close');
  clock.advance(longestLifeMs * 0.75);
  await goaway;
  clock.advance(longestLifeMs * 0.25);
  await ended;
  assert.equal(closed[0]?.code, 'CS-PEER-013', 'with a request under way');
});

test('a request of HTTP/2 that is on its way when the GOAWAY comes is told apart as one that was not looked at', async (t) => {
  const { port, clock } = await serve(t);
  const session = connectHttp2(`https://${host}:${port}`, { rejectUnauthorized: false });
  session.on('error', () => undefined);
  const first = session.request({ ':path': '/', ':method': 'POST' });
  first.on('error', () => undefined).resume();
  await once(first, 'response');
  const late = session.request({ ':path': '/' });
  const refused = once(late, 'error');
  // It is sent in this turn, and read in the next.
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(longestLifeMs * 0.75);
  await refused;
  assert.equal(late.rstCode, constants.NGHTTP2_REFUSED_STREAM);
  session.destroy();
});
