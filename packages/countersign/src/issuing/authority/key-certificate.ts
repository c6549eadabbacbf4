/** A signing key with its certificate: the root, or an issuer. It signs nothing but what the lint let through, and that once. */
import { toHex } from '../../ground/encoding/index.ts';
import { type Certificate, encodeSigned, type SignatureAlgorithm } from '../../identity/x509/index.ts';
import { type PrivateKey, sha256Hex } from '../../runtime/cryptography/index.ts';
import { type LintedCertificate, takeOnce } from './linted-certificate.ts';

/** What everybody may know of an issuer. */
export interface IssuerFacts {
  /** Name, DER. */
  readonly name: Uint8Array;
  /** Lower-case hexadecimal. */
  readonly keyIdentifier: string;
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
}

export class KeyCertificate {
  readonly certificate: Certificate;
  readonly facts: IssuerFacts;
  /** How the revocation feed names this issuer: lower-case hexadecimal SHA-256 of its SubjectPublicKeyInfo. */
  readonly issuerKey: string;
  readonly #privateKey: PrivateKey;

  constructor(certificate: Certificate, privateKey: PrivateKey) {
    if (toHex(certificate.publicKey.raw) !== toHex(privateKey.publicKey.raw))
      throw new TypeError('the key is not that of the certificate');
    this.certificate = certificate;
    this.#privateKey = privateKey;
    this.issuerKey = sha256Hex(certificate.publicKey.raw);
    this.facts = {
      name: certificate.subject.raw,
      keyIdentifier: certificate.subjectKeyIdentifier ?? '',
      signatureAlgorithm: privateKey.signatureAlgorithm,
      notBeforeMs: certificate.notBefore,
      notAfterMs: certificate.notAfter,
      publicKey: certificate.publicKey.raw,
    };
  }

  /** The certificate, DER. A second call with the same argument is a mistake of the caller's and throws. */
  sign(linted: LintedCertificate): Uint8Array {
    return signWith(this.#privateKey, linted);
  }

  /** PKCS#8 PEM, for its file of mode 0600 and nothing else. */
  privateKeyPem(): string {
    return this.#privateKey.toPem();
  }
}

/** Signs with a bare key: the root's first certificate is made before there is one. */
export function signWith(privateKey: PrivateKey, linted: LintedCertificate): Uint8Array {
  const toBeSigned = takeOnce(linted);
  return encodeSigned(toBeSigned, privateKey.signatureAlgorithm, privateKey.sign(toBeSigned));
}
