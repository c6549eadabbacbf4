/** Peers of HTTP/2 that are verified, and slow or noisy all the same: each is bounded, and nobody else waits for it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientHttp2Session, connect as connectHttp2, constants, createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { systemClock } from '../../../ground/clock/index.ts';
import { allowAnyPeer } from '../../../identity/authorization/index.ts';
import { withoutRevocation } from '../../../identity/revocation/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import { contextOptions } from '../context/context-options.ts';
import { fixedSource, type ServerOptions, Trust } from '../index.ts';
import { http2Bounds } from './http2-limits.ts';
import { interpose, takeHandOn } from './interpose.ts';
import { RequestGuard } from './request-guard.ts';
import { tlsServerOptions } from './tls-server-options.ts';

const authority = new TestAuthority();
const web = authority.issue('web');
const limits = { firstRequestMs: 300, idleMs: 300, requestMs: 300 };

async function serve(t: TestContext): Promise<number> {
  const options: ServerOptions = {
    trust: new Trust({
      bundles: fixedSource(authority.bundles()),
      revocations: fixedSource(withoutRevocation),
      clock: systemClock,
    }),
    credentials: fixedSource(authority.issue('orders')),
    clock: systemClock,
  };
  const server = createSecureServer({ ...tlsServerOptions(allowAnyPeer(), options, ['h2']), ...http2Bounds });
  const guard = new RequestGuard(server, options, limits);
  server.on('request', (asked, response) => {
    asked.resume();
    asked.on('end', () => response.end('served'));
  });
  const { sockets } = interpose(allowAnyPeer(), server, options, guard.before(takeHandOn(server)));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const own = {
  ...contextOptions({ credential: web, bundles: authority.bundles(), minVersion: 'TLSv1.3' }),
  ALPNProtocols: ['h2'],
  checkServerIdentity: (): undefined => undefined,
};

function sessionTo(t: TestContext, port: number): ClientHttp2Session {
  const session = connectHttp2(`https://127.0.0.1:${port}`, own);
  session.on('error', () => undefined);
  t.after(() => session.destroy());
  return session;
}

/** A peer that speaks in frames of its own. */
function bareTo(t: TestContext, port: number): TLSSocket {
  const socket = connectTls({ ...own, host: '127.0.0.1', port });
  socket.on('error', () => undefined);
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  socket.write(Buffer.from('000000040000000000', 'hex'));
  t.after(() => socket.destroy());
  return socket;
}

async function served(t: TestContext, port: number): Promise<string> {
  let text = '';
  for await (const bytes of sessionTo(t, port).request()) text += String(bytes);
  return text;
}

test('a header that comes byte by byte is not waited for', async (t) => {
  const port = await serve(t);
  const socket = bareTo(t, port).resume();
  const began = Date.now();
  // A frame of a hundred bytes of header, of which each comes alone.
  const drip = setInterval(() => socket.write('\0'), 40);
  t.after(() => clearInterval(drip));
  socket.write(Buffer.from('000064010400000001', 'hex'));
  await once(socket, 'close');
  assert.ok(Date.now() - began < 2_000);
});

test('a session without requests is given up in good order', async (t) => {
  const port = await serve(t);
  const session = sessionTo(t, port);
  let text = '';
  for await (const bytes of session.request()) text += String(bytes);
  assert.equal(text, 'served');
  const [code] = (await once(session, 'goaway')) as [number];
  assert.equal(code, constants.NGHTTP2_NO_ERROR);
  await once(session, 'close');
});

test('a body that comes byte by byte ends its stream, unless it is of gRPC', async (t) => {
  const port = await serve(t);
  const session = sessionTo(t, port);
  const slow = session.request({ ':method': 'POST' });
  const lasting = session.request({ ':method': 'POST', 'content-type': 'application/grpc+proto' });
  for (const stream of [slow, lasting]) stream.on('error', () => undefined);
  const drip = setInterval(() => {
    for (const stream of [slow, lasting]) if (!stream.closed) stream.write('x');
  }, 40);
  await once(slow, 'close');
  assert.equal(slow.rstCode, constants.NGHTTP2_CANCEL);
  await new Promise((resolve) => setTimeout(resolve, 400));
  assert.equal(lasting.closed, false);
  clearInterval(drip);
  lasting.end();
  let text = '';
  for await (const bytes of lasting) text += String(bytes);
  assert.equal(text, 'served');
});

test('streams that are opened and reset at once end the session, and nobody else waits', async (t) => {
  const port = await serve(t);
  const socket = bareTo(t, port);
  const received: Buffer[] = [];
  socket.on('data', (bytes: Buffer) => received.push(bytes));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const header = Buffer.from('828684418a089d5c0b8170dc780f0b', 'hex');
  const frames: Buffer[] = [];
  for (let id = 1; id < 8_000; id += 2) {
    const frame = Buffer.alloc(9 + header.length + 13);
    frame.writeUIntBE(header.length, 0, 3);
    frame.writeUInt16BE(0x0105, 3);
    frame.writeUInt32BE(id, 5);
    header.copy(frame, 9);
    frame.writeUIntBE(4, 9 + header.length, 3);
    frame.writeUInt16BE(0x0300, 12 + header.length);
    frame.writeUInt32BE(id, 14 + header.length);
    frame.writeUInt32BE(constants.NGHTTP2_CANCEL, 18 + header.length);
    frames.push(frame);
  }
  socket.write(Buffer.concat(frames));
  assert.equal(await served(t, port), 'served');
  await closed;
  assert.notEqual(errorOfGoaway(Buffer.concat(received)), 0);
});

/** 0 where there was none (RFC 9113, 6.8). */
function errorOfGoaway(received: Buffer): number {
  for (let rest = received; rest.length >= 17; rest = rest.subarray(9 + rest.readUIntBE(0, 3)))
    if (rest[3] === 7) return rest.readUInt32BE(13);
  return 0;
}

for (const [name, frame] of [
  ['settings', '000000040000000000'],
  ['pings', '0000080600000000000000000000000000'],
] as const) {
  test(`a flood of ${name} by who does not read ends the session, and nobody else waits`, async (t) => {
    const port = await serve(t);
    const socket = bareTo(t, port);
    socket.pause();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const flood = Buffer.from(frame.repeat(50_000), 'hex');
    const pour = (): void => {
      while (!socket.destroyed && socket.write(flood));
    };
    socket.on('drain', pour);
    pour();
    const began = Date.now();
    assert.equal(await served(t, port), 'served');
    await closed;
    assert.ok(Date.now() - began < 5_000);
  });
}
