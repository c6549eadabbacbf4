/** issuerAltName (RFC 5280, 4.2.1.7), read and written: more names of the issuer, which path validation does not look at. */
import { type DerReader, tags } from '../../../ground/encoding/index.ts';
import { encodeExtension, extensionOids } from '../extensions.ts';
import { encodeGeneralNames, type GeneralNames, readGeneralNames, type WritableNames } from '../general-names.ts';

export function readIssuerAltName(reader: DerReader): GeneralNames {
  return readGeneralNames(reader.enter(tags.sequence));
}

/** Not critical (RFC 5280, 4.2.1.7: SHOULD). */
export function issuerAltNameExtension(names: WritableNames, critical: boolean = false): Uint8Array {
  return encodeExtension(extensionOids.issuerAltName, critical, encodeGeneralNames(names));
}
