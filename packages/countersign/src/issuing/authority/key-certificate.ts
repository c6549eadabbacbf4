/** An issuer: a signer with its certificate, and what stands above it. It signs nothing but what the lint let through, and that once. */
import { concatBytes, equalBytes } from '../../ground/encoding/index.ts';
import {
  type Certificate,
  encodeSigned,
  type NameConstraints,
  type SignatureAlgorithm,
} from '../../identity/x509/index.ts';
import { type PrivateKey, sha256Hex } from '../../runtime/cryptography/index.ts';
import { type LintedCertificate, takeOnce } from './linted-certificate.ts';
import { type ListToBeSigned, requireListHead } from './list-to-be-signed.ts';
import type { Signer } from './signer.ts';

/** What everybody may know of an issuer. */
export interface IssuerFacts {
  /** Name, DER. */
  readonly name: Uint8Array;
  /** Lower-case hexadecimal. */
  readonly keyIdentifier: string;
  readonly signatureAlgorithm: SignatureAlgorithm;
  /** From when, and until when, it and all that stands above it are valid. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
  /** What it and those above it may certify: empty under a root of one's own. */
  readonly constrainedBy: readonly ConstrainingIssuer[];
}

export interface ConstrainingIssuer {
  /** As text. */
  readonly issuer: string;
  readonly constraints: NameConstraints;
}

export class KeyCertificate {
  readonly certificate: Certificate;
  readonly facts: IssuerFacts;
  /** How the revocation feed names this issuer: lower-case hexadecimal SHA-256 of its SubjectPublicKeyInfo. */
  readonly issuerKey: string;
  readonly #signer: Signer;

  /** @param above all certificates that stand above it, the anchor's own included: nothing that it signs may outlive one of them */
  constructor(certificate: Certificate, signer: Signer, above: readonly Certificate[]) {
    if (!equalBytes(certificate.publicKey.raw, signer.publicKey.raw))
      throw new TypeError('the key is not that of the certificate');
    this.certificate = certificate;
    this.#signer = signer;
    this.issuerKey = sha256Hex(certificate.publicKey.raw);
    this.facts = issuerFacts(certificate, signer.signatureAlgorithm, above);
  }

  /** The certificates, DER, in order. A second call with one of the same arguments is a mistake of the caller's and rejects. */
  async sign(linted: readonly LintedCertificate[]): Promise<readonly Uint8Array[]> {
    const { signatureAlgorithm } = this.#signer;
    const toBeSigned = linted.map(takeOnce);
    const signatures = await this.#signer.sign(toBeSigned);
    if (signatures.length !== toBeSigned.length) throw new TypeError('a signer gives one signature for each');
    return toBeSigned.map((bytes, at) => encodeSigned(bytes, signatureAlgorithm, signatures[at] ?? new Uint8Array()));
  }

  /** The signature over a revocation list. Throws where it is no list of this issuer's: nothing else is signed this way. */
  async signList({ head, entries, extensions }: ListToBeSigned): Promise<Uint8Array> {
    requireListHead(head, this.facts);
    const pieces = [head, ...entries, extensions];
    const [signature] =
      this.#signer.signPieces === undefined
        ? await this.#signer.sign([concatBytes(pieces)])
        : [await this.#signer.signPieces(pieces)];
    if (signature === undefined) throw new TypeError('a signer gives one signature for each');
    return signature;
  }
}

export function issuerFacts(
  certificate: Certificate,
  signatureAlgorithm: SignatureAlgorithm,
  above: readonly Certificate[],
): IssuerFacts {
  const all = [certificate, ...above];
  return {
    name: certificate.subject.raw,
    keyIdentifier: certificate.subjectKeyIdentifier ?? '',
    signatureAlgorithm,
    notBeforeMs: Math.max(...all.map(({ notBefore }) => notBefore)),
    notAfterMs: Math.min(...all.map(({ notAfter }) => notAfter)),
    publicKey: certificate.publicKey.raw,
    constrainedBy: all.flatMap(({ subject, nameConstraints }) =>
      nameConstraints === undefined ? [] : [{ issuer: subject.text, constraints: nameConstraints }],
    ),
  };
}

/** Signs with a key in hand: a root's own certificate, and what it certifies. */
export function signWith(privateKey: PrivateKey, linted: LintedCertificate): Uint8Array {
  const toBeSigned = takeOnce(linted);
  return encodeSigned(toBeSigned, privateKey.signatureAlgorithm, privateKey.sign(toBeSigned));
}
