/** The header of a request as the program behind the front sees it: what only the front can know is the front's word alone. */
import { canonicalDnsName } from '../../identity/authorization/index.ts';
import { sha256Hex } from '../../runtime/cryptography/index.ts';
import type { VerifiedPeer } from '../../runtime/tls/index.ts';
import { isIdentityHeader } from './identity-headers.ts';

export type HeaderPair = readonly [name: string, value: string];

export type HeaderList = readonly HeaderPair[];

/** Not to be taken off by `Connection` (RFC 9110, 7.6.1: it may not name what is for all recipients): where the request goes, and where it ends. */
const neverNamed: ReadonlySet<string> = new Set(['host', 'content-length']);

/** @param rawHeaders name, value, name, value, as node:http has them @returns those that go on, in their order and their spelling */
export function endToEndHeaders(rawHeaders: readonly string[]): HeaderList {
  return keptOf(rawHeaders, () => true);
}

/** What a caller sent as it may go on: nothing of one connection alone, and no word on who calls, whoever says it next. */
export function withoutIdentity(rawHeaders: readonly string[]): HeaderList {
  return keptOf(rawHeaders, saysNoIdentity);
}

const saysNoIdentity = (name: string): boolean => !isIdentityHeader(name);

function keptOf(rawHeaders: readonly string[], goes: (name: string) => boolean): HeaderPair[] {
  const kept: HeaderPair[] = [];
  let connection = '';
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    const value = rawHeaders[at + 1] ?? '';
    if (isOfOneConnection(name)) {
      if (isNamed(name, 'connection')) connection = connection === '' ? value : `${connection},${value}`;
    } else if (goes(name)) kept.push([name, value]);
  }
  return headersThatGoOn(kept, connection);
}

/**
 * Whether it is of one connection alone (RFC 9110, 7.6.1), whether or not `Connection` names it. By length, since most names have another: asking a set for
 * strings that have just come makes each known to the whole engine first.
 */
export function isOfOneConnection(name: string): boolean {
  switch (name.length) {
    case 2:
      return isNamed(name, 'te');
    case 6:
      return isNamed(name, 'expect');
    case 7:
      return isNamed(name, 'upgrade') || isNamed(name, 'trailer');
    case 10:
      return isNamed(name, 'connection') || isNamed(name, 'keep-alive');
    case 14:
      return isNamed(name, 'http2-settings');
    case 16:
      return isNamed(name, 'proxy-connection');
    case 17:
      return isNamed(name, 'transfer-encoding');
    case 18:
      return isNamed(name, 'proxy-authenticate');
    case 19:
      return isNamed(name, 'proxy-authorization');
    default:
      return false;
  }
}

/** @param lower in lower case; begins with a letter */
export function isNamed(name: string, lower: string): boolean {
  return (
    name.length === lower.length && (name.charCodeAt(0) | 0x20) === lower.charCodeAt(0) && name.toLowerCase() === lower
  );
}

/** @param connection what all headers `Connection` say, with commas between @returns those that it does not name */
export function headersThatGoOn(headers: HeaderPair[], connection: string): HeaderPair[] {
  // Nearly always it says no more than this.
  if (connection === '' || connection === 'keep-alive' || connection === 'close') return headers;
  const named = new Set(tokensOf(connection).filter((name) => !neverNamed.has(name)));
  return headers.filter(([name]) => !named.has(name.toLowerCase()));
}

/**
 * @param peer `undefined` where the caller showed no certificate that counts: then nobody is named
 * @param own the SPIFFE ID of the program
 * @param address the caller's
 */
export function headersForProgram(
  rawHeaders: readonly string[],
  peer: VerifiedPeer | undefined,
  { own, address }: { readonly own: string; readonly address: string },
): HeaderList {
  const headers = keptOf(rawHeaders, saysNoIdentity);
  const host = headers.find(isHost)?.[1];
  if (peer !== undefined) headers.push(['x-forwarded-client-cert', knownHeaderOf(peer, own)]);
  headers.push(['x-forwarded-for', address]);
  headers.push(['x-forwarded-proto', 'https']);
  if (host !== undefined) headers.push(['x-forwarded-host', host]);
  return headers;
}

function isHost([name]: HeaderPair): boolean {
  return name.length === 4 && name.toLowerCase() === 'host';
}

const headersOfPeers = new WeakMap<VerifiedPeer, { readonly own: string; readonly value: string }>();

/** A peer is verified once for all its requests. */
function knownHeaderOf(peer: VerifiedPeer, own: string): string {
  const known = headersOfPeers.get(peer);
  if (known?.own === own) return known.value;
  const value = clientCertificateHeader(peer, own);
  headersOfPeers.set(peer, { own, value });
  return value;
}

/**
 * In the form that Envoy made a custom: one element, By, Hash, URI and DNS. Names that cannot be identities are left out: a ";" or "," in one would be
 * read as a pair or an element of its own.
 */
export function clientCertificateHeader({ certificate, spiffeId, dnsNames }: VerifiedPeer, own: string): string {
  const pairs: readonly (readonly [string, string])[] = [
    ['By', own],
    ['Hash', sha256Hex(certificate)],
    ...(spiffeId === undefined ? [] : [['URI', spiffeId] as const]),
    ...dnsNames.filter((name) => canonicalDnsName(name) !== undefined).map((name) => ['DNS', name] as const),
  ];
  return pairs.map(([key, value]) => `${key}=${value}`).join(';');
}

/** What a message may not say after its body (RFC 9110, 6.5.1): who it is for, how it is framed and read, who sends it. */
const neverTrailing: readonly RegExp[] = [
  /^:/,
  /^(?:host|authorization|cookie|set-cookie|age|expires|date|location|vary|warning|retry-after|max-forwards|cache-control|pragma|range)$/,
  /^content-(?:length|type|encoding|range|location|disposition)$/,
  /^(?:if|www-authenticate|proxy|authentication)(?:-.*)?$/,
];

/** @param rawTrailers as node:http has them @returns those that may go on */
export function trailersOf(rawTrailers: readonly string[]): HeaderList {
  return withoutIdentity(rawTrailers).filter(([name]) => !neverTrailing.some((form) => form.test(name.toLowerCase())));
}

function tokensOf(value: string): readonly string[] {
  return value.split(',').map((token) => token.trim().toLowerCase());
}
