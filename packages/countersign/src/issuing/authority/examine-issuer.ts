/** Whether a certificate can be the issuer of an authority: the path to its anchor is tried with what the authority would issue, before any of it is. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import { equalBytes, toHex } from '../../ground/encoding/index.ts';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import {
  type Certificate,
  encodeSigned,
  extendedKeyUsages,
  parseCertificate,
  type PathPurpose,
  type PublicKeyInfo,
  type SignatureAlgorithm,
  validatePath,
} from '../../identity/x509/index.ts';
import { generatePrivateKey, verifySignature } from '../../runtime/cryptography/index.ts';
import { issuerFacts } from './key-certificate.ts';
import { isPermitted } from './permitted-names.ts';
import { feedSigningProfile, type Profile, serviceProfile } from './profile.ts';
import { randomSerialNumber } from './serial-number.ts';
import { encodeEndEntity } from './to-be-signed.ts';

export interface IssuerQuestion {
  readonly certificate: Certificate;
  readonly signatureAlgorithm: SignatureAlgorithm;
  /** Those that may stand between, in any order, among others. */
  readonly others: readonly Certificate[];
  readonly anchor: Certificate;
  readonly trustDomain: string;
  readonly nowMs: number;
}

export interface ExaminedIssuer {
  /** Between the issuer and the anchor, the issuer's own issuer first. */
  readonly above: readonly Certificate[];
  /** What a person should know, in sentences; none of it stands in the way. */
  readonly warnings: readonly string[];
}

/** Endpoints take as many beside a message of the feed, the issuer among them. */
const mostAbove = 3;

const dayMs = 24 * 3_600_000;
/** 30 days: what it takes to have another certified by people who meet for it. Own choice. */
const shortLifeMs = 30 * dayMs;

/** @throws CS-ISSUER-003 to -007 */
export function examineIssuer(question: IssuerQuestion): ExaminedIssuer {
  const { certificate, anchor } = question;
  requireAuthority(certificate);
  const above = tried(question, 'server', serviceProfile).slice(2, -1);
  // The path that will be handed out, and no other.
  tried({ ...question, others: above }, 'client', serviceProfile);
  tried({ ...question, others: above }, 'feed', feedSigningProfile);
  if (above.length > mostAbove) throw noPath(question, `more than ${mostAbove} certificates between it and the anchor`);
  return { above, warnings: warningsOf(question, [certificate, ...above, anchor]) };
}

function requireAuthority({ subject, basicConstraints, keyUsage, subjectKeyIdentifier }: Certificate): void {
  const broken = (rule: string, clause: string): Refusal =>
    new Refusal('CS-ISSUER-003', { subject: subject.text, rule, clause });
  if (subject.isEmpty) throw broken('it has a subject', 'RFC 5280 4.1.2.6');
  if (basicConstraints?.ca !== true) throw broken('basicConstraints say CA:TRUE', 'RFC 5280 4.2.1.9');
  if (keyUsage?.includes('keyCertSign') === false) throw broken('keyUsage has keyCertSign', 'RFC 5280 4.2.1.3');
  if ((subjectKeyIdentifier ?? '') === '') throw broken('it has a subjectKeyIdentifier', 'RFC 5280 4.2.1.2');
}

/** The path of a certificate as the authority would issue it: nobody signs it, and its signature alone is taken for good. */
function tried(question: IssuerQuestion, purpose: PathPurpose, profile: Profile): readonly Certificate[] {
  const { certificate, others, anchor, nowMs } = question;
  const leaf = trial(question, profile);
  // Of a key that has several certificates the one in question counts.
  const own = [certificate, anchor].map(({ publicKey }) => toHex(publicKey.raw));
  try {
    return validatePath({
      leaf,
      intermediates: [certificate, ...others.filter(({ publicKey }) => !own.includes(toHex(publicKey.raw)))],
      anchors: [anchor],
      at: nowMs,
      purpose,
      verifySignature: (key: PublicKeyInfo, algorithm, signed, signature) =>
        (signed === leaf.tbs && equalBytes(key.raw, certificate.publicKey.raw)) ||
        verifySignature(key, algorithm, signed, signature),
    }).certificates;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw explained(error, question, purpose);
  }
}

function trial({ certificate, signatureAlgorithm, trustDomain, nowMs }: IssuerQuestion, profile: Profile): Certificate {
  const issuer = issuerFacts(certificate, signatureAlgorithm, []);
  const spiffeId = `spiffe://${trustDomain}/countersign/trial`;
  const seconds = Math.floor(nowMs / 1000) * 1000;
  const toBeSigned = encodeEndEntity({
    serialNumber: randomSerialNumber(),
    issuer,
    profile,
    names: { dns: [], uri: [spiffeId], ip: [], email: [], spiffeId },
    notBeforeMs: seconds,
    notAfterMs: seconds + profile.life.shortestMs,
    publicKey: generatePrivateKey('P-256').publicKey.raw,
  });
  return parseCertificate(encodeSigned(toBeSigned, signatureAlgorithm, unsignedForm(signatureAlgorithm)));
}

/** A signature of the right form that signs nothing: two INTEGERs for ECDSA (RFC 3279, 2.2.3), 64 octets for Ed25519 (RFC 8032, 5.1.6). */
function unsignedForm(algorithm: SignatureAlgorithm): Uint8Array {
  return algorithm === 'Ed25519' ? new Uint8Array(64) : Uint8Array.of(0x30, 6, 2, 1, 1, 2, 1, 1);
}

/** What a peer would be told, told to whoever can have another certificate made. */
function explained(refusal: Refusal, question: IssuerQuestion, purpose: PathPurpose): Refusal {
  const { certificate, others, anchor, nowMs } = question;
  const fact = (name: string): string => String(refusal.evidence[name] ?? '');
  const cause = { cause: refusal };
  switch (refusal.code) {
    case 'CS-PATH-002':
    case 'CS-PATH-003': {
      const ended = [certificate, ...others, anchor].find(
        ({ notBefore, notAfter }) => nowMs < notBefore || nowMs >= notAfter + 1000,
      );
      const { subject, notBefore, notAfter } = ended ?? certificate;
      const dates = { notBefore: toRfc3339(notBefore), notAfter: toRfc3339(notAfter), now: toRfc3339(nowMs) };
      return new Refusal('CS-ISSUER-006', { subject: subject.text, ...dates }, cause);
    }
    case 'CS-PATH-005':
      return new Refusal(
        'CS-ISSUER-003',
        { subject: fact('issuer'), rule: fact('rule'), clause: 'RFC 5280 6.1.4 (k), (n)' },
        cause,
      );
    case 'CS-PATH-006': {
      const rule = `a path length of at least ${fact('intermediates')}, which is ${fact('pathLength')}`;
      return new Refusal('CS-ISSUER-003', { subject: fact('issuer'), rule, clause: 'RFC 5280 4.2.1.9' }, cause);
    }
    case 'CS-PATH-008':
      return new Refusal(
        'CS-ISSUER-005',
        { subject: fact('subject'), missing: missing(purpose), found: refusal.evidence['found'] ?? [] },
        cause,
      );
    case 'CS-PATH-011':
      return new Refusal(
        'CS-ISSUER-004',
        { name: fact('name'), constraint: fact('constraint'), issuer: fact('issuer') },
        cause,
      );
    default:
      return noPath(question, `${refusal.code} ${refusal.title}: ${summary(refusal)}`, refusal);
  }
}

function missing(purpose: PathPurpose): string {
  if (purpose === 'feed') return `signing the revocation feed (${extendedKeyUsages.feedSigning})`;
  return purpose === 'server' ? 'serverAuth' : 'clientAuth';
}

function summary({ evidence }: Refusal): string {
  return Object.entries(evidence)
    .map(([name, fact]) => `${name} ${String(fact)}`)
    .join(', ');
}

function noPath({ certificate, anchor }: IssuerQuestion, why: string, cause?: Refusal): Refusal {
  return new Refusal(
    'CS-ISSUER-007',
    { issuer: certificate.subject.text, anchor: anchor.subject.text, why },
    { cause },
  );
}

function warningsOf(question: IssuerQuestion, chain: readonly Certificate[]): string[] {
  const { certificate, signatureAlgorithm, trustDomain, nowMs } = question;
  const ending = chain
    .filter(({ notAfter }) => notAfter - nowMs < shortLifeMs)
    .map(({ subject, notAfter }) => {
      const days = Math.floor((notAfter - nowMs) / dayMs);
      return `${subject.text} ends in ${days} ${days === 1 ? 'day' : 'days'}: no certificate will outlive it.`;
    });
  const facts = issuerFacts(certificate, signatureAlgorithm, chain.slice(1));
  const outside = isPermitted(`service.${trustDomain}`, facts)
    ? []
    : [`The constraints on names do not permit DNS names below ${trustDomain}: services get what is permitted alone.`];
  const noUri = certificate.subjectAltName.uri.includes(`spiffe://${trustDomain}`)
    ? []
    : [
        `The issuer's certificate does not name spiffe://${trustDomain}; the trust domain is what the settings here say.`,
      ];
  const deeper =
    certificate.basicConstraints?.pathLength === 0
      ? []
      : ['The issuer may certify further authorities (its path length is not 0); this one never does.'];
  return [...ending, ...outside, ...noUri, ...deeper];
}
