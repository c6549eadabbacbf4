/** Ranges of IP addresses in CIDR notation (RFC 4632, 3.1; RFC 4291, 2.3). */
import { parseIpAddress } from '../../identity/x509/index.ts';

export interface IpRange {
  /** As it was written. */
  readonly text: string;
  /** 4 octets or 16. */
  readonly network: Uint8Array;
  readonly bits: number;
}

/** @returns the rule that `text` breaks, where it is no range */
export function parseIpRange(text: string): IpRange | string {
  const [address = '', length, ...others] = text.split('/');
  const network = parseIpAddress(address);
  if (network === undefined || others.length > 0)
    return 'an address and the length of its prefix: 10.0.0.0/8, fd00::/8';
  const bits = length === undefined ? network.length * 8 : prefixLength(length, network.length * 8);
  if (bits === undefined) return `the length of the prefix is 0 to ${String(network.length * 8)}`;
  // 10.0.0.1/8 is a slip: either the address or the length was meant otherwise.
  if (!isZeroAfter(network, bits)) return 'the address has bits beyond its prefix';
  return { text, network, bits };
}

function prefixLength(text: string, most: number): number | undefined {
  return /^(?:0|[1-9]\d{0,2})$/.test(text) && Number(text) <= most ? Number(text) : undefined;
}

function isZeroAfter(network: Uint8Array, bits: number): boolean {
  return network.every((octet, at) => (octet & ~maskOf(bits, at) & 0xff) === 0);
}

/** The bits of octet `at` that belong to the prefix. */
function maskOf(bits: number, at: number): number {
  const own = Math.min(8, Math.max(0, bits - 8 * at));
  return (0xff << (8 - own)) & 0xff;
}

/** An IPv4 address mapped into IPv6 fits no range of IPv4: a certificate holds the one or the other. */
export function fitsIpRange({ network, bits }: IpRange, address: Uint8Array): boolean {
  if (address.length !== network.length) return false;
  return network.every((octet, at) => ((octet ^ (address[at] ?? 0)) & maskOf(bits, at)) === 0);
}

export function coversIpRange(outer: IpRange, inner: IpRange): boolean {
  return outer.bits <= inner.bits && fitsIpRange(outer, inner.network);
}
