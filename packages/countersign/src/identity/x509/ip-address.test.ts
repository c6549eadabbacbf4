import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatIpAddress, parseIpAddress } from './index.ts';

test('addresses come back in the form of RFC 5952', () => {
  const table: readonly (readonly [string, string])[] = [
    ['127.0.0.1', '127.0.0.1'],
    ['0.0.0.0', '0.0.0.0'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0db8::0001', '2001:db8::1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::ffff:127.0.0.1', '::ffff:7f00:1'],
    ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
    ['1:2:3:4:5:6:1.2.3.4', '1:2:3:4:5:6:102:304'],
  ];
  for (const [text, form] of table) assert.equal(formatIpAddress(parseIpAddress(text)!), form, text);
  fc.assert(
    fc.property(
      fc.oneof(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.uint8Array({ minLength: 4, maxLength: 4 })),
      (octets) => {
        const text = formatIpAddress(octets)!;
        assert.equal(isIP(text), octets.length === 4 ? 4 : 6);
        assert.deepEqual(parseIpAddress(text), octets);
      },
    ),
  );
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
      assert.notEqual(parseIpAddress(text), undefined, text);
    }),
  );
  for (const length of [0, 3, 5, 15, 17]) assert.equal(formatIpAddress(new Uint8Array(length)), undefined);
});

test('what is no address is none', () => {
  const bad = [
    '',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '01.2.3.4',
    '1.2.3.4 ',
    '1.2.3.-4',
    '0x7f.0.0.1',
    '2130706433',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '::12345',
    '::g',
    'fe80::1%eth0',
    '::1.2.3',
    '::01.2.3.4',
    '1.2.3.4::',
    '1:2:3:4:5:6:7:1.2.3.4',
    '[::1]',
  ];
  for (const text of bad) {
    assert.equal(parseIpAddress(text), undefined, text);
    if (!text.includes('%')) assert.equal(isIP(text), 0, text);
  }
});
