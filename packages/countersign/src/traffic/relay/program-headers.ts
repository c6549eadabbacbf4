/** The header of a request as the program behind the front sees it: what only the front can know is the front's word alone. */
import { canonicalDnsName } from '../../identity/authorization/index.ts';
import { sha256Hex } from '../../runtime/cryptography/index.ts';
import type { VerifiedPeer } from '../../runtime/tls/index.ts';

export type HeaderList = readonly (readonly [name: string, value: string])[];

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
  const pairs = pairsOf(rawHeaders);
  const named = new Set(
    pairs.filter(([name]) => name.toLowerCase() === 'connection').flatMap(([, value]) => tokensOf(value)),
  );
  return pairs.filter(([name]) => !hopByHop.has(name.toLowerCase()) && !named.has(name.toLowerCase()));
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
  const host = pairsOf(rawHeaders).find(([name]) => name.toLowerCase() === 'host')?.[1];
  return [
    ...endToEndHeaders(rawHeaders).filter(([name]) => !saysWhoCalls(name)),
    ...(peer === undefined ? [] : [['x-forwarded-client-cert', clientCertificateHeader(peer, own)] as const]),
    ['x-forwarded-for', address],
    ['x-forwarded-proto', 'https'],
    ...(host === undefined ? [] : [['x-forwarded-host', host] as const]),
  ];
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

function pairsOf(rawHeaders: readonly string[]): HeaderList {
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) pairs.push([rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '']);
  return pairs;
}

function tokensOf(value: string): readonly string[] {
  return value.split(',').map((token) => token.trim().toLowerCase());
}
