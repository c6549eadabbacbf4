/** Extensions that say what they say by being there: ocspNoCheck (RFC 6960, 4.2.2.2.1), noRevAvail (RFC 9608), precertificatePoison (RFC 6962, 3.1). */
import { type DerReader, encodeElement, tags } from '../../../ground/encoding/index.ts';
import { encodeExtension, extensionOids } from '../extensions.ts';

/** Their value, which is NULL. */
export function readMarker(reader: DerReader): true {
  const { offset } = reader;
  if (reader.contents(tags.null).length > 0) throw reader.malformed('NULL with contents', offset);
  return true;
}

/** The certificate of an OCSP responder whose own revocation is not to be asked for. */
export function ocspNoCheckExtension(): Uint8Array {
  return encodeExtension(extensionOids.ocspNoCheck, false, nothing);
}

/** An end-entity certificate that nobody will tell the revocation of. Not critical, as it must be (RFC 9608, 2). */
export function noRevAvailExtension(): Uint8Array {
  return encodeExtension(extensionOids.noRevAvail, false, nothing);
}

/** Critical, as it must be: nobody may take a precertificate for a certificate (RFC 6962, 3.1). */
export function precertificatePoisonExtension(): Uint8Array {
  return encodeExtension(extensionOids.precertificatePoison, true, nothing);
}

const nothing = encodeElement(tags.null, new Uint8Array());
