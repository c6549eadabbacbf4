/** First octets of a connection, and what they are called. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp, createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { offeredVersion, whatCame } from './what-came.ts';

test('what is no TLS is named by how it begins', () => {
  for (const [octets, kind, name] of [
    ['GET / HTTP/1.1\r\n', 'http', 'HTTP/1'],
    ['PRI * HTTP/2.0\r\n\r\nSM', 'http', 'HTTP/2 without TLS'],
    ['PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n', 'another protocol', 'a PROXY line (version 1)'],
    ['\r\n\r\n\0\r\nQUIT\n!', 'another protocol', 'a PROXY header (version 2)'],
    ['SSH-2.0-x\r\n', 'another protocol', 'SSH'],
    ['EHLO x\r\n', 'another protocol', 'SMTP'],
    ['<script>', 'another protocol', 'octets that begin with 0x3c736372'],
    ['\u0016\u0003\u0001', 'TLS', 'a record of TLS that opens no handshake'],
    ['', 'nothing', 'nothing'],
  ] as const)
    assert.deepEqual(whatCame(Buffer.from(octets, 'latin1')), { kind, name });
});

test('a hello is named by the highest version that it offers', async (t) => {
  const server = createServer((socket) => {
    socket.once('data', (octets: Buffer) => seen.push(offeredVersion(octets.subarray(0, 512))));
    socket.on('error', () => undefined);
  });
  const seen: (string | undefined)[] = [];
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  for (const version of ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const) {
    const raw = connectTcp(port, '127.0.0.1');
    const socket = connectTls({
      socket: raw,
      minVersion: version,
      maxVersion: version,
      ciphers: 'ALL:@SECLEVEL=0',
      ecdhCurve: 'X25519',
    });
    socket.on('error', () => undefined);
    const before = seen.length;
    while (seen.length === before) await new Promise((resolve) => setTimeout(resolve, 2));
    socket.destroy();
  }
  assert.deepEqual(seen, ['TLS 1.0', 'TLS 1.1', 'TLS 1.2', 'TLS 1.3']);
  assert.equal(offeredVersion(Buffer.from('802e010301', 'hex')), 'TLS 1.0 in a hello of SSL 2.0');
});

test('octets that were cut off anywhere, or changed anywhere, throw nothing', () => {
  const hello = Buffer.from(
    `160301004a0100004603032${'0'.repeat(63)}000004c02bc02f0100001d002b0009080304030303020301`,
    'hex',
  );
  for (let end = 0; end <= hello.length; end++) whatCame(hello.subarray(0, end));
  for (let at = 0; at < hello.length; at++)
    for (const octet of [0, 1, 0x7f, 0x80, 0xff]) assert.ok(whatCame(Uint8Array.from(hello).with(at, octet)).name);
});
