/** OCSP responses written as DER (RFC 6960, 4.2). */
import {
  concatBytes,
  encodeBitString,
  encodeElement,
  encodeExplicit,
  encodeGeneralizedTime,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  tags,
} from '../../../ground/encoding/index.ts';
import { encodeSignatureAlgorithm, type SignatureAlgorithm } from '../algorithms.ts';
import { ocspOids } from './extension-oids.ts';
import { encodeExtensionField } from './extensions.ts';
import { ocspErrors, type OcspError } from './response-status.ts';
import { encodeCertificatesField } from './signed-certificates.ts';
import { encodeSingleResponse, type SingleResponseFields } from './single-response.ts';

export interface ResponseDataFields {
  readonly responderId:
    /** Name, DER: the subject of the responder's certificate. */
    | { readonly name: Uint8Array }
    /** SHA-1 of the key's bits (RFC 6960, 4.2.1), 20 octets. */
    | { readonly keyHash: Uint8Array };
  /** Milliseconds since 1970; written to the second. */
  readonly producedAt: number;
  readonly responses: readonly SingleResponseFields[];
  /** Extension, DER, each, such as the request's nonce. */
  readonly extensions?: readonly Uint8Array[];
}

/** ResponseData, DER: what the responder signs. */
export function encodeResponseData(fields: ResponseDataFields): Uint8Array {
  return encodeSequence(
    encodeResponderId(fields.responderId),
    encodeGeneralizedTime(fields.producedAt),
    encodeElement(tags.sequence, concatBytes(fields.responses.map(encodeSingleResponse))),
    encodeExtensionField(1, fields.extensions ?? []),
  );
}

function encodeResponderId(responderId: ResponseDataFields['responderId']): Uint8Array {
  if ('name' in responderId) return encodeExplicit(1, responderId.name);
  if (responderId.keyHash.length !== 20) throw new TypeError('a KeyHash is a SHA-1, of 20 octets');
  return encodeExplicit(2, encodeOctetString(responderId.keyHash));
}

/**
 * A successful OCSPResponse, DER.
 * @param responseData DER
 * @param certificates DER, each: the responder's first; none where the issuer answers itself
 */
export function encodeOcspResponse(
  responseData: Uint8Array,
  algorithm: SignatureAlgorithm,
  signature: Uint8Array,
  certificates: readonly Uint8Array[] = [],
): Uint8Array {
  const basic = encodeSequence(
    responseData,
    encodeSignatureAlgorithm(algorithm),
    encodeBitString(signature),
    encodeCertificatesField(certificates),
  );
  const responseBytes = encodeSequence(encodeOid(ocspOids.basicResponse), encodeOctetString(basic));
  return encodeSequence(encodeElement(tags.enumerated, Uint8Array.of(0)), encodeExplicit(0, responseBytes));
}

/** An OCSPResponse that is an error, DER; nobody signs it. */
export function encodeOcspError(status: OcspError): Uint8Array {
  for (const [number, name] of ocspErrors) {
    if (name === status) return encodeSequence(encodeElement(tags.enumerated, Uint8Array.of(number)));
  }
  throw new TypeError(`${status} is no status of an OCSP response`);
}
