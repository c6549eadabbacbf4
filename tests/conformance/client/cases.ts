/** Cases for certificates of clients, as data: what is unusual in the chain, what must come of it, and by which clause. */
import { encodeElement } from '../../../packages/countersign/src/ground/encoding/index.ts';
import { extendedKeyUsages, type WritableSubtrees } from '../../../packages/countersign/src/identity/x509/index.ts';
import {
  type CertificatePlan,
  type PlannedAttribute,
  plannedExtension,
  plannedName,
} from '../../fixtures/planned-certificates.ts';

/** 2026-06-01T12:00:00Z. */
export const moment: number = Date.UTC(2026, 5, 1, 12);

/** What differs from an ordinary plan. */
export type Change = Partial<Omit<CertificatePlan, 'key' | 'signer' | 'algorithm'>>;

export interface ClientCase {
  readonly id: string;
  readonly expected: 'accept' | 'reject';
  readonly clause: string;
  readonly leaf?: Change;
  readonly issuer?: Change;
  readonly anchor?: Change;
  /** Signed by an anchor that is not trusted, of the same name. */
  readonly stranger?: true;
  /** Another intermediate above the issuer. */
  readonly upper?: Change;
  /** An issuer's certificate by its old key for its new one, between leaf and issuer. */
  readonly selfIssued?: Change;
  /** Another certificate for the issuer's key, sent first. */
  readonly crossed?: Change;
}

const nc = 'RFC 5280 4.2.1.10';
const constrain = (
  id: string,
  expected: ClientCase['expected'],
  names: CertificatePlan['names'],
  permitted?: WritableSubtrees,
  excluded?: WritableSubtrees,
): ClientCase => ({
  id,
  expected,
  clause: nc,
  leaf: { ...(names === undefined ? {} : { names }) },
  issuer: { ...(permitted === undefined ? {} : { permitted }), ...(excluded === undefined ? {} : { excluded }) },
});

type Row = readonly [what: string, name: string, constraint: string | readonly string[], verdict: boolean];

/** Each row twice: as what is permitted, and, turned round, as what is excluded; `never` is refused both ways. */
function both(kind: 'uri' | 'dns' | 'email' | 'ip', rows: readonly Row[]): ClientCase[] {
  return rows.flatMap(([what, name, given, covered]) => {
    const constraints = { [kind]: typeof given === 'string' ? [given] : given };
    return [
      constrain(`${kind}: permitted: ${what}`, covered ? 'accept' : 'reject', { [kind]: [name] }, constraints),
      constrain(
        `${kind}: excluded: ${what}`,
        covered ? 'reject' : 'accept',
        { [kind]: [name] },
        undefined,
        constraints,
      ),
    ];
  });
}

function never(kind: 'uri' | 'dns' | 'email', rows: readonly (readonly [what: string, name: string])[]): ClientCase[] {
  const other = { [kind]: ['other.test'] };
  return rows.flatMap(([what, name]) => [
    constrain(`${kind}: permitted: ${what}`, 'reject', { [kind]: [name] }, { [kind]: ['td.test', ''] }),
    constrain(`${kind}: excluded: ${what}`, 'reject', { [kind]: [name] }, undefined, other),
  ]);
}

const constraints: readonly ClientCase[] = [
  ...both('uri', [
    ['the host', 'spiffe://td.test/web', 'td.test', true],
    ['a host below a host', 'spiffe://a.td.test/web', 'td.test', false],
    ['a host below a domain', 'spiffe://a.td.test/web', '.td.test', true],
    ['a host two below a domain', 'spiffe://b.a.td.test/web', '.td.test', true],
    ['the domain itself', 'spiffe://td.test/web', '.td.test', false],
    ['a host that ends in the same letters', 'spiffe://eviltd.test/web', '.td.test', false],
    ['a host that begins with it', 'spiffe://td.test.evil/web', 'td.test', false],
    ['capitals in the host', 'spiffe://TD.Test/web', 'td.test', true],
    ['capitals in the constraint', 'spiffe://td.test/web', 'TD.TEST', true],
    ['capitals in the domain', 'spiffe://a.td.test/web', '.TD.test', true],
    ['a port', 'https://td.test:8443/web', 'td.test', true],
    ['a user', 'https://me@td.test/web', 'td.test', true],
    ['the host as a user', 'https://td.test@evil.test/web', 'td.test', false],
    ['the host in the path', 'https://evil.test/td.test', 'td.test', false],
    ['the host in the query', 'https://evil.test?td.test', 'td.test', false],
    ['the host in the fragment', 'https://evil.test#td.test', 'td.test', false],
    ['the second of two', 'spiffe://td.test/web', ['other.test', 'td.test'], true],
    ['the first of two', 'spiffe://td.test/web', ['td.test', 'other.test'], true],
    ['every host', 'spiffe://td.test/web', '', true],
    ['no path', 'spiffe://td.test', 'td.test', true],
  ]),
  ...never('uri', [
    ['no authority', 'urn:td.test:web'],
    ['an empty authority', 'spiffe:///web'],
    ['an IPv4 address', 'https://10.1.2.3/'],
    ['an IPv6 address', 'https://[2001:db8::1]/'],
    ['a percent-encoded host', 'spiffe://t%64.test/web'],
    ['a trailing dot', 'spiffe://td.test./web'],
    ['a wildcard', 'spiffe://*.test/web'],
    ['a backslash', 'spiffe://td.test\\@evil.test/'],
  ]),
  ...both('dns', [
    ['the name', 'web.test', 'web.test', true],
    ['a name below', 'a.web.test', 'web.test', true],
    ['the same letters', 'evilweb.test', 'web.test', false],
    ['capitals', 'A.WEB.test', 'web.TEST', true],
    ['a wildcard below', '*.web.test', 'web.test', true],
    ['the second of two', 'web.test', ['other.test', 'web.test'], true],
    ['the first of two', 'web.test', ['web.test', 'other.test'], true],
    ['every name', 'web.test', '', true],
  ]),
  constrain('dns: excluded: what a wildcard stands for', 'reject', { dns: ['*.web.test'] }, undefined, {
    dns: ['a.web.test'],
  }),
  constrain('dns: excluded: the same in capitals', 'reject', { dns: ['*.WEB.test'] }, undefined, {
    dns: ['A.web.TEST'],
  }),
  constrain('dns: permitted: a wildcard wider than it', 'reject', { dns: ['*.test'] }, { dns: ['web.test'] }),
  ...never('dns', [
    ['a trailing dot', 'td.test.'],
    ['a leading dot', '.td.test'],
    ['a wildcard within a label', 'w*.td.test'],
  ]),
  ...both('email', [
    ['the host', 'web@mail.test', 'mail.test', true],
    ['a host below a host', 'web@a.mail.test', 'mail.test', false],
    ['a host below a domain', 'web@a.mail.test', '.mail.test', true],
    ['the domain itself', 'web@mail.test', '.mail.test', false],
    ['the mailbox', 'web@mail.test', 'web@mail.test', true],
    ['another mailbox', 'web@mail.test', 'other@mail.test', false],
    ['capitals in the host', 'web@MAIL.test', 'mail.TEST', true],
    ['capitals before the "@"', 'WEB@mail.test', 'web@mail.test', false],
    ['the first of two (CVE-2026-27137)', 'web@mail.test', ['mail.test', 'other.test'], true],
    ['the second of two', 'web@mail.test', ['other.test', 'mail.test'], true],
  ]),
  ...both('ip', [
    ['a network', '10.1.2.3', '10.0.0.0/8', true],
    ['another network', '10.1.2.3', '11.0.0.0/8', false],
    ['the address', '10.1.2.3', '10.1.2.3/32', true],
    ['a network of half an octet', '10.1.2.19', '10.1.2.16/28', true],
    ['a network of IPv6', '2001:db8::1', '2001:db8::/32', true],
    ['one of the other kind', '10.1.2.3', '::/0', false],
    ['the first of two', '10.1.2.3', ['10.0.0.0/8', '11.0.0.0/8'], true],
  ]),
];

const o = '2.5.4.10';
const cn = '2.5.4.3';
const directory = (...attributes: readonly PlannedAttribute[]): WritableSubtrees => ({
  directory: [{ raw: plannedName(...attributes) }],
});
const subject = plannedName([o, 'Clients'], [cn, 'web']);

const directories: readonly ClientCase[] = [
  {
    id: 'directory: permitted: the beginning',
    expected: 'accept',
    clause: nc,
    leaf: { subject },
    issuer: { permitted: directory([o, 'Clients']) },
  },
  {
    id: 'directory: permitted: in capitals',
    expected: 'accept',
    clause: 'RFC 5280 7.1',
    leaf: { subject },
    issuer: { permitted: directory([o, 'CLIENTS']) },
  },
  {
    id: 'directory: permitted: in another kind of string',
    expected: 'accept',
    clause: 'RFC 5280 7.1',
    leaf: { subject },
    issuer: { permitted: directory([o, 'Clients', 'PrintableString']) },
  },
  {
    id: 'directory: permitted: another',
    expected: 'reject',
    clause: nc,
    leaf: { subject },
    issuer: { permitted: directory([o, 'Others']) },
  },
  {
    id: 'directory: permitted: the end alone',
    expected: 'reject',
    clause: nc,
    leaf: { subject },
    issuer: { permitted: directory([cn, 'web']) },
  },
  {
    id: 'directory: excluded: the beginning',
    expected: 'reject',
    clause: nc,
    leaf: { subject },
    issuer: { excluded: directory([o, 'Clients']) },
  },
  {
    id: 'directory: excluded: in capitals',
    expected: 'reject',
    clause: 'RFC 5280 7.1',
    leaf: { subject },
    issuer: { excluded: directory([o, 'CLIENTS']) },
  },
  {
    id: 'directory: excluded: another',
    expected: 'accept',
    clause: nc,
    leaf: { subject },
    issuer: { excluded: directory([o, 'Others']) },
  },
];

const { clientAuth, serverAuth, anyExtendedKeyUsage, codeSigning } = extendedKeyUsages;
const eku = 'RFC 5280 4.2.1.12';
const usage = (
  id: string,
  expected: ClientCase['expected'],
  leaf: readonly string[] | undefined,
  issuer?: readonly string[],
): ClientCase => ({
  id: `purpose: ${id}`,
  expected,
  clause: eku,
  leaf: leaf === undefined ? {} : { extendedKeyUsage: leaf },
  issuer: issuer === undefined ? {} : { extendedKeyUsage: issuer },
});

const usages: readonly ClientCase[] = [
  usage('client', 'accept', [clientAuth]),
  usage('client and server', 'accept', [serverAuth, clientAuth]),
  usage('server alone', 'reject', [serverAuth]),
  usage('code signing alone', 'reject', [codeSigning]),
  usage('any alone, where mutual-tls asks for the one', 'reject', [anyExtendedKeyUsage]),
  usage('any and client', 'accept', [anyExtendedKeyUsage, clientAuth]),
  usage('the issuer for clients', 'accept', [clientAuth], [clientAuth]),
  usage('the issuer for both', 'accept', [clientAuth], [clientAuth, serverAuth]),
  usage('the issuer for servers alone', 'reject', [clientAuth], [serverAuth]),
  usage('the issuer for code signing', 'reject', [clientAuth], [codeSigning]),
  {
    id: 'purpose: the upper issuer for servers alone',
    expected: 'reject',
    clause: eku,
    upper: { extendedKeyUsage: [serverAuth] },
  },
  {
    id: 'key usage: digitalSignature',
    expected: 'accept',
    clause: 'RFC 5280 4.2.1.3',
    leaf: { keyUsage: ['digitalSignature'] },
  },
  {
    id: 'key usage: keyEncipherment alone',
    expected: 'reject',
    clause: 'RFC 5280 4.2.1.3',
    leaf: { keyUsage: ['keyEncipherment'] },
  },
  {
    id: 'key usage: keyCertSign on the leaf',
    expected: 'reject',
    clause: 'RFC 5280 4.2.1.9',
    leaf: { keyUsage: ['digitalSignature', 'keyCertSign'] },
  },
  {
    id: 'key usage: an issuer without keyCertSign',
    expected: 'reject',
    clause: 'RFC 5280 6.1.4 (n)',
    issuer: { keyUsage: ['cRLSign'] },
  },
  { id: 'authority: a client that is one', expected: 'reject', clause: 'own rule', leaf: { ca: true } },
  { id: 'authority: an issuer that is none', expected: 'reject', clause: 'RFC 5280 6.1.4 (k)', issuer: { ca: false } },
];

const noLength = 'RFC 5280 6.1.4 (l), (m)';
const paths: readonly ClientCase[] = [
  { id: 'path: ordinary', expected: 'accept', clause: 'RFC 5280 6.1' },
  {
    id: 'path: as long as allowed',
    expected: 'accept',
    clause: noLength,
    anchor: { pathLength: 1 },
    issuer: { pathLength: 0 },
  },
  { id: 'path: longer than the anchor allows', expected: 'reject', clause: 'RFC 5937 3.2', anchor: { pathLength: 0 } },
  { id: 'path: longer than an issuer allows', expected: 'reject', clause: noLength, upper: { pathLength: 0 } },
  { id: 'path: three deep', expected: 'accept', clause: noLength, upper: { pathLength: 1 } },
  {
    id: 'path: a self-issued certificate counts for no length',
    expected: 'accept',
    clause: noLength,
    selfIssued: {},
    anchor: { pathLength: 1 },
    issuer: { pathLength: 0 },
  },
  {
    id: 'path: a self-issued certificate is out of time',
    expected: 'reject',
    clause: 'RFC 5280 6.1.3 (a) (2)',
    selfIssued: { notAfter: moment - 1000 },
  },
  {
    id: 'path: crossed, the other way out of time',
    expected: 'accept',
    clause: 'RFC 4158 2.4.1',
    crossed: { notAfter: moment - 1000 },
  },
  {
    id: 'path: crossed, both ways out of time',
    expected: 'reject',
    clause: 'RFC 5280 6.1.3 (a) (2)',
    crossed: { notAfter: moment - 1000 },
    issuer: { notAfter: moment - 1000 },
  },
  { id: 'path: another anchor of the same name', expected: 'reject', clause: 'RFC 5280 6.1.3 (a) (1)', stranger: true },
  {
    id: 'path: the leaf expired',
    expected: 'reject',
    clause: 'RFC 5280 6.1.3 (a) (2)',
    leaf: { notAfter: moment - 1000 },
  },
  {
    id: 'path: the leaf not yet valid',
    expected: 'reject',
    clause: 'RFC 5280 6.1.3 (a) (2)',
    leaf: { notBefore: moment + 1000 },
  },
  {
    id: 'path: the issuer expired',
    expected: 'reject',
    clause: 'RFC 5280 6.1.3 (a) (2)',
    issuer: { notAfter: moment - 1000 },
  },
  { id: 'path: the anchor expired', expected: 'reject', clause: 'RFC 5937 3.2', anchor: { notAfter: moment - 1000 } },
  {
    id: 'path: a changed signature',
    expected: 'reject',
    clause: 'RFC 5280 6.1.3 (a) (1)',
    leaf: { changeSignature: (octets) => octets.with(octets.length - 3, octets.at(-3)! ^ 1) },
  },
  {
    id: 'path: an unknown critical extension',
    expected: 'reject',
    clause: 'RFC 5280 6.1.5 (f)',
    leaf: { more: [plannedExtension('1.3.6.1.4.1.55555.2.2', true, Uint8Array.of(5, 0))] },
  },
  {
    id: 'path: an unknown extension',
    expected: 'accept',
    clause: 'RFC 5280 4.2',
    leaf: { more: [plannedExtension('1.3.6.1.4.1.55555.2.2', false, Uint8Array.of(5, 0))] },
  },
];

const text = (tag: number, letters: string): Uint8Array => encodeElement(tag, new TextEncoder().encode(letters));
const raw = (id: string, ...rawNames: readonly Uint8Array[]): ClientCase => ({
  id: `names: ${id}`,
  expected: 'reject',
  clause: 'RFC 5280 4.2.1.6',
  leaf: { names: { dns: ['web.test'] }, rawNames },
});

const names: readonly ClientCase[] = [
  {
    id: 'names: several URIs',
    expected: 'accept',
    clause: 'RFC 5280 4.2.1.6',
    leaf: { names: { uri: ['spiffe://td.test/web', 'https://td.test/'] } },
  },
  {
    ...constrain(
      'names: the second of two URIs outside',
      'reject',
      { uri: ['spiffe://td.test/web', 'spiffe://evil.test/web'] },
      { uri: ['td.test'] },
    ),
  },
  {
    ...constrain(
      'names: the first of two URIs outside',
      'reject',
      { uri: ['spiffe://evil.test/web', 'spiffe://td.test/web'] },
      { uri: ['td.test'] },
    ),
  },
  {
    ...constrain(
      'names: the second of two mailboxes outside',
      'reject',
      { email: ['web@mail.test', 'web@evil.test'] },
      { email: ['mail.test'] },
    ),
  },
  {
    id: 'names: constraints of the upper issuer',
    expected: 'reject',
    clause: nc,
    leaf: { names: { uri: ['spiffe://evil.test/web'] } },
    upper: { permitted: { uri: ['td.test'] } },
  },
  {
    id: 'names: constraints of the anchor',
    expected: 'reject',
    clause: 'RFC 5937 3.2',
    leaf: { names: { uri: ['spiffe://evil.test/web'] } },
    anchor: { permitted: { uri: ['td.test'] } },
  },
  {
    id: 'names: the issuer cannot widen what is above',
    expected: 'reject',
    clause: 'RFC 5280 6.1.4 (g)',
    leaf: { names: { uri: ['spiffe://evil.test/web'] } },
    upper: { permitted: { uri: ['td.test'] } },
    issuer: { permitted: { uri: ['evil.test'] } },
  },
  {
    id: 'names: none, and no subject',
    expected: 'reject',
    clause: 'RFC 5280 4.2.1.6',
    leaf: { subject: plannedName() },
  },
  raw('a URI with a NUL', text(0x86, 'spiffe://td.test/web\0.evil')),
  raw('a DNS name with a NUL', text(0x82, 'web.test\0.evil')),
  raw('a mailbox with a NUL', text(0x81, 'web@mail.test\0.evil')),
  raw('a URI beyond ASCII', text(0x86, 'spiffe://td.test/w\u00e9b')),
  raw('a DNS name beyond ASCII', text(0x82, 'w\u00e9b.test')),
  raw('an empty URI', text(0x86, '')),
  raw('a URI with a space', text(0x86, 'spiffe://td.test/we b')),
  raw('an address of 5 octets', encodeElement(0x87, Uint8Array.of(1, 2, 3, 4, 5))),
];

export const clientCases: readonly ClientCase[] = [...constraints, ...directories, ...usages, ...paths, ...names];
