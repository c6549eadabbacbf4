/** The extensions of OCSP (RFC 6960, 4.4; the nonce's length, RFC 9654), read and written. */
import {
  contextConstructed,
  type DerReader,
  encodeElement,
  encodeExplicit,
  encodeGeneralizedTime,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  readGeneralizedTime,
  readIa5String,
  readObjectIdentifier,
  readPositiveIntegerHex,
  tags,
  toHex,
} from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { encodeExtension, type Extension, readExtensions } from '../extensions.ts';
import { ocspOids } from './extension-oids.ts';

/** Octets of a nonce (RFC 9654, 2.1); a client should send 32. */
const mostNonceOctets = 128;

/** `[number] EXPLICIT Extensions`, or none where another field or nothing comes next. */
export function readExtensionField(fields: DerReader, number: number): Extension[] {
  if (fields.peek() !== contextConstructed(number)) return [];
  const explicit = fields.enter(contextConstructed(number));
  const extensions = readExtensions(explicit.enter(tags.sequence));
  explicit.finish();
  return extensions;
}

/** `[number] EXPLICIT Extensions`, or nothing for none: an empty list is not DER's. */
export function encodeExtensionField(number: number, extensions: readonly Uint8Array[]): Uint8Array {
  return extensions.length === 0 ? new Uint8Array() : encodeExplicit(number, encodeSequence(...extensions));
}

/** Object identifiers of the critical ones that `processed` does not name. */
export function unprocessed(extensions: readonly Extension[], processed: readonly string[]): string[] {
  return extensions.filter(({ oid, critical }) => critical && !processed.includes(oid)).map(({ oid }) => oid);
}

/** Lower-case hexadecimal digits. */
export function readNonce(value: DerReader): string {
  const nonce = value.contents(tags.octetString);
  if (nonce.length < 1 || nonce.length > mostNonceOctets) {
    throw new Refusal('CS-OCSP-001', { rule: 'a nonce of other than 1 to 128 octets (RFC 9654, 2.1)' });
  }
  return toHex(nonce);
}

/** @param nonce 1 to 128 random octets; a client sends 32 (RFC 9654, 2.1), a responder repeats what came */
export function nonceExtension(nonce: Uint8Array): Uint8Array {
  if (nonce.length < 1 || nonce.length > mostNonceOctets) throw new TypeError('a nonce has 1 to 128 octets');
  return encodeExtension(ocspOids.nonce, false, encodeOctetString(nonce));
}

/** Object identifiers of the types of response that a client takes. */
export function readAcceptableResponses(value: DerReader): string[] {
  const list = value.enter(tags.sequence);
  const oids: string[] = [];
  while (!list.done) oids.push(readObjectIdentifier(list));
  return oids;
}

/** Milliseconds since 1970: about certificates that expired before, the responder knows nothing. */
export function readArchiveCutoff(value: DerReader): number {
  return readGeneralizedTime(value);
}

/** @param ms milliseconds since 1970 */
export function archiveCutoffExtension(ms: number): Uint8Array {
  return encodeExtension(ocspOids.archiveCutoff, false, encodeGeneralizedTime(ms));
}

/** CrlID: the list on which a revoked or held certificate is found. */
export interface CrlReference {
  readonly url: string | undefined;
  /** Upper-case hexadecimal digits. */
  readonly crlNumber: string | undefined;
  /** Milliseconds since 1970. */
  readonly thisUpdate: number | undefined;
}

export function readCrlReference(value: DerReader): CrlReference {
  const fields = value.enter(tags.sequence);
  const optional = <T>(number: number, read: (reader: DerReader) => T): T | undefined => {
    if (fields.peek() !== contextConstructed(number)) return undefined;
    const explicit = fields.enter(contextConstructed(number));
    const field = read(explicit);
    explicit.finish();
    return field;
  };
  const url = optional(0, (reader) => readIa5String(reader));
  const crlNumber = optional(1, (reader) => readPositiveIntegerHex(reader));
  const thisUpdate = optional(2, readGeneralizedTime);
  fields.finish();
  return { url, crlNumber, thisUpdate };
}

/** NULL: the responder answers "revoked" for certificates that were never issued (RFC 6960, 2.2 and 4.4.8). */
export function readExtendedRevoke(value: DerReader): true {
  const { offset } = value;
  if (value.contents(tags.null).length !== 0) throw value.malformed('NULL with contents', offset);
  return true;
}

export function extendedRevokeExtension(): Uint8Array {
  return encodeExtension(ocspOids.extendedRevoke, false, encodeElement(tags.null, new Uint8Array()));
}

/** Of a request: the client takes basic responses alone, the one type that there is. */
export function acceptableResponsesExtension(): Uint8Array {
  return encodeExtension(ocspOids.acceptableResponses, false, encodeSequence(encodeOid(ocspOids.basicResponse)));
}
