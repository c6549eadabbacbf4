/** The rules of the profiles beside those of the path itself, each with its clause. */
import { type Certificate, isSelfIssued } from '../certificate.ts';
import { extendedKeyUsages, extensionOids as oids } from '../extensions.ts';
import { noRevAvailConflict } from '../extensions/no-rev-avail.ts';
import { anyPolicy } from '../extensions/policies.ts';
import { noNames, otherKinds } from '../general-names.ts';
import { isDnsName } from '../names/dns-name.ts';
import type { PathProfile } from './path-input.ts';

/** `issuer` is every authority below the anchor. */
export type PathPlace = 'end-entity' | 'issuer' | 'anchor';

export interface ProfileRule {
  /** What is wrong where it is broken. */
  readonly rule: string;
  readonly clause: string;
  breaks(certificate: Certificate, place: PathPlace): boolean;
}

const critical = (certificate: Certificate, oid: string): boolean | undefined =>
  certificate.extensions.find((extension) => extension.oid === oid)?.critical;

const isAuthority = (certificate: Certificate): boolean => certificate.basicConstraints?.ca === true;

const mustBeCritical = (name: string, oid: string, clause: string): ProfileRule => ({
  rule: `${name} that is not critical`,
  clause,
  breaks: (certificate) => critical(certificate, oid) === false,
});

const mustNotBeCritical = (name: string, oid: string, clause: string): ProfileRule => ({
  rule: `${name} that is critical`,
  clause,
  breaks: (certificate) => critical(certificate, oid) === true,
});

/** Of every profile but section 6 alone: what an authority's key may do must not stand on a service. */
const keyCertSignWithoutAuthority: ProfileRule = {
  rule: 'keyCertSign without cA',
  clause: 'RFC 5280 4.2.1.9',
  breaks: (certificate) => certificate.keyUsage?.includes('keyCertSign') === true && !isAuthority(certificate),
};

const uniqueIdentifier: ProfileRule = {
  rule: 'a unique identifier',
  clause: 'RFC 5280 4.1.2.8',
  breaks: ({ uniqueIdentifiers }) => uniqueIdentifiers,
};

/** Whoever says both leaves it to the reader's taste whether revocation is asked. */
const contradictoryNoRevAvail: ProfileRule = {
  rule: 'noRevAvail on an authority, or beside a place where revocation is told',
  clause: 'RFC 9608 2, 3',
  breaks: (certificate) => noRevAvailConflict(certificate) !== undefined,
};

const nameConstraintsCritical = mustBeCritical('nameConstraints', oids.nameConstraints, 'RFC 5280 4.2.1.10');

/** What section 4 demands of a conforming authority, as far as others can see it; what decodes to nothing else is refused in parsing. */
const rfc5280: readonly ProfileRule[] = [
  keyCertSignWithoutAuthority,
  uniqueIdentifier,
  contradictoryNoRevAvail,
  {
    rule: 'a time before 2050 as GeneralizedTime',
    clause: 'RFC 5280 4.1.2.5',
    breaks: ({ earlyGeneralizedTime }) => earlyGeneralizedTime,
  },
  {
    rule: 'an authority with an empty subject',
    clause: 'RFC 5280 4.1.2.6',
    breaks: (certificate) => isAuthority(certificate) && certificate.subject.isEmpty,
  },
  {
    rule: 'no authorityKeyIdentifier with the key of the issuer',
    clause: 'RFC 5280 4.2.1.1',
    breaks: (certificate) =>
      certificate.authorityKeyIdentifier === undefined &&
      // What is self-signed, as far as it says, may leave it out, but not write it without the key.
      (!isSelfIssued(certificate) || critical(certificate, oids.authorityKeyIdentifier) !== undefined),
  },
  {
    rule: 'an authority without subjectKeyIdentifier',
    clause: 'RFC 5280 4.2.1.2',
    breaks: (certificate) => isAuthority(certificate) && certificate.subjectKeyIdentifier === undefined,
  },
  mustNotBeCritical('authorityKeyIdentifier', oids.authorityKeyIdentifier, 'RFC 5280 4.2.1.1'),
  mustNotBeCritical('subjectKeyIdentifier', oids.subjectKeyIdentifier, 'RFC 5280 4.2.1.2'),
  mustNotBeCritical('subjectDirectoryAttributes', oids.subjectDirectoryAttributes, 'RFC 5280 4.2.1.8'),
  mustNotBeCritical('freshestCRL', oids.freshestCRL, 'RFC 5280 4.2.1.15'),
  mustNotBeCritical('authorityInfoAccess', oids.authorityInfoAccess, 'RFC 5280 4.2.2.1'),
  mustNotBeCritical('subjectInfoAccess', oids.subjectInfoAccess, 'RFC 5280 4.2.2.2'),
  mustBeCritical('policyConstraints', oids.policyConstraints, 'RFC 5280 4.2.1.11'),
  mustBeCritical('inhibitAnyPolicy', oids.inhibitAnyPolicy, 'RFC 5280 4.2.1.14'),
  {
    rule: "an authority's basicConstraints that is not critical",
    clause: 'RFC 5280 4.2.1.9',
    breaks: (certificate) => isAuthority(certificate) && critical(certificate, oids.basicConstraints) === false,
  },
  {
    rule: "an authority's keyUsage without keyCertSign under a pathLenConstraint",
    clause: 'RFC 5280 4.2.1.9',
    breaks: ({ basicConstraints, keyUsage }) =>
      basicConstraints?.pathLength !== undefined && keyUsage?.includes('keyCertSign') === false,
  },
  {
    rule: 'nameConstraints on what is no authority',
    clause: 'RFC 5280 4.2.1.10',
    breaks: (certificate) => certificate.nameConstraints !== undefined && !isAuthority(certificate),
  },
  {
    rule: 'policyMappings on what is no authority',
    clause: 'RFC 5280 4.2.1.5',
    breaks: (certificate) => certificate.policyMappings !== undefined && !isAuthority(certificate),
  },
  {
    rule: 'a subjectAltName that breaks the form of its kind',
    clause: 'RFC 5280 4.2.1.6',
    breaks: ({ subjectAltName: { dns, email, uri } }) =>
      // The preferred syntax has no underscore (RFC 1034, 3.5); a wildcard stands for names of that syntax.
      dns.some((name) => name.includes('_') || !isDnsName(name.replace(/^\*\./, ''))) ||
      email.some((mailbox) => !/^[^@]+@[^@]+$/.test(mailbox) || !isDnsName(mailbox.split('@')[1] ?? '')) ||
      uri.some((text) => !/^[a-z][a-z0-9+.-]*:./i.test(text)),
  },
];

const webSignatures: ReadonlySet<string> = new Set([
  'sha256WithRSAEncryption',
  'sha384WithRSAEncryption',
  'sha512WithRSAEncryption',
  'RSASSA-PSS-SHA256',
  'RSASSA-PSS-SHA384',
  'RSASSA-PSS-SHA512',
  'ecdsa-with-SHA256',
  'ecdsa-with-SHA384',
  'ecdsa-with-SHA512',
]);
const webKeys: ReadonlySet<string> = new Set(['RSA', 'P-256', 'P-384', 'P-521']);

const atLeaf = (breaks: (leaf: Certificate) => boolean): ProfileRule['breaks'] => {
  return (certificate, place) => place === 'end-entity' && breaks(certificate);
};

const atAnchor = (breaks: (anchor: Certificate) => boolean): ProfileRule['breaks'] => {
  return (certificate, place) => place === 'anchor' && breaks(certificate);
};

/** CA/Browser Forum, Baseline Requirements for TLS server certificates 2.1: what a certificate shows of them. */
const baseline: readonly ProfileRule[] = [
  {
    rule: 'a key or signature that the public Web does not use',
    clause: 'BR 6.1.5, 7.1.3',
    breaks: ({ publicKey: { type, bits }, signatureAlgorithm }) =>
      !webKeys.has(type) || !webSignatures.has(signatureAlgorithm) || (type === 'RSA' && bits % 8 !== 0),
  },
  {
    rule: 'a root whose authorityKeyIdentifier is other than its own key alone',
    clause: 'BR 7.1.2.1.3',
    breaks: atAnchor(
      (root) =>
        root.authorityCertificate !== undefined ||
        (root.authorityKeyIdentifier !== undefined &&
          isSelfIssued(root) &&
          root.authorityKeyIdentifier !== root.subjectKeyIdentifier),
    ),
  },
  mustNotBeCritical('extendedKeyUsage', oids.extendedKeyUsage, 'BR 7.1.2.7.6, 7.1.2.10'),
  mustNotBeCritical('certificatePolicies', oids.certificatePolicies, 'BR 7.1.2.7.6, 7.1.2.10'),
  mustNotBeCritical('crlDistributionPoints', oids.crlDistributionPoints, 'BR 7.1.2.11.2'),
  {
    // It must be critical, too, which readers can do without: many a root of the Web is older than that.
    rule: 'an authority without keyUsage',
    clause: 'BR 7.1.2.10.7',
    breaks: ({ keyUsage }, place) => place !== 'end-entity' && keyUsage === undefined,
  },
  {
    rule: 'a root with extendedKeyUsage',
    clause: 'BR 7.1.2.1.2',
    breaks: atAnchor((root) => root.extendedKeyUsage !== undefined),
  },
  {
    rule: 'a server without extendedKeyUsage, or for any purpose',
    clause: 'BR 7.1.2.7.10',
    breaks: atLeaf(
      ({ extendedKeyUsage }) =>
        extendedKeyUsage === undefined || extendedKeyUsage.includes(extendedKeyUsages.anyExtendedKeyUsage),
    ),
  },
  {
    rule: 'a server without alternative names, or with others than of DNS and addresses',
    clause: 'BR 7.1.2.7.12',
    breaks: atLeaf(
      ({ subjectAltName: names }) => names === noNames || names.uri.length > 0 || otherKinds(names).length > 0,
    ),
  },
  {
    rule: 'a critical subjectAltName beside a subject',
    clause: 'BR 7.1.2.7.12',
    breaks: atLeaf((leaf) => !leaf.subject.isEmpty && critical(leaf, oids.subjectAltName) === true),
  },
  {
    rule: 'a common name that is not, character for character, one of the alternative names',
    clause: 'BR 7.1.4.3',
    breaks: atLeaf(({ subject, subjectAltName: { dns, ip } }) =>
      subject.relativeNames
        .flat()
        .some(({ oid, text }) => oid === '2.5.4.3' && !(dns.includes(text ?? '') || ip.includes(text ?? ''))),
    ),
  },
  {
    rule: 'any policy on an end-entity',
    clause: 'BR 7.1.2.7.9',
    breaks: atLeaf(
      ({ certificatePolicies }) => certificatePolicies?.some(({ policy }) => policy === anyPolicy) === true,
    ),
  },
];

const rules: Readonly<Record<PathProfile, readonly ProfileRule[]>> = {
  'mutual-tls': [keyCertSignWithoutAuthority, uniqueIdentifier, contradictoryNoRevAvail],
  'rfc5280-section-6': [],
  rfc5280: [...rfc5280, nameConstraintsCritical],
  // The Web takes name constraints that are not critical, by an exception of its own (BR 7.1.2.5.2).
  webpki: [...rfc5280, ...baseline],
};

export function isPathProfile(profile: string): profile is PathProfile {
  return Object.hasOwn(rules, profile);
}

export function rulesOf(profile: PathProfile): readonly ProfileRule[] {
  return rules[profile];
}

/** The first rule of the profile that `certificate` breaks at its place. */
export function brokenRule(certificate: Certificate, place: PathPlace, profile: PathProfile): ProfileRule | undefined {
  return rulesOf(profile).find((rule) => rule.breaks(certificate, place));
}
