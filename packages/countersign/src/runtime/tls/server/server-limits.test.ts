/** What a server does without being told: it names its refusals on stderr, and sheds who is slow or fails again and again. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { manualClock, systemClock } from '../../../ground/clock/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { allowAnyPeer } from '../../../identity/authorization/index.ts';
import { withoutRevocation } from '../../../identity/revocation/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import { contextOptions } from '../context/context-options.ts';
import { createServer, defaultCrowd, fixedSource, type ServerOptions, Trust } from '../index.ts';
import { refusalLog } from './refusal-log.ts';

const authority = new TestAuthority();
const clock = systemClock;

async function serve(t: TestContext, more: Partial<ServerOptions>): Promise<number> {
  const trust = new Trust({
    bundles: fixedSource(authority.bundles()),
    revocations: fixedSource(withoutRevocation),
    clock,
  });
  const options = { trust, credentials: fixedSource(authority.issue('orders')), clock, ...more };
  const server = createServer(allowAnyPeer(), options, (_asked, response) => response.end('served'));
  t.after(() => server.close({ graceMs: 0 }));
  return (await server.listen({ host: '127.0.0.1', port: 0 })).port;
}

function gone(socket: Socket): Promise<unknown> {
  socket.on('error', () => undefined).resume();
  return new Promise((resolve) => socket.once('close', resolve));
}

async function servedAt(port: number): Promise<boolean> {
  const input = { credential: authority.issue('web'), bundles: authority.bundles(), minVersion: 'TLSv1.3' } as const;
  const socket = connectTls({
    ...contextOptions(input),
    checkServerIdentity: () => undefined,
    host: '127.0.0.1',
    port,
  });
  socket.on('error', () => undefined);
  let text = '';
  socket.on('data', (bytes: Buffer) => (text += bytes.toString()));
  socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  await new Promise((resolve) => socket.once('close', resolve));
  return text.startsWith('HTTP/1.1 200');
}

test('a connection that says nothing, and one that says a byte now and then, are closed by name when the time for a handshake is over', async (t) => {
  const refusals: Refusal[] = [];
  const port = await serve(t, { handshakeTimeoutMs: 300, onRefusal: (refusal) => refusals.push(refusal) });
  const silent = connectTcp(port, '127.0.0.1');
  const slow = connectTcp(port, '127.0.0.1');
  const hello = Buffer.from('1603010200010001fc0303', 'hex');
  let at = 0;
  const drip = setInterval(() => slow.write(hello.subarray(at, ++at)), 40);
  const all = [silent, slow].map(gone);
  assert.equal(await servedAt(port), true);
  await Promise.all(all);
  clearInterval(drip);
  assert.deepEqual(
    refusals.map(({ code }) => code),
    ['CS-TLS-002', 'CS-TLS-002'],
  );
});

test('an address whose handshakes fail again and again waits a second, and is then let in', async (t) => {
  const refusals: Refusal[] = [];
  const port = await serve(t, {
    crowd: { ...defaultCrowd(), mostFailuresOfOneAddressPerSecond: 5 },
    onRefusal: (refusal) => refusals.push(refusal),
  });
  for (let attempt = 0; attempt < 6; attempt++) {
    const socket = connectTcp(port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await gone(socket);
  }
  assert.equal(await servedAt(port), false);
  assert.deepEqual(
    refusals.slice(0, 7).map(({ code }) => code),
    [...Array.from({ length: 5 }, () => 'CS-TLS-010'), ...['CS-TLS-013', 'CS-TLS-013']],
  );
  await new Promise((resolve) => setTimeout(resolve, 1_050));
  assert.equal(await servedAt(port), true);
});

test('without a listener each refusal is a line with its cause, and a flood of them is counted', () => {
  const lines: string[] = [];
  const manual = manualClock(0);
  const refused = refusalLog(manual, (line) => lines.push(line))('refused');
  const remote = { address: '192.0.2.1', port: 4711 };
  for (let n = 0; n < 3; n++)
    refused(new Refusal('CS-PEER-003', { subject: 'web', reason: 'notAfter passed' }), remote);
  manual.advance(2_000);
  assert.deepEqual(lines, [
    '1970-01-01T00:00:00Z refused 192.0.2.1:4711: CS-PEER-003 certificate expired subject=web reason="notAfter passed"',
    '1970-01-01T00:00:01Z CS-PEER-003 and 2 more like it, left out',
  ]);
});

test('the log of a server without listeners goes to stderr', async (t) => {
  const lines: string[] = [];
  const { write } = process.stderr;
  process.stderr.write = (line: unknown): boolean => lines.push(String(line)) > 0;
  t.after(() => (process.stderr.write = write));
  const port = await serve(t, {});
  const socket = connectTcp(port, '127.0.0.1');
  socket.write('SSH-2.0-x\r\n');
  await gone(socket);
  await once(process, 'nothing', { signal: AbortSignal.timeout(20) }).catch(() => undefined);
  assert.match(lines.join(''), /refused 127\.0\.0\.1:\d+: CS-TLS-011 no TLS /);
});
