import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPublicAddress } from './private-ranges.ts';

const refused = `0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1 127.255.255.255 168.63.129.16
  169.254.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.192 192.0.2.1 192.168.0.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.9
  224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 :: ::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::ffff:a00:1 ::7f00:1 64:ff9b::10.0.0.1
  64:ff9b::a9fe:a9fe 64:ff9b:1::1 100::1 2001::1 2001:db8::1 2002:7f00:1::1 3fff::1 fc00::1 fd00:ec2::254 fdff::1 fe80::1 fe80::1%eth0 febf::1
  fec0::1 ff02::1 2606:4700::1111%eth0 localhost`;

const open = `1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1 169.253.255.255 172.15.255.255
  172.32.0.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 223.255.255.255 2606:4700::1111 2001:4860:4860::8888 2a00::1 64:ff9b::8.8.8.8`;

test('addresses of this machine, its neighbours and ranges set apart are not public', () => {
  for (const address of ['', ...refused.split(/\s+/)]) assert.equal(isPublicAddress(address), false, address);
});

test('their neighbours in number are', () => {
  for (const address of open.split(/\s+/)) assert.equal(isPublicAddress(address), true, address);
});
