/** The header of a request as the program behind the front sees it: what only the front can know is the front's word alone. */
import { canonicalDnsName } from '../../identity/authorization/index.ts';
import { sha256Hex } from '../../runtime/cryptography/index.ts';
import type { VerifiedPeer } from '../../runtime/tls/index.ts';

export type HeaderPair = readonly [name: string, value: string];

export type HeaderList = readonly HeaderPair[];

/** Of one connection alone (RFC 9110, 7.6.1), whether or not `Connection` names them. */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Names under which programs look for who calls, and from where: RFC 9440, RFC 7239, and what proxies have made a custom. */
const identities: readonly RegExp[] = [
  /^client-cert(?:-chain)?$/,
  /^forwarded$/,
  /^x-forwarded(?:-.+)?$/,
  /^x-real-ip$/,
  /^(?:x-)?remote-(?:user|name|email|groups)$/,
  /^x-auth-request-.+$/,
  /^(?:x-)?ssl-(?:client|cert).*$/,
  /^x-client-(?:cert|dn|verify|ip).*$/,
  /^x-arr-clientcert$/,
  /^x-amzn-mtls-.+$/,
  /^x-tls-client-.+$/,
  /^x-(?:spiffe|svid)(?:-.+)?$/,
  /^x-countersign-.+$/,
];

/** @param rawHeaders name, value, name, value, as node:http has them @returns those that go on, in their order and their spelling */
export function endToEndHeaders(rawHeaders: readonly string[]): HeaderList {
  return keptOf(rawHeaders, goesOn);
}

function keptOf(rawHeaders: readonly string[], goes: (kind: NameKind) => boolean): HeaderPair[] {
  const kept: HeaderPair[] = [];
  let connection = '';
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = [rawHeaders[at], rawHeaders[at + 1]];
    const kind = kindOf(name);
    if (kind === 'connection') connection = connection === '' ? value : `${connection},${value}`;
    else if (goes(kind)) kept.push([name, value]);
  }
  // Nearly always it says no more than this.
  if (connection === '' || connection === 'keep-alive' || connection === 'close') return kept;
  const named = new Set(tokensOf(connection));
  return kept.filter(([name]) => !named.has(name.toLowerCase()));
}

/** `said`: it says who calls. */
type NameKind = 'connection' | 'hop-by-hop' | 'said' | 'other';

const goesOn = (kind: NameKind): boolean => kind !== 'hop-by-hop';
const goesToProgram = (kind: NameKind): boolean => kind === 'other';

/** Names as they were spelled: they are few, and every request has them again. Whoever makes up names gets no more than the time that looking takes. */
const kinds = new Map<string, NameKind>();
const mostKinds = 1000;
const longestKnown = 64;

function kindOf(name: string): NameKind {
  const known = kinds.get(name);
  if (known !== undefined) return known;
  const lower = name.toLowerCase();
  const kind =
    lower === 'connection' ? 'connection' : hopByHop.has(lower) ? 'hop-by-hop' : saysWhoCalls(lower) ? 'said' : 'other';
  if (kinds.size < mostKinds && name.length <= longestKnown) kinds.set(name, kind);
  return kind;
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
  const headers = keptOf(rawHeaders, goesToProgram);
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
  return endToEndHeaders(rawTrailers).filter(
    ([name]) => !saysWhoCalls(name) && !neverTrailing.some((form) => form.test(name.toLowerCase())),
  );
}

/** CGI and its heirs (WSGI, PHP) read an underscore and a hyphen as the same. */
function saysWhoCalls(name: string): boolean {
  const plain = name.toLowerCase().replaceAll('_', '-');
  return identities.some((form) => form.test(plain));
}

function tokensOf(value: string): readonly string[] {
  return value.split(',').map((token) => token.trim().toLowerCase());
}
