import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';

import { manualClock } from '../../ground/clock/index.ts';
import { requireTaken } from './respond.ts';

/** More than the kernel holds for a connection on both sides. */
const large = Buffer.alloc(32 * 1024 * 1024);

test('who asks and never reads is cut off after half a minute; who reads is not', async (t) => {
  const clock = manualClock(0);
  const waiting: ServerResponse[] = [];
  const server = createServer((request, response) => {
    response.end(request.url === '/large' ? large : 'small');
    waiting.push(response);
    requireTaken(request, response, clock);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.closeAllConnections());
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const ask = (path: string): ReturnType<typeof connect> => {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    t.after(() => socket.destroy());
    socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
    return socket;
  };
  const reader = ask('/small');
  await once(reader, 'data');
  const silent = ask('/large');
  silent.pause();
  while (waiting.length < 2) await new Promise((done) => setImmediate(done));
  const [read, unread] = waiting as [ServerResponse, ServerResponse];
  clock.advance(29_000);
  assert.deepEqual([read.req.socket.destroyed, unread.req.socket.destroyed], [false, false]);
  clock.advance(2_000);
  assert.deepEqual([read.req.socket.destroyed, unread.req.socket.destroyed], [false, true]);
});
