/** OCSP requests written as DER (RFC 6960, 4.1). */
import {
  concatBytes,
  encodeBitString,
  encodeElement,
  encodeExplicit,
  encodeSequence,
  tags,
} from '../../../ground/encoding/index.ts';
import { encodeSignatureAlgorithm, type SignatureAlgorithm } from '../algorithms.ts';
import { encodeExtensionField } from './extensions.ts';
import { encodeCertificatesField } from './signed-certificates.ts';

export interface TbsRequestFields {
  /** CertID, DER, each; at least one. */
  readonly certIds: readonly Uint8Array[];
  /** Name, DER, of who asks; a request that is signed must have it (RFC 6960, 4.1.2). */
  readonly requestorName?: Uint8Array;
  /** Extension, DER, each. */
  readonly extensions?: readonly Uint8Array[];
}

/** TBSRequest, DER. */
export function encodeTbsRequest({ certIds, requestorName, extensions = [] }: TbsRequestFields): Uint8Array {
  if (certIds.length === 0) throw new TypeError('a request is about at least one certificate');
  const requests = certIds.map((certId) => encodeSequence(certId));
  return encodeSequence(
    ...(requestorName === undefined ? [] : [encodeExplicit(1, encodeExplicit(4, requestorName))]),
    encodeElement(tags.sequence, concatBytes(requests)),
    encodeExtensionField(2, extensions),
  );
}

export interface RequestSignatureFields {
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly signature: Uint8Array;
  /** DER, each: the signer's first. */
  readonly certificates?: readonly Uint8Array[];
}

/**
 * OCSPRequest, DER.
 * @param tbs TBSRequest, DER
 * @param signed the signature over it; few responders ask for one
 */
export function encodeOcspRequest(tbs: Uint8Array, signed?: RequestSignatureFields): Uint8Array {
  if (signed === undefined) return encodeSequence(tbs);
  const signature = encodeSequence(
    encodeSignatureAlgorithm(signed.signatureAlgorithm),
    encodeBitString(signed.signature),
    encodeCertificatesField(signed.certificates ?? []),
  );
  return encodeSequence(tbs, encodeExplicit(0, signature));
}
