/** Cases that OpenSSL (-x509_strict) or pyca/cryptography answers otherwise, each named with the reason. One that no longer differs must go from here. */
export interface ClientDifference {
  readonly judge: 'openssl' | 'pyca';
  readonly ids: readonly string[];
  readonly reason: string;
}

const nul = ['names: a URI with a NUL', 'names: a DNS name with a NUL', 'names: a mailbox with a NUL'];
const letters = [
  'names: a URI beyond ASCII',
  'names: a DNS name beyond ASCII',
  'names: an empty URI',
  'names: a URI with a space',
];

/** Those that must be accepted and have constraints on URIs. */
const acceptedUris: readonly string[] = [
  ...['the host', 'a host below a domain', 'a host two below a domain', 'capitals in the host'],
  ...['capitals in the constraint', 'capitals in the domain', 'a port', 'a user', 'the second of two'],
  ...['the first of two', 'every host', 'no path'],
].map((what) => `uri: permitted: ${what}`);
const acceptedBeside: readonly string[] = [
  ...['a host below a host', 'the domain itself', 'a host that ends in the same letters', 'a host that begins with it'],
  ...['the host as a user', 'the host in the path', 'the host in the query', 'the host in the fragment'],
].map((what) => `uri: excluded: ${what}`);

export const clientDifferences: readonly ClientDifference[] = [
  {
    judge: 'openssl',
    ids: ['uri: permitted: a user', 'uri: excluded: a user'],
    reason: 'takes "user@host" for the host of a URI, so that a user hides an excluded host',
  },
  {
    judge: 'openssl',
    ids: ['uri: permitted: every host', 'uri: excluded: every host'],
    reason: 'compares with the empty constraint, which no host equals; an empty one is every name, as it is for DNS',
  },
  {
    judge: 'openssl',
    ids: [
      'an IPv4 address',
      'an IPv6 address',
      'a percent-encoded host',
      'a trailing dot',
      'a wildcard',
      'a backslash',
    ].map((what) => `uri: excluded: ${what}`),
    reason: 'compares whatever stands in the place of the host; RFC 5280 (4.2.1.10) refuses what is no domain name',
  },
  {
    judge: 'openssl',
    ids: ['dns: excluded: what a wildcard stands for', 'dns: excluded: the same in capitals'],
    reason: 'compares the wildcard as a text; we refuse what could stand for an excluded name',
  },
  {
    judge: 'openssl',
    ids: ['a trailing dot', 'a leading dot', 'a wildcard within a label'].flatMap((what) => [
      `dns: permitted: ${what}`,
      `dns: excluded: ${what}`,
    ]),
    reason: 'constrains what is no DNS name (RFC 5280, 4.2.1.6) like one; others may read it as another',
  },
  {
    judge: 'openssl',
    ids: ['authority: a client that is one'],
    reason: 'lets an authority be a client; mutual-tls does not, since its key can certify any name',
  },
  {
    judge: 'openssl',
    ids: [...nul, ...letters, 'names: an address of 5 octets'],
    reason:
      'reads names where it is asked for one; we refuse a certificate that could be read in two ways (CVE-2021-44532)',
  },
  {
    judge: 'pyca',
    ids: [...acceptedUris, ...acceptedBeside],
    reason: 'processes no constraints on URIs, and refuses whoever comes under them',
  },
  {
    judge: 'pyca',
    ids: ['dns: permitted: every name'],
    reason: 'takes the empty constraint for malformed; it is every name (RFC 5280, 4.2.1.10)',
  },
  {
    judge: 'pyca',
    ids: [
      ...['permitted: the beginning', 'permitted: in capitals', 'permitted: in another kind of string'],
      'excluded: another',
    ].map((what) => `directory: ${what}`),
    reason: 'processes no constraints on directory names, and refuses them where they are critical',
  },
  {
    judge: 'pyca',
    ids: ['key usage: keyEncipherment alone'],
    reason: 'does not look at the key usage of a client, who must be able to sign (RFC 5280, 4.2.1.3)',
  },
  {
    judge: 'pyca',
    ids: ['path: a self-issued certificate counts for no length'],
    reason: 'counts self-issued certificates; RFC 5280 (6.1.4 (l)) does not',
  },
  {
    judge: 'pyca',
    ids: [...nul, ...letters],
    reason: 'hands names over as they are; we refuse a certificate that could be read in two ways (CVE-2021-44532)',
  },
];
