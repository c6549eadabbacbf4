/** Which addresses belong to the public Internet: whoever names one in a certificate or a redirect can reach no other one through this machine. */
import { BlockList, isIP } from 'node:net';
import type { PrivateRanges } from './retrieve-request.ts';

/** IANA's registry of special-purpose IPv4 addresses (RFC 6890), multicast, and one that is public and answers the machine alone. */
const special4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  // Azure's service for its own machines.
  ['168.63.129.16', 32],
];

/** Of the global unicast range: special purposes, and tunnels whose other end is an IPv4 address that nobody looked at. */
const special6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

/** RFC 6052, 2.1: how a network without IPv4 reaches all of it. */
const translated = '64:ff9b::';

const refused = new BlockList();
const global6 = new BlockList();
for (const [net, prefix] of special4) {
  refused.addSubnet(net, prefix, 'ipv4');
  refused.addSubnet(`${translated}${net}`, 96 + prefix, 'ipv6');
}
for (const [net, prefix] of special6) refused.addSubnet(net, prefix, 'ipv6');
// Whatever is neither in 2000::/3 nor translated is refused: loopback, IPv4-mapped, unique-local, link-local, multicast.
global6.addSubnet('2000::', 3, 'ipv6');
global6.addSubnet(translated, 96, 'ipv6');

/** Those that may be asked; throws a `TypeError` for what is no range. */
export function permittedAddresses(ranges: PrivateRanges): (address: string) => boolean {
  if (ranges === 'refuse') return isPublicAddress;
  if (ranges === 'allow') return () => true;
  const permitted = new BlockList();
  for (const range of ranges) {
    const { net, prefix, family } = readRange(range);
    permitted.addSubnet(net, prefix, family);
  }
  return (address) => isPublicAddress(address) || isWithin(permitted, address);
}

function readRange(text: string): { net: string; prefix: number; family: 'ipv4' | 'ipv6' } {
  const [net = '', length = '', ...more] = text.split('/');
  const bits = isIP(net) === 4 ? 32 : isIP(net) === 6 ? 128 : 0;
  const prefix = /^\d{1,3}$/.test(length) ? Number(length) : length === '' ? bits : Number.NaN;
  if (bits === 0 || more.length > 0 || !(prefix <= bits))
    throw new TypeError(`a range such as 10.1.0.0/16, not ${text}`);
  return { net, prefix, family: bits === 32 ? 'ipv4' : 'ipv6' };
}

function isWithin(permitted: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && !address.includes('%') && permitted.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** @param address as text; what is no address is not public */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !refused.check(address, 'ipv4');
  // With a zone it is of one link (RFC 4007).
  if (family !== 6 || address.includes('%')) return false;
  return global6.check(address, 'ipv6') && !refused.check(address, 'ipv6');
}
