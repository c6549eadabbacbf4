/** Who reads at a fair pace stays, and so does who has nothing to read; what Node tells of its queues is there. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createSecureServer, connect as connectHttp2, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { connect, createServer as createNodeTlsServer, type TLSSocket } from 'node:tls';
import { type ManualClock, manualClock, systemClock } from '../../../ground/clock/index.ts';
import type { Refusal } from '../../../ground/errors/index.ts';
import { encodePem } from '../../../ground/encoding/index.ts';
import { allowAnyPeer } from '../../../identity/authorization/index.ts';
import { withoutRevocation } from '../../../identity/revocation/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import { contextOptions } from '../context/context-options.ts';
import { createTlsServer, fixedSource, type SlowReaderLimits, Trust } from '../index.ts';
import { underlying } from '../remote.ts';
import { outgoingOf, outgoingOfStream } from './outgoing.ts';

const authority = new TestAuthority();
const host = '127.0.0.1';
const piece = Buffer.alloc(64 * 1024);

/** As fast as it is taken. */
function pour(socket: TLSSocket): void {
  const pump = (): void => {
    while (socket.write(piece));
  };
  socket.on('error', () => undefined).on('drain', pump);
  pump();
}

interface Served {
  readonly port: number;
  readonly clock: ManualClock;
  readonly closed: readonly Refusal[];
  readonly connections: () => number;
}

/** Of bytes without an end, for whoever asks for them. */
async function serve(t: TestContext, slowReaders?: SlowReaderLimits): Promise<Served> {
  const clock = manualClock(systemClock.now());
  const closed: Refusal[] = [];
  const trust = new Trust({
    bundles: fixedSource(authority.bundles()),
    revocations: fixedSource(withoutRevocation),
    clock,
  });
  const server = createTlsServer(
    allowAnyPeer(),
    {
      trust,
      clock,
      credentials: fixedSource(authority.issue('orders')),
      onClosed: (refusal) => closed.push(refusal),
      ...(slowReaders && { slowReaders }),
    },
    ({ socket }) => socket.once('data', () => pour(socket)),
  );
  const { port } = await server.listen({ host, port: 0 });
  t.after(async () => {
    const ended = server.close({ graceMs: 0 });
    clock.advance(1);
    await ended;
  });
  return { port, clock, closed, connections: () => server.connections };
}

async function dial(t: TestContext, port: number): Promise<TLSSocket> {
  const input = { credential: authority.issue('web'), bundles: authority.bundles(), minVersion: 'TLSv1.3' } as const;
  const socket = connect({ ...contextOptions(input), checkServerIdentity: () => undefined, host, port });
  socket.on('error', () => undefined);
  t.after(() => socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

async function eventually(holds: () => boolean, meanwhile?: () => void): Promise<void> {
  for (const until = Date.now() + 20_000; !holds(); await new Promise((next) => setTimeout(next, 10))) {
    meanwhile?.();
    assert.ok(Date.now() < until, 'not in time');
  }
}

test('who reads on, and who has nothing to read, stays; who reads no more is closed when its time is over', async (t) => {
  const { port, clock, closed, connections } = await serve(t);
  await dial(t, port);
  const reader = await dial(t, port);
  let read = 0;
  reader.on('data', (bytes: Buffer) => (read += bytes.length));
  reader.write('x');
  for (let looks = 1; looks <= 12; looks++) {
    // More than all the kernel holds for it.
    const far = read + 12 * 1024 * 1024;
    await eventually(() => read > far);
    clock.advance(75_000);
  }
  assert.deepEqual([closed, connections()], [[], 2]);
  reader.pause();
  await eventually(
    () => closed.length === 1,
    () => clock.advance(75_000),
  );
  assert.deepEqual(closed[0]?.evidence, {
    peer: 'spiffe://test.internal/web',
    what: 'the connection',
    leastBytes: 16_384,
    everyMs: 300_000,
  });
  await eventually(() => connections() === 1);
});

test('with limits of its own a server waits for as long as they say, with none for ever', async (t) => {
  const [short, none] = [
    await serve(t, { leastBytes: 1, everyMs: 1_000 }),
    await serve(t, { leastBytes: 0, everyMs: 1_000 }),
  ];
  for (const { port } of [short, none]) (await dial(t, port)).pause().write('x');
  await eventually(
    () => short.closed.length === 1,
    () => {
      for (const { clock } of [short, none]) clock.advance(250);
    },
  );
  none.clock.advance(1_000_000);
  assert.deepEqual([none.closed, none.connections()], [[], 1]);
  for (const wrong of [
    { leastBytes: -1, everyMs: 1 },
    { leastBytes: 1, everyMs: 0 },
    { leastBytes: 1, everyMs: Number.NaN },
  ])
    await assert.rejects(serve(t, wrong), TypeError);
});

const own = ((): { key: string; cert: string } => {
  const { chain, privateKey } = authority.issue('orders');
  return { key: privateKey.toPem(), cert: chain.map((der) => encodePem('CERTIFICATE', der)).join('') };
})();

/** Where this fails on a version of Node, nobody is closed on it: what is not known is not judged. */
test("this version of Node tells what waits in a connection's queue, and in a stream's", async (t) => {
  const server = createNodeTlsServer(own, pour);
  t.after(() => server.close());
  const arrived = once(server, 'secureConnection') as Promise<[TLSSocket]>;
  server.listen(0, host);
  await once(server, 'listening');
  const client = connect({ host, port: (server.address() as AddressInfo).port, rejectUnauthorized: false }).pause();
  const [socket] = await arrived;
  t.after(() => [client, socket].map((one) => one.destroy()));
  const tcp = underlying(socket) ?? socket;
  await eventually(() => (outgoingOf(tcp)?.waiting ?? 0) > 0);
  const { waiting, taken } = outgoingOf(tcp) ?? { waiting: 0, taken: 0 };
  assert.ok(taken > 0 && waiting + taken === tcp.bytesWritten);
});

test('the same of a stream of HTTP/2', async (t) => {
  const server = createSecureServer(own);
  t.after(() => server.close());
  const arrived = once(server, 'stream') as Promise<[ServerHttp2Stream]>;
  server.listen(0, host);
  await once(server, 'listening');
  const session = connectHttp2(`https://${host}:${(server.address() as AddressInfo).port}`, {
    rejectUnauthorized: false,
  });
  t.after(() => session.destroy());
  session.request().on('error', () => undefined);
  const [stream] = await arrived;
  assert.equal(outgoingOfStream(stream)?.waiting, 0);
  stream.on('error', () => undefined).respond();
  stream.write(Buffer.alloc(50_000));
  stream.write(Buffer.alloc(50_000));
  stream.write(Buffer.alloc(50_000));
  // The window of a stream is 65,535 octets where nobody says more (RFC 9113, 6.9.2).
  await eventually(() => (outgoingOfStream(stream)?.handed ?? 0) > 50_000);
  const { waiting, inFlight, handed } = outgoingOfStream(stream) ?? { waiting: 0, inFlight: 0, handed: 0 };
  assert.deepEqual([waiting, inFlight, handed], [100_000, 100_000, 150_000]);
});

test('of a socket that is not as this room knows it nothing is known', () => {
  assert.equal(outgoingOf(new Socket()), undefined);
});
