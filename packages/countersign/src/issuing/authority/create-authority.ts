/** A new authority: root and issuer from one call. */
import type { Clock } from '../../ground/clock/index.ts';
import { toHex } from '../../ground/encoding/index.ts';
import { parseTrustDomain } from '../../identity/spiffe/index.ts';
import {
  authorityKeyIdentifierExtension,
  basicConstraintsExtension,
  encodeName,
  encodeTbsCertificate,
  keyIdentifier,
  keyUsageExtension,
  parseCertificate,
  subjectAltNameExtension,
  subjectKeyIdentifierExtension,
} from '../../identity/x509/index.ts';
import { generatePrivateKey, type PrivateKey, randomBytes, sha256 } from '../../runtime/cryptography/index.ts';
import { type IssuerFacts, KeyCertificate, signWith } from './key-certificate.ts';
import { lintAuthority } from './lint-authority.ts';
import { backdateMs } from './profile.ts';
import { randomSerialNumber } from './serial-number.ts';

export interface AuthorityKeys {
  readonly trustDomain: string;
  readonly root: KeyCertificate;
  readonly issuer: KeyCertificate;
}

const dayMs = 24 * 3600 * 1000;

/** Ten years: a root is pinned and copied by hand, so it must outlast machines; P-256 is thought good for longer. */
const rootLifeMs = 3650 * dayMs;
/** One year: long enough that nothing stops before the rotation of issuers exists, short enough that it must be practised. */
const issuerLifeMs = 365 * dayMs;

/** CommonName has at most 64 characters (RFC 5280, A.1: ub-common-name); 8 hexadecimal digits and the words need 18. */
const longestTrustDomainInName = 45;

/**
 * P-256 for both: the fastest handshakes of all key types on OpenSSL, and accepted everywhere.
 * The root has path length 1, the issuer 0: there is one issuer level, and no certificate below it can issue.
 */
export function createAuthority({ trustDomain, clock }: { trustDomain: string; clock: Clock }): AuthorityKeys {
  parseTrustDomain(trustDomain);
  // Two authorities of one trust domain must not have one name, or a path built by names could take the one for the other.
  const mark = toHex(randomBytes(4));
  const short = trustDomain.slice(0, longestTrustDomainInName);
  const seconds = Math.floor(clock.now() / 1000) * 1000;
  const rootKey = generatePrivateKey('P-256');
  const rootName = encodeName({ commonName: `${short} root ${mark}` });
  const rootFacts: IssuerFacts = {
    name: rootName,
    keyIdentifier: toHex(keyIdentifier(rootKey.publicKey.raw, sha256)),
    signatureAlgorithm: rootKey.signatureAlgorithm,
    notBeforeMs: seconds - backdateMs,
    notAfterMs: seconds + rootLifeMs,
    publicKey: rootKey.publicKey.raw,
  };
  const root = certify(rootKey, rootName, rootFacts, rootKey, {
    trustDomain,
    pathLength: 1,
    lifeMs: rootLifeMs,
    seconds,
  });
  const issuerKey = generatePrivateKey('P-256');
  const issuerName = encodeName({ commonName: `${short} issuer ${mark}` });
  const issuer = certify(issuerKey, issuerName, root.facts, rootKey, {
    trustDomain,
    pathLength: 0,
    lifeMs: issuerLifeMs,
    seconds,
  });
  return { trustDomain, root, issuer };
}

interface Place {
  readonly trustDomain: string;
  readonly pathLength: number;
  readonly lifeMs: number;
  /** Now, in milliseconds, to the second. */
  readonly seconds: number;
}

function certify(
  key: PrivateKey,
  subject: Uint8Array,
  issuer: IssuerFacts,
  signer: PrivateKey,
  place: Place,
): KeyCertificate {
  const toBeSigned = encodeTbsCertificate({
    serialNumber: randomSerialNumber(),
    signatureAlgorithm: issuer.signatureAlgorithm,
    issuer: issuer.name,
    subject,
    notBefore: place.seconds - backdateMs,
    notAfter: place.seconds + place.lifeMs,
    publicKey: key.publicKey.raw,
    extensions: [
      basicConstraintsExtension({ ca: true, pathLength: place.pathLength }),
      keyUsageExtension(['keyCertSign', 'cRLSign']),
      subjectAltNameExtension({ uri: [`spiffe://${place.trustDomain}`] }, false),
      subjectKeyIdentifierExtension(keyIdentifier(key.publicKey.raw, sha256)),
      authorityKeyIdentifierExtension(keyIdentifier(signer.publicKey.raw, sha256)),
    ],
  });
  const linted = lintAuthority(toBeSigned, issuer, {
    trustDomain: place.trustDomain,
    pathLength: place.pathLength,
    selfSigned: key === signer,
  });
  return new KeyCertificate(parseCertificate(signWith(signer, linted)), key);
}
