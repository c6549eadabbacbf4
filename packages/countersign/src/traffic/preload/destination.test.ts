import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostOf, isAmong, isLoopback, isOwnAffair, orderArguments } from './destination.ts';

test('every form in which tls.connect is called says the same', () => {
  const callback = (): void => undefined;
  for (const given of [
    [{ port: 1, host: 'a' }, callback],
    [1, 'a', callback],
    ['1', 'a', {}, callback],
    [1, { host: 'a' }, callback],
  ]) {
    const { options, callback: found } = orderArguments(given);
    assert.deepEqual([Number(options.port), options.host, found], [1, 'a', callback]);
  }
  assert.equal(orderArguments(['/run/socket']).options.path, '/run/socket');
});

test('the host is the server name, else the host; undici calls an address with the name null', () => {
  const nameless = { host: '10.0.0.1', servername: null } as unknown as { host: string };
  assert.equal(hostOf(nameless), '10.0.0.1');
  assert.equal(hostOf({ host: '10.0.0.1', servername: 'Orders.Internal.' }), 'orders.internal');
  assert.equal(hostOf({ host: '[::1]' }), '::1');
  assert.equal(hostOf({}), 'localhost');
});

test('a call stays on this machine only where neither host nor name, nor a socket, can lead away', () => {
  assert.ok(isLoopback({ host: '127.0.0.1' }) && isLoopback({ host: 'localhost' }) && isLoopback({ host: '::1' }));
  assert.ok(isLoopback({ host: '127.0.0.1', servername: null } as unknown as { host: string }));
  for (const options of [{ host: 'a' }, { host: '127.0.0.1', servername: 'a' }, { host: '127.evil.test' }])
    assert.ok(!isLoopback(options), JSON.stringify(options));
});

test('a certificate, a key, a context or a path of his own is the own affair of who brings it', () => {
  assert.ok(isOwnAffair({ cert: 'x' }) && isOwnAffair({ key: 'x' }) && isOwnAffair({ path: '/run/socket' }));
  assert.ok(!isOwnAffair({ ca: 'x', rejectUnauthorized: false }) && !isOwnAffair({ path: '' }));
});

test('a pattern stands for one label', () => {
  assert.ok(isAmong('a.example.com', ['*.example.com']) && isAmong('example.com', ['EXAMPLE.com.']));
  assert.ok(!isAmong('a.b.example.com', ['*.example.com']) && !isAmong('example.com', ['*.example.com']));
});
