/** Certificates and certification requests written as DER. */
import {
  encodeElement,
  encodeExplicit,
  encodeInteger,
  encodeOid,
  encodeSequence,
  encodeSetOf,
  encodeTime,
  contextConstructed,
  DerReader,
  readBitStringBytes,
  tags,
  writeBackwards,
} from '../../ground/encoding/index.ts';
import { encodeSignatureAlgorithm, type SignatureAlgorithm } from './algorithms.ts';
import { extensionRequestOid } from './certification-request.ts';
import { subjectAltNameExtension } from './extensions.ts';
import type { WritableNames } from './general-names.ts';

export interface TbsFields {
  /** The serial number's octets, most significant first; positive. */
  readonly serialNumber: Uint8Array;
  readonly signatureAlgorithm: SignatureAlgorithm;
  /** Name, DER, as is `subject`. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  /** Milliseconds since 1970, as is `notAfter`; written to the second. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
  /** Extension, DER, each made by one of the `...Extension` functions. */
  readonly extensions: readonly Uint8Array[];
}

const version3: Uint8Array = encodeExplicit(0, encodeInteger(2));

/** TBSCertificate, DER, version 3 (RFC 5280, 4.1.2). */
export function encodeTbsCertificate(fields: TbsFields): Uint8Array {
  return writeBackwards((der) => {
    for (const extension of fields.extensions.toReversed()) der.octets(extension);
    der.wrap(tags.sequence, 0);
    der.wrap(contextConstructed(3), 0);
    der.octets(fields.publicKey);
    der.octets(fields.subject);
    const validity = der.written;
    der.octets(encodeTime(fields.notAfter));
    der.octets(encodeTime(fields.notBefore));
    der.wrap(tags.sequence, validity);
    der.octets(fields.issuer);
    der.octets(encodeSignatureAlgorithm(fields.signatureAlgorithm));
    der.integer(fields.serialNumber);
    der.octets(version3);
    der.wrap(tags.sequence, 0);
  });
}

export interface CertificationRequestFields {
  /** Name, DER. */
  readonly subject: Uint8Array;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
  readonly subjectAltName?: WritableNames;
  /** Further extensions that are asked for: Extension, DER, each made by one of the `...Extension` functions. */
  readonly extensions?: readonly Uint8Array[];
}

/** CertificationRequestInfo, DER (RFC 2986, 4.1). */
export function encodeCertificationRequestInfo({
  subject,
  publicKey,
  subjectAltName,
  extensions = [],
}: CertificationRequestFields): Uint8Array {
  const names = subjectAltName === undefined ? [] : [subjectAltNameExtension(subjectAltName, false)];
  const asked = [...names, ...extensions];
  const attributes =
    asked.length === 0
      ? new Uint8Array()
      : encodeSequence(encodeOid(extensionRequestOid), encodeSetOf([encodeSequence(...asked)]));
  return encodeSequence(encodeInteger(0), subject, publicKey, encodeElement(contextConstructed(0), attributes));
}

/** What was signed, its algorithm and its signature: a Certificate or a CertificationRequest, DER. */
export function encodeSigned(toBeSigned: Uint8Array, algorithm: SignatureAlgorithm, signature: Uint8Array): Uint8Array {
  return writeBackwards((der) => {
    der.octets(signature);
    der.octet(0);
    der.wrap(tags.bitString, 0);
    der.octets(encodeSignatureAlgorithm(algorithm));
    der.octets(toBeSigned);
    der.wrap(tags.sequence, 0);
  });
}

/**
 * A key identifier by RFC 7093, 2, method 1: the leftmost 160 bits of the SHA-256 of the key's bits.
 * @param publicKey SubjectPublicKeyInfo, DER
 */
export function keyIdentifier(publicKey: Uint8Array, sha256: (bytes: Uint8Array) => Uint8Array): Uint8Array {
  const info = DerReader.over(publicKey).enter(tags.sequence);
  info.enter(tags.sequence);
  return sha256(readBitStringBytes(info)).subarray(0, 20);
}
