import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { relayBytes } from './relay-bytes.ts';

interface Ends {
  /** Whom the caller is, and the service. */
  readonly caller: Socket;
  readonly service: Socket;
  /** Resolves when both connections of the relay are closed. */
  readonly over: Promise<void>;
}

/** @param callerHalves whether the connection from the caller may stay open in one direction */
async function relayed(t: TestContext, callerHalves: boolean): Promise<Ends> {
  const [caller, one] = await joined(t, callerHalves);
  const [other, service] = await joined(t, true);
  return { caller, service, over: relayBytes(one, other) };
}

async function joined(t: TestContext, allowHalfOpen: boolean): Promise<[Socket, Socket]> {
  const server = createServer({ allowHalfOpen }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const near = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true });
  const [far] = (await once(server, 'connection')) as [Socket];
  server.close();
  t.after(() => [near, far].forEach((socket) => socket.destroy()));
  return [near, far];
}

test('a service that keeps its half does not keep a connection of a caller who has gone', async (t) => {
  const { caller, service, over } = await relayed(t, false);
  let heard = '';
  service.on('data', (octets: Buffer) => (heard += octets.toString()));
  const ended = once(service, 'end');
  caller.end('the last words');
  caller.resume();
  await Promise.all([over, ended]);
  assert.equal(heard, 'the last words');
});

test('who has said all, and still listens, is answered', async (t) => {
  const { caller, service, over } = await relayed(t, true);
  caller.end('a question');
  service.resume();
  await once(service, 'end');
  service.end('its answer');
  const [octets] = (await once(caller, 'data')) as [Buffer];
  assert.equal(octets.toString(), 'its answer');
  caller.resume();
  await over;
});
