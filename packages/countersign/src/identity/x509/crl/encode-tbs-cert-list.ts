/** Lists written as DER; `encodeSigned` adds the signature. */
import {
  concatBytes,
  encodeElement,
  encodeExplicit,
  encodeInteger,
  encodeSequence,
  encodeTime,
  tags,
} from '../../../ground/encoding/index.ts';
import { encodeSignatureAlgorithm, type SignatureAlgorithm } from '../algorithms.ts';
import { type EntryExtensionFields, entryExtensions } from './crl-extensions.ts';

export interface RevokedEntryFields extends EntryExtensionFields {
  /** The serial number's octets, most significant first; positive. */
  readonly serialNumber: Uint8Array;
  /** Milliseconds since 1970. */
  readonly revocationDate: number;
}

export interface TbsCertListFields {
  readonly signatureAlgorithm: SignatureAlgorithm;
  /** Name, DER. */
  readonly issuer: Uint8Array;
  /** Milliseconds since 1970, as is `nextUpdate`; written to the second, as UTCTime through 2049. */
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  /** Taken one by one, so that they need not all be in memory. */
  readonly revoked: Iterable<RevokedEntryFields>;
  /** Extension, DER, each; a list must have cRLNumber and authorityKeyIdentifier (RFC 5280, 5.2). */
  readonly extensions: readonly Uint8Array[];
}

/** TBSCertList, DER, version 2 (RFC 5280, 5.1.2). */
export function encodeTbsCertList(fields: TbsCertListFields): Uint8Array {
  if (fields.extensions.length === 0) throw new TypeError('a list has at least cRLNumber and authorityKeyIdentifier');
  if (fields.nextUpdate < fields.thisUpdate) throw new TypeError('nextUpdate is not before thisUpdate');
  const entries = Array.from(fields.revoked, encodeEntry);
  return encodeSequence(
    encodeInteger(1),
    encodeSignatureAlgorithm(fields.signatureAlgorithm),
    fields.issuer,
    encodeTime(fields.thisUpdate),
    encodeTime(fields.nextUpdate),
    // Absent rather than empty (RFC 5280, 5.1.2.6).
    ...(entries.length === 0 ? [] : [encodeElement(tags.sequence, concatBytes(entries))]),
    encodeExplicit(0, encodeSequence(...fields.extensions)),
  );
}

function encodeEntry(fields: RevokedEntryFields): Uint8Array {
  const extensions = entryExtensions(fields);
  return encodeSequence(
    encodeInteger(fields.serialNumber),
    encodeTime(fields.revocationDate),
    ...(extensions.length === 0 ? [] : [encodeSequence(...extensions)]),
  );
}
