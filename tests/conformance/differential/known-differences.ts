/**
 * Where another judges otherwise than RFC 5280 and the library, each with its reason. A difference is recognized by what the generator knows of the
 * chain, never by the answer. One that is not listed fails the test, and so does an entry that explains none.
 */
import type { Chain } from './chain.ts';
import type { JudgeName } from './judges.ts';

export interface KnownDifference {
  readonly judge: Exclude<JudgeName, 'countersign'>;
  /** What the other does. */
  readonly says: 'accept' | 'reject';
  /** One of `traits.ts`, for a sound chain. */
  readonly trait?: string;
  /** Names of `flaws.ts`, each with the place where it differs, where it does not everywhere. */
  readonly flaws?: readonly string[];
  /** Where a flaw is seen otherwise only together with it. */
  readonly with?: string;
  readonly reason: string;
}

const asked = {
  endsNow: 'ends now',
  anyOnLeaf: 'any purpose, and not the one asked for, on the leaf',
  anyOnIssuer: 'any purpose, and not the one asked for, on an issuer',
} as const;

const openssl: readonly Omit<KnownDifference, 'judge'>[] = [
  {
    says: 'reject',
    trait: asked.endsNow,
    reason: 'takes notAfter for the first moment that is too late; RFC 5280 (4.1.2.5) includes it',
  },
  {
    says: 'reject',
    trait: asked.anyOnLeaf,
    reason:
      'asks the end-entity for the purpose itself; RFC 5280 (4.2.1.12) lets an application take any, and rfc5280-section-6 does',
  },
  {
    says: 'reject',
    trait: asked.anyOnIssuer,
    reason: 'anyExtendedKeyUsage on an authority counts for no purpose; by RFC 5280 (4.2.1.12) it restricts nothing',
  },
  {
    says: 'reject',
    trait: 'key identifier of another key',
    reason:
      'takes no issuer whose key identifier differs; RFC 5280 makes it a help in building (4.2.1.1) and no step of validation (6.1)',
  },
  {
    says: 'reject',
    trait: 'two keys under the name of an issuer, and no identifier to tell them apart',
    reason: 'stays with the first issuer of the right name; we try the next (RFC 4158, 2.4.1)',
  },
  {
    says: 'reject',
    trait: 'leaf key without digitalSignature',
    reason:
      'a client must be able to sign; section 6 does not look at the usage of the end-entity, and mutual-tls does',
  },
  {
    says: 'reject',
    trait: 'URI with a user',
    reason: 'takes "user@host" for the host of a URI; RFC 3986 (3.2) ends the user at the "@"',
  },
  {
    says: 'accept',
    flaws: ['uri inside what is excluded'],
    with: 'URI with a user',
    reason: 'takes "user@host" for the host of a URI, so that a user hides an excluded host',
  },
  {
    says: 'accept',
    flaws: ['URI without a host under constraints on URIs'],
    reason: 'takes an IP address for a host; RFC 5280 (4.2.1.10) refuses a URI without a domain name',
  },
  {
    says: 'accept',
    flaws: ['wildcard that stands for an excluded name'],
    reason:
      'compares the wildcard as a text; we refuse what could stand for an excluded name (as Go since CVE-2025-61727)',
  },
  {
    says: 'accept',
    flaws: ['wildcard that is a part of its label alone'],
    reason: 'lets "w*" stand for "web"; RFC 9525 (6.3) wants a wildcard to be the whole first label',
  },
  {
    says: 'accept',
    flaws: ['PSS with a salt of another length than its hash'],
    reason: 'verifies any salt; RFC 4055 (3.1) recommends that of the hash, and we know no other',
  },
  {
    says: 'accept',
    flaws: ['issuer without basicConstraints @anchor'],
    reason: 'takes keyCertSign, or being self-signed, for an authority where -x509_strict is not asked for',
  },
  {
    says: 'accept',
    flaws: ['policy required by the anchor missing'],
    reason: "leaves the anchor's own policy constraints aside; RFC 5937 (3.2) applies them",
  },
  {
    says: 'accept',
    flaws: [
      'no subject and no critical name',
      'serial number zero',
      'serial number negative',
      'serial number of 21 octets',
    ],
    reason: 'what section 4 asks of issuers is left to -x509_strict, and serial numbers are not looked at',
  },
  {
    says: 'accept',
    flaws: ['version 2 with extensions'],
    reason: 'extensions are read in any version; RFC 5280 (4.1.2.9) wants version 3',
  },
  {
    says: 'accept',
    flaws: [
      'criticality FALSE written out',
      'criticality TRUE written as 1',
      'length in more octets than it needs',
      'octets behind the value of an extension',
    ],
    reason: 'reads BER; a certificate is DER (RFC 5280, 4.1)',
  },
  {
    says: 'accept',
    flaws: ['extension twice'],
    reason: 'looks for repetition only where it reads an extension; RFC 5280 (4.2) forbids it for all',
  },
  {
    says: 'accept',
    flaws: ['path length without an authority @leaf', 'subjectAltName that is empty', 'extendedKeyUsage that is empty'],
    reason: 'without -x509_strict an extension that says nothing is taken for absent',
  },
  {
    says: 'accept',
    flaws: ['a name with a NUL', 'a name beyond ASCII', 'an address of 5 octets'],
    reason:
      'names are read where they are asked for; we refuse a certificate that could be read in two ways (CVE-2021-44532)',
  },
];

const go: readonly Omit<KnownDifference, 'judge'>[] = [
  {
    says: 'reject',
    trait: 'issuer written otherwise',
    reason: 'compares names as octets; RFC 5280 (7.1) ignores letter case, kinds of string and insignificant spaces',
  },
  {
    says: 'reject',
    trait: 'directory constraint',
    reason: 'processes no constraints on directory names, and so refuses them where they are critical',
  },
  {
    says: 'reject',
    trait: 'more certificates below than the path length, with self-issued ones',
    reason: 'counts self-issued certificates; RFC 5280 (6.1.4 (l)) does not',
  },
  {
    says: 'reject',
    trait: 'URI constraint of a parent domain',
    reason: 'takes "example.test" for all hosts below it; RFC 5280 (4.2.1.10) has ".example.test" for that',
  },
  {
    says: 'reject',
    trait: 'mailbox constraint of a parent domain',
    reason:
      'takes "example.test" for the mailboxes at all hosts below it; RFC 5280 (4.2.1.10) has ".example.test" for that',
  },
  {
    says: 'accept',
    flaws: ['uri outside what is permitted'],
    with: 'URI constraint of a parent domain',
    reason: 'takes "example.test" for all hosts below it; RFC 5280 (4.2.1.10) has ".example.test" for that',
  },
  {
    says: 'accept',
    flaws: ['email outside what is permitted'],
    with: 'mailbox constraint of a parent domain',
    reason:
      'takes "example.test" for the mailboxes at all hosts below it; RFC 5280 (4.2.1.10) has ".example.test" for that',
  },
  {
    says: 'accept',
    flaws: ['RSA key of 1024 bits'],
    reason: 'takes RSA from 1024 bits; we take it from 2048 unless told otherwise by name',
  },
  {
    says: 'accept',
    flaws: ['policy required by the anchor missing'],
    reason: "leaves the anchor's own policy constraints aside; RFC 5937 (3.2) applies them",
  },
  {
    says: 'accept',
    flaws: [
      'no subject and no critical name',
      'serial number zero',
      'serial number negative',
      'serial number of 21 octets',
      'path length without an authority @leaf',
      'subjectAltName that is empty',
      'extendedKeyUsage that is empty',
      'keyUsage without a bit',
    ],
    reason: 'what section 4 asks of issuers is not looked at',
  },
  {
    says: 'accept',
    flaws: ['version 2 with extensions @leaf'],
    reason: 'extensions are read in any version; RFC 5280 (4.1.2.9) wants version 3',
  },
  {
    says: 'accept',
    flaws: ['criticality FALSE written out', 'octets behind the value of an extension'],
    reason: 'reads what is not DER in these places (X.690, 11.5, 8.1)',
  },
  {
    says: 'accept',
    flaws: ['a name with a NUL'],
    reason: 'names are compared whole, and a NUL is a letter in them; we refuse one that C would read as another',
  },
];

const peculiar: readonly Omit<KnownDifference, 'judge'>[] = [
  {
    says: 'reject',
    trait: 'issuer written otherwise',
    reason: 'compares names as text; RFC 5280 (7.1) ignores letter case, kinds of string and insignificant spaces',
  },
  {
    says: 'reject',
    trait: 'key identifier of another key',
    reason: 'takes no issuer whose key identifier differs; RFC 5280 (4.2.1.1) makes it a help in building',
  },
  {
    says: 'reject',
    trait: 'keys of P-256 and of P-384 under one name',
    reason: 'throws where a signature of P-384 is tried with a key of P-256, and looks at no further issuer',
  },
];

export const knownDifferences: readonly KnownDifference[] = [
  ...openssl.map((entry) => ({ judge: 'openssl', ...entry }) as const),
  ...go.map((entry) => ({ judge: 'go', ...entry }) as const),
  ...peculiar.map((entry) => ({ judge: 'peculiar', ...entry }) as const),
];

/** Whether `entry` is about this chain. */
export function concerns(entry: KnownDifference, { flaw, traits }: Chain): boolean {
  if (flaw === undefined) return entry.says === 'reject' && entry.trait !== undefined && traits.has(entry.trait);
  if (entry.says !== 'accept') return false;
  const named = entry.flaws?.some((name) => name === flaw.name || name === `${flaw.name} @${flaw.place}`) === true;
  return named && (entry.with === undefined || traits.has(entry.with));
}
