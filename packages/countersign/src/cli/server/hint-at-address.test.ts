/** Who types a server in another form than HOST:PORT is told the form; who mistypes a file is not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressMeant } from './hint-at-address.ts';

test('hosts, URLs and bare IPv6 addresses', () => {
  const meant: readonly (readonly [string, string])[] = [
    ['example.com', 'example.com:443'],
    ['localhost', 'localhost:443'],
    ['10.0.0.1', '10.0.0.1:443'],
    ['https://example.com/a?b', 'example.com:443'],
    ['https://example.com:8443', 'example.com:8443'],
    ['https://[::1]:8443/', '[::1]:8443'],
    ['::1:8443', '[::1]:8443'],
  ];
  for (const [typed, address] of meant) assert.equal(addressMeant(typed), address, typed);
});

test('what looks like a file is one', () => {
  for (const typed of ['cert.pem', 'web/cert', 'web', 'a.b/c', 'server.crt', '']) {
    assert.equal(addressMeant(typed), undefined, typed);
  }
});
