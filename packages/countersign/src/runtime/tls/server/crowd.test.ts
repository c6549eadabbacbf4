import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'node:test';

import { Crowd, networkOf } from './crowd.ts';

const from = (remoteAddress: string): Socket =>
  Object.assign(new EventEmitter(), { remoteAddress }) as unknown as Socket;

let nowMs = 0;
const limits = { most: 5, mostUnverified: 4, mostUnverifiedOfOneAddress: 2 };

test('the oldest of a full address goes for the next, and nobody of another', () => {
  const crowd = new Crowd(limits, { monotonic: () => nowMs });
  const [other, first, second, third] = ['10.0.0.2', '10.0.0.1', '10.0.0.1', '10.0.0.1'].map(from) as [
    Socket,
    Socket,
    Socket,
    Socket,
  ];
  for (const socket of [other, first, second]) assert.equal(crowd.arrive(socket), undefined);
  assert.deepEqual(crowd.arrive(third), { socket: first, code: 'CS-TLS-009' });
});

test('who has shown himself stays, whatever comes; a newcomer who finds only such goes himself', () => {
  const crowd = new Crowd(limits, { monotonic: () => nowMs });
  const known = [1, 2, 3, 4, 5].map((n) => from(`10.0.0.${String(n)}`));
  for (const socket of known) {
    assert.equal(crowd.arrive(socket), undefined);
    crowd.verified(socket);
  }
  const late = from('10.0.0.9');
  assert.deepEqual(crowd.arrive(late), { socket: late, code: 'CS-TLS-009' });
  late.emit('close');
  known[0]!.emit('close');
  assert.equal(crowd.arrive(from('10.0.0.9')), undefined);
});

test('those from everywhere are limited together', () => {
  const crowd = new Crowd(limits, { monotonic: () => nowMs });
  const all = [1, 2, 3, 4].map((n) => from(`10.0.0.${String(n)}`));
  for (const socket of all) assert.equal(crowd.arrive(socket), undefined);
  assert.deepEqual(crowd.arrive(from('10.0.0.5')), { socket: all[0], code: 'CS-TLS-009' });
});

test('an IPv6 network of 64 bits is one address', () => {
  assert.equal(networkOf('2001:db8:1:2:3:4:5:6'), networkOf('2001:db8:1:2::9'));
  assert.notEqual(networkOf('2001:db8:1:2::9'), networkOf('2001:db8:1:3::9'));
  assert.equal(networkOf('::1'), '0:0:0:0');
  assert.equal(networkOf('fe80::1%eth0'), 'fe80:0:0:0');
  assert.equal(networkOf('::ffff:192.0.2.1'), '192.0.2.1');
  assert.equal(networkOf('192.0.2.1'), '192.0.2.1');
});

test('one address does not take every place, and what comes from where handshakes fail is closed until the second is over', () => {
  const crowd = new Crowd(
    { ...limits, mostOfOneAddress: 2, mostFailuresOfOneAddressPerSecond: 2 },
    { monotonic: () => nowMs },
  );
  const known = ['10.0.0.1', '10.0.0.1'].map(from);
  for (const socket of known) {
    assert.equal(crowd.arrive(socket), undefined);
    crowd.verified(socket);
  }
  const third = from('10.0.0.1');
  assert.deepEqual(crowd.arrive(third), { socket: third, code: 'CS-TLS-009' });

  for (const socket of ['10.0.0.7', '10.0.0.7'].map(from)) {
    assert.equal(crowd.arrive(socket), undefined);
    crowd.failed(socket, '10.0.0.7');
    socket.emit('close');
  }
  const again = from('10.0.0.7');
  assert.deepEqual(crowd.arrive(again), { socket: again, code: 'CS-TLS-013' });
  again.emit('close');
  assert.equal(crowd.arrive(from('10.0.0.8')), undefined);
  nowMs += 1_000;
  assert.equal(crowd.arrive(from('10.0.0.7')), undefined);
});
