import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { mostOpeningOctets, readClientHello } from './client-hello.ts';

/** The first octets that node:tls sends. */
async function helloFor(servername?: string): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const socket = connect({ host: '127.0.0.1', port, ...(servername !== undefined && { servername }) });
  socket.on('error', () => undefined);
  const [taken] = (await once(server, 'connection')) as [import('node:net').Socket];
  const [octets] = (await once(taken, 'data')) as [Buffer];
  socket.destroy();
  taken.destroy();
  server.close();
  return octets;
}

/** The same message in records of so many octets each. */
function inRecords(hello: Buffer, size: number): Buffer {
  const message = hello.subarray(5);
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += size) {
    const piece = message.subarray(at, at + size);
    records.push(Buffer.from([22, 3, 1, piece.length >> 8, piece.length & 255]), piece);
  }
  return Buffer.concat(records);
}

test('the name is read however the message is cut into records and pieces', async () => {
  const hello = await helloFor('api.test');
  assert.deepEqual(readClientHello(hello), { state: 'read', serverName: 'api.test' });
  assert.deepEqual(readClientHello(await helloFor()), { state: 'read', serverName: undefined });
  for (const size of [1, 2, 3, 5, 100]) {
    const cut = inRecords(hello, size);
    assert.deepEqual(readClientHello(cut), { state: 'read', serverName: 'api.test' }, String(size));
    for (let length = 0; length < cut.length; length += 7) {
      const found = readClientHello(cut.subarray(0, length));
      assert.ok(
        found.state === 'incomplete' && found.needed > length && found.needed <= cut.length + 6,
        `${size} ${length}`,
      );
    }
  }
});

test('what is no ClientHello, or names other than one host, is refused', async () => {
  const hello = await helloFor('api.test');
  const at = hello.indexOf('api.test');
  const changed = (offset: number, octet: number): Buffer => {
    const copy = Buffer.from(hello);
    copy[offset] = octet;
    return copy;
  };
  const bad = [
    Buffer.from('GET / HTTP/1.1\r\n'),
    Buffer.from([22, 2, 1, 0, 5]),
    Buffer.from([22, 3, 1, 0, 0]),
    Buffer.from([22, 3, 1, 0x40, 1]),
    Buffer.from([22, 3, 1, 0, 4, 2, 0, 0, 0]),
    Buffer.from([22, 3, 1, 0, 4, 1, 1, 0, 0]),
    changed(at, 0),
    changed(at, '@'.charCodeAt(0)),
    changed(at - 3, 1),
    changed(at - 1, 9),
    changed(at - 1, 7),
  ];
  for (const octets of bad)
    assert.equal(readClientHello(octets).state, 'unusable', octets.subarray(0, 12).toString('hex'));
});

test('octets without end are given up', () => {
  const record = Buffer.from([22, 3, 1, 0, 1, 0]);
  const endless = Buffer.concat([
    Buffer.from([22, 3, 1, 0, 4, 1, 0, 0x3f, 0xff]),
    ...Array.from({ length: 4000 }, () => record),
  ]);
  const found = readClientHello(endless.subarray(0, mostOpeningOctets));
  assert.equal(found.state, 'unusable');
});
