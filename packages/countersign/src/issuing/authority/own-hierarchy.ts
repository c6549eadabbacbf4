/** A root of one's own, and the issuers that it certifies. */
import type { Clock } from '../../ground/clock/index.ts';
import { toHex } from '../../ground/encoding/index.ts';
import { parseTrustDomain } from '../../identity/spiffe/index.ts';
import {
  authorityKeyIdentifierExtension,
  basicConstraintsExtension,
  type Certificate,
  encodeName,
  encodeTbsCertificate,
  keyIdentifier,
  keyUsageExtension,
  parseCertificate,
  subjectAltNameExtension,
  subjectKeyIdentifierExtension,
} from '../../identity/x509/index.ts';
import { generatePrivateKey, type PrivateKey, randomBytes, sha256 } from '../../runtime/cryptography/index.ts';
import { type IssuerFacts, issuerFacts, signWith } from './key-certificate.ts';
import { lintAuthority } from './lint-authority.ts';
import { backdateMs } from './profile.ts';
import { randomSerialNumber } from './serial-number.ts';

/** A certificate with its private key in hand. */
export interface HeldKey {
  readonly certificate: Certificate;
  readonly privateKey: PrivateKey;
}

const dayMs = 24 * 3600 * 1000;

/** Ten years: a root is pinned and copied by hand, so it must outlast machines; P-256 is thought good for longer. */
const rootLifeMs = 3650 * dayMs;
/** One year: long enough that nothing stops before the rotation of issuers exists, short enough that it must be practised. */
const issuerLifeMs = 365 * dayMs;

/** CommonName has at most 64 characters (RFC 5280, A.1: ub-common-name); 8 hexadecimal digits and the words need 18. */
const longestTrustDomainInName = 45;

/**
 * Two authorities of one trust domain must not have one name, or a path built by names could take the one for the other; nor two issuers.
 * @returns Name, DER
 */
export function authorityName(trustDomain: string, role: 'root' | 'issuer', mark: string): Uint8Array {
  return encodeName({ commonName: `${trustDomain.slice(0, longestTrustDomainInName)} ${role} ${mark}` });
}

export function newMark(): string {
  return toHex(randomBytes(4));
}

/** P-256: the fastest handshakes of all key types on OpenSSL, and accepted everywhere. Path length 1: one level of issuers. */
export function createRoot(
  { trustDomain, clock }: { trustDomain: string; clock: Clock },
  mark: string = newMark(),
): HeldKey {
  parseTrustDomain(trustDomain);
  const privateKey = generatePrivateKey('P-256');
  const seconds = wholeSeconds(clock);
  const name = authorityName(trustDomain, 'root', mark);
  const facts: IssuerFacts = {
    name,
    keyIdentifier: toHex(keyIdentifier(privateKey.publicKey.raw, sha256)),
    signatureAlgorithm: privateKey.signatureAlgorithm,
    notBeforeMs: seconds - backdateMs,
    notAfterMs: seconds + rootLifeMs,
    publicKey: privateKey.publicKey.raw,
    constrainedBy: [],
  };
  const place = { trustDomain, pathLength: 1, selfSigned: true };
  const certificate = certify(
    { subject: name, publicKey: privateKey.publicKey.raw, notAfterMs: facts.notAfterMs },
    { facts, privateKey },
    { ...place, seconds },
  );
  return { certificate, privateKey };
}

export interface IssuerOrder {
  readonly trustDomain: string;
  /** Name, DER. */
  readonly subject: Uint8Array;
  /** SubjectPublicKeyInfo, DER, of a key that was shown to be held. */
  readonly publicKey: Uint8Array;
  readonly clock: Clock;
}

/** Path length 0: no certificate below it can issue. It lives a year, and never longer than its root. */
export function certifyIssuer(root: HeldKey, { trustDomain, subject, publicKey, clock }: IssuerOrder): Certificate {
  const facts = issuerFacts(root.certificate, root.privateKey.signatureAlgorithm, []);
  const seconds = wholeSeconds(clock);
  const notAfterMs = Math.min(seconds + issuerLifeMs, facts.notAfterMs);
  return certify(
    { subject, publicKey, notAfterMs },
    { facts, privateKey: root.privateKey },
    { trustDomain, pathLength: 0, selfSigned: false, seconds },
  );
}

interface Subject {
  readonly subject: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly notAfterMs: number;
}

interface Place {
  readonly trustDomain: string;
  readonly pathLength: number;
  readonly selfSigned: boolean;
  /** Now, in milliseconds, to the second. */
  readonly seconds: number;
}

function certify(
  { subject, publicKey, notAfterMs }: Subject,
  { facts, privateKey }: { facts: IssuerFacts; privateKey: PrivateKey },
  place: Place,
): Certificate {
  const toBeSigned = encodeTbsCertificate({
    serialNumber: randomSerialNumber(),
    signatureAlgorithm: facts.signatureAlgorithm,
    issuer: facts.name,
    subject,
    notBefore: Math.max(place.seconds - backdateMs, facts.notBeforeMs),
    notAfter: notAfterMs,
    publicKey,
    extensions: [
      basicConstraintsExtension({ ca: true, pathLength: place.pathLength }),
      keyUsageExtension(['keyCertSign', 'cRLSign']),
      subjectAltNameExtension({ uri: [`spiffe://${place.trustDomain}`] }, false),
      subjectKeyIdentifierExtension(keyIdentifier(publicKey, sha256)),
      authorityKeyIdentifierExtension(keyIdentifier(privateKey.publicKey.raw, sha256)),
    ],
  });
  return parseCertificate(signWith(privateKey, lintAuthority(toBeSigned, facts, place)));
}

/** As certificates hold it. */
function wholeSeconds(clock: Clock): number {
  return Math.floor(clock.now() / 1000) * 1000;
}
