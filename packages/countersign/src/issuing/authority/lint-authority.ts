/** The rules for the authority's own signing certificates: the root and the issuer. */
import { equalBytes } from '../../ground/encoding/index.ts';
import { extensionOids } from '../../identity/x509/index.ts';
import type { IssuerFacts } from './key-certificate.ts';
import { lint, type LintRule } from './lint.ts';
import { everyRule, hasExactly } from './lint-rules.ts';
import type { LintedCertificate } from './linted-certificate.ts';

interface Context {
  readonly trustDomain: string;
  readonly pathLength: number;
  readonly selfSigned: boolean;
}

const written: readonly string[] = [
  extensionOids.basicConstraints,
  extensionOids.keyUsage,
  extensionOids.subjectAltName,
  extensionOids.subjectKeyIdentifier,
  extensionOids.authorityKeyIdentifier,
];

const authorityRules: readonly LintRule<Context>[] = [
  ...everyRule,
  {
    rule: 'it is an authority with the path length of its place',
    clause: 'RFC 5280 4.2.1.9',
    holds: ({ certificate }, { pathLength }) =>
      certificate.basicConstraints?.ca === true && certificate.basicConstraints.pathLength === pathLength,
  },
  {
    rule: 'its key signs certificates and revocation lists and nothing else',
    clause: 'RFC 5280 4.2.1.3',
    holds: ({ certificate }) => hasExactly(certificate.keyUsage, ['keyCertSign', 'cRLSign']),
  },
  {
    rule: 'its subject is not empty',
    clause: 'RFC 5280 4.1.2.6',
    holds: ({ certificate }) => certificate.subject.text !== '',
  },
  {
    rule: 'its SPIFFE ID is the trust domain, without a path',
    clause: 'X509-SVID 3.2',
    holds: ({ certificate: { subjectAltName } }, { trustDomain }) =>
      hasExactly(subjectAltName.uri, [`spiffe://${trustDomain}`]),
  },
  {
    rule: 'the root signs itself, and nobody else does',
    clause: 'RFC 5280 3.2',
    holds: ({ certificate, issuer }, { selfSigned }) =>
      equalBytes(certificate.publicKey.raw, issuer.publicKey) === selfSigned &&
      equalBytes(certificate.subject.raw, certificate.issuer.raw) === selfSigned,
  },
  {
    rule: 'it has the extensions of an authority and no other',
    clause: 'own rule: what is not looked at is not signed',
    holds: ({ certificate }) =>
      hasExactly(
        certificate.extensions.map(({ oid }) => oid),
        written,
      ),
  },
];

export function lintAuthority(toBeSigned: Uint8Array, issuer: IssuerFacts, context: Context): LintedCertificate {
  return lint(toBeSigned, issuer, authorityRules, context);
}
