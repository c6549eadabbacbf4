/** The rules for end-entity certificates, those of services and the authority's own. */
import { equalBytes } from '../../ground/encoding/index.ts';
import { extensionOids, otherKinds } from '../../identity/x509/index.ts';
import { listNames, grantNames } from './names.ts';
import { lint, type LintRule } from './lint.ts';
import { addedExtensions, profileRules } from './lint-profile-rules.ts';
import { everyRule, hasExactly, isCritical } from './lint-rules.ts';
import type { IssuerFacts } from './key-certificate.ts';
import { canServe, requireAllowedKey } from './key-rules.ts';
import { isMailboxLike } from './mailbox.ts';
import { requirePermittedNames } from './permitted-names.ts';
import type { LintedCertificate } from './linted-certificate.ts';
import { backdateMs, type Profile } from './profile.ts';
import { encodeSubject } from './to-be-signed.ts';

interface Context {
  readonly profile: Profile;
  readonly trustDomain: string;
}

const written: readonly string[] = [
  extensionOids.basicConstraints,
  extensionOids.keyUsage,
  extensionOids.extendedKeyUsage,
  extensionOids.subjectAltName,
  extensionOids.subjectKeyIdentifier,
  extensionOids.authorityKeyIdentifier,
];

export const endEntityRules: readonly LintRule<Context>[] = [
  ...everyRule,
  {
    rule: 'it is no authority',
    clause: 'RFC 5280 4.2.1.9; X509-SVID 4.1',
    holds: ({ certificate }) =>
      certificate.basicConstraints?.ca === false && certificate.basicConstraints.pathLength === undefined,
  },
  {
    rule: "its key is of a type and size of its profile's",
    clause: 'own rule: see the profile; NIST SP 800-131A',
    holds: ({ certificate: { publicKey } }, { profile }) => {
      requireAllowedKey(publicKey, profile);
      return true;
    },
  },
  {
    rule: 'its key signs, and does no more than its profile says and its type can: neither certificates nor revocation lists',
    clause: 'X509-SVID 4.3; RFC 3279 2.3.1; RFC 5480 3; RFC 8410 5; RFC 9881 5',
    holds: ({ certificate: { keyUsage, publicKey } }, { profile }) =>
      keyUsage?.includes('digitalSignature') === true &&
      hasExactly(
        keyUsage,
        profile.keyUsage.filter((usage) => canServe(publicKey.type, usage)),
      ),
  },
  {
    rule: 'it has exactly the purposes of its profile, critical exactly where the profile says so',
    clause: 'RFC 5280 4.2.1.12; X509-SVID 4.4',
    holds: ({ certificate }, { profile }) =>
      hasExactly(certificate.extendedKeyUsage, profile.extendedKeyUsage) &&
      isCritical(certificate, extensionOids.extendedKeyUsage) === profile.extendedKeyUsageCritical,
  },
  {
    rule: 'it has exactly one URI name and no name of a kind that the profile does not know',
    clause: 'X509-SVID 2; RFC 5280 4.2.1.6',
    holds: ({ certificate: { subjectAltName } }, { profile }) =>
      subjectAltName.uri.length === 1 &&
      otherKinds(subjectAltName).length === (knowsMailboxes(profile) ? subjectAltName.email.length : 0),
  },
  {
    rule: 'each of its names passes the policy on names',
    clause: 'own rule: the policy holds for every source of names',
    holds: ({ certificate }, { profile, trustDomain }) => {
      const names = listNames(certificate.subjectAltName);
      return hasExactly(listNames(grantNames(names, trustDomain, profile)), names);
    },
  },
  {
    rule: 'each of its names is within the constraints on its issuer and on all above',
    clause: 'RFC 5280 4.2.1.10, 6.1.3 (b), (c)',
    holds: ({ certificate, issuer }) => {
      requirePermittedNames(certificate, issuer);
      return true;
    },
  },
  {
    rule: 'the subject is what its profile makes of its names, and repeats no other',
    clause: 'RFC 5280 4.1.2.6; CA/Browser Forum BR 7.1.4.3',
    holds: ({ certificate: { subject, subjectAltName }, issuer }, { profile }) =>
      equalBytes(subject.raw, encodeSubject(profile, subjectAltName.dns, issuer)),
  },
  {
    rule: 'the names are critical exactly where the subject is empty',
    clause: 'RFC 5280 4.2.1.6',
    holds: ({ certificate }) => isCritical(certificate, extensionOids.subjectAltName) === certificate.subject.isEmpty,
  },
  {
    rule: "its life is within the profile's",
    clause: 'own rule: see the profile',
    holds: ({ certificate: { notBefore, notAfter } }, { profile }) =>
      notAfter - notBefore <= profile.life.longestMs + backdateMs,
  },
  {
    rule: "its key is not the issuer's",
    clause: 'own rule: a service must not sign as the authority',
    holds: ({ certificate, issuer }) => !equalBytes(certificate.publicKey.raw, issuer.publicKey),
  },
  ...profileRules,
  {
    rule: 'it has the extensions of the profile and no other',
    clause: 'own rule: what is not looked at is not signed',
    holds: ({ certificate }, { profile }) =>
      hasExactly(
        certificate.extensions.map(({ oid }) => oid),
        [...written, ...addedExtensions(profile)],
      ),
  },
];

function knowsMailboxes({ names: { email, fixed } }: Profile): boolean {
  return email.length > 0 || fixed.some(isMailboxLike);
}

export function lintEndEntity(toBeSigned: Uint8Array, issuer: IssuerFacts, context: Context): LintedCertificate {
  return lint(toBeSigned, issuer, endEntityRules, context);
}
