/** The header of the PROXY protocol, version 2: who calls, ahead of relayed bytes, in TLVs that HAProxy, nginx, Envoy and others read. */
import { isIPv4, isIPv6 } from 'node:net';
import { concatBytes } from '../../ground/encoding/index.ts';
import { crc32c } from './crc32c.ts';
import { type CheckedCaller, requireChecked } from './forwarded-peer.ts';

export interface ProxyAddress {
  readonly address: string;
  readonly port: number;
}

export interface ProxyHeaderOptions {
  /** Of the caller; not known: an empty address family, never a made-up one. */
  readonly source: ProxyAddress | undefined;
  /** Of the gateway, as the caller reached it. */
  readonly destination: ProxyAddress | undefined;
  /** The server name of the handshake. */
  readonly serverName?: string | undefined;
  readonly alpn?: string | undefined;
  /** As OpenSSL calls it: TLSv1.3. */
  readonly tlsVersion?: string | undefined;
  readonly cipher?: string | undefined;
  readonly partner?: string | undefined;
  /** Whether the certificate goes along (type 0x28 in the SSL TLV): HAProxy 3.3 and later write and read it. Default false. */
  readonly certificate?: boolean;
}

/** Types of the specification (section 2.2), and ours, out of what it reserves for programs' own use (2.2.7: 0xE0 to 0xEF). */
export const proxyTlvs = {
  alpn: 0x01,
  authority: 0x02,
  crc32c: 0x03,
  ssl: 0x20,
  sslVersion: 0x21,
  sslCommonName: 0x22,
  sslCipher: 0x23,
  sslClientCertificate: 0x28,
  spiffeId: 0xe0,
  thumbprint: 0xe1,
  partner: 0xe2,
} as const;

const signature = Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a);
/** Version 2, PROXY. */
const versionAndCommand = 0x21;
/** Over TLS, with a certificate in this connection and in this session (2.2.6): nothing is resumed. */
const clientFlags = 0x01 | 0x02 | 0x04;
const commonNameOid = '2.5.4.3';
const crcOctets = 4;
/** At most 64 characters (RFC 5280, appendix A.1: ub-common-name): a whole header stays below the 4,096 octets that nginx takes. */
const plainName = /^[^\p{C}\p{Zl}\p{Zp}]{0,64}$/u;

/** For a connection on which nobody calls, as a health check's (LOCAL, 2.2). */
export const localProxyHeader: Uint8Array = concatBytes([signature, Uint8Array.of(0x20, 0, 0, 0)]);

/** @param caller `undefined` for a connection without a certificate, where that is optional: no SSL TLV then says that there was one */
export function proxyHeader(caller: CheckedCaller | undefined, options: ProxyHeaderOptions): Uint8Array {
  if (caller !== undefined) requireChecked(caller);
  const { serverName, alpn, partner } = options;
  const body = concatBytes([
    ...(alpn === undefined ? [] : [textTlv(proxyTlvs.alpn, alpn)]),
    ...(serverName === undefined ? [] : [textTlv(proxyTlvs.authority, serverName)]),
    sslTlv(caller, options),
    ...(caller === undefined ? [] : callerTlvs(caller)),
    ...(partner === undefined ? [] : [textTlv(proxyTlvs.partner, partner)]),
    tlv(proxyTlvs.crc32c, new Uint8Array(crcOctets)),
  ]);
  const { family, addresses } = addressesOf(options);
  const length = addresses.length + body.length;
  if (length > 0xffff) throw new TypeError('a PROXY header has at most 65,535 octets');
  const header = concatBytes([
    signature,
    Uint8Array.of(versionAndCommand, family, length >> 8, length & 0xff),
    addresses,
    body,
  ]);
  // Over the whole header with its own field as zero (2.2.3); it stands at the end.
  new DataView(header.buffer, header.byteOffset).setUint32(header.length - crcOctets, crc32c(header));
  return header;
}

function callerTlvs(caller: CheckedCaller): readonly Uint8Array[] {
  return [
    ...(caller.spiffeId === undefined ? [] : [textTlv(proxyTlvs.spiffeId, caller.spiffeId)]),
    textTlv(proxyTlvs.thumbprint, caller.thumbprint),
  ];
}

/** `verify` is zero for a certificate that was verified, and something else for none (2.2.6). */
function sslTlv(
  caller: CheckedCaller | undefined,
  { tlsVersion, cipher, certificate }: ProxyHeaderOptions,
): Uint8Array {
  const commonName = caller === undefined ? undefined : commonNameOf(caller);
  return tlv(
    proxyTlvs.ssl,
    concatBytes([
      Uint8Array.of(caller === undefined ? 0x01 : clientFlags, 0, 0, 0, caller === undefined ? 1 : 0),
      ...(tlsVersion === undefined ? [] : [textTlv(proxyTlvs.sslVersion, tlsVersion)]),
      ...(commonName === undefined ? [] : [textTlv(proxyTlvs.sslCommonName, commonName)]),
      ...(cipher === undefined ? [] : [textTlv(proxyTlvs.sslCipher, cipher)]),
      ...(caller === undefined || certificate !== true
        ? []
        : [tlv(proxyTlvs.sslClientCertificate, caller.certificate)]),
    ]),
  );
}

/** Where there is exactly one: readers take one for the caller's name. */
function commonNameOf({ subject }: CheckedCaller): string | undefined {
  const names = (subject?.relativeNames ?? []).flat().filter(({ oid }) => oid === commonNameOid);
  const text = names.length === 1 ? names[0]?.text : undefined;
  // What a reader in C would take for another, shorter name, or for two lines; or what looks like another one.
  return text !== undefined && plainName.test(text) ? text : undefined;
}

function textTlv(type: number, text: string): Uint8Array {
  return tlv(type, new TextEncoder().encode(text));
}

function tlv(type: number, value: Uint8Array): Uint8Array {
  if (value.length > 0xffff) throw new TypeError('a TLV has at most 65,535 octets');
  return concatBytes([Uint8Array.of(type, value.length >> 8, value.length & 0xff), value]);
}

function addressesOf({ source, destination }: ProxyHeaderOptions): { family: number; addresses: Uint8Array } {
  if (source === undefined || destination === undefined) return { family: 0x00, addresses: new Uint8Array() };
  const ports = Uint8Array.of(source.port >> 8, source.port & 0xff, destination.port >> 8, destination.port & 0xff);
  const pair = [plainAddress(source.address), plainAddress(destination.address)];
  if (pair.every((one) => isIPv4(one)))
    return { family: 0x11, addresses: concatBytes([...pair.map(octetsOf4), ports]) };
  const six = pair.map((one) => (isIPv4(one) ? `::ffff:${one}` : one));
  if (!six.every((one) => isIPv6(one))) return { family: 0x00, addresses: new Uint8Array() };
  return { family: 0x21, addresses: concatBytes([...six.map(octetsOf6), ports]) };
}

/** Node shows callers of IPv4 at a socket of IPv6 as mapped, and a link-local address with its zone. */
function plainAddress(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  return mapped ?? address.replace(/%.*$/, '');
}

function octetsOf4(address: string): Uint8Array {
  return Uint8Array.from(address.split('.'), Number);
}

function octetsOf6(address: string): Uint8Array {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  const four = dotted === null ? [] : [...octetsOf4(dotted[2] ?? '')];
  const tail =
    four.length === 0
      ? []
      : [(((four[0] ?? 0) << 8) | (four[1] ?? 0)).toString(16), (((four[2] ?? 0) << 8) | (four[3] ?? 0)).toString(16)];
  const whole = dotted === null ? address : `${dotted[1] ?? ''}${tail.join(':')}`;
  const [left = '', right] = whole.split('::');
  const [before, after] = [groupsOf(left), groupsOf(right ?? '')];
  const gap = right === undefined ? 0 : 8 - before.length - after.length;
  const groups = [...before, ...new Array<number>(Math.max(gap, 0)).fill(0), ...after];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

function groupsOf(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => parseInt(group, 16));
}
