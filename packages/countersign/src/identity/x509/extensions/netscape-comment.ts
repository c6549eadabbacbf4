/** Netscape's comment (2.16.840.1.113730.1.13), read and written: a sentence for people, which OpenSSL's examples have spread. */
import { type DerReader, readIa5String } from '../../../ground/encoding/index.ts';
import { encodeExtension, extensionOids } from '../extensions.ts';
import { encodeStringOf } from '../names/character-strings.ts';

export function readNetscapeComment(reader: DerReader): string {
  return readIa5String(reader);
}

/** Not critical. */
export function netscapeCommentExtension(text: string): Uint8Array {
  return encodeExtension(extensionOids.netscapeComment, false, encodeStringOf('ia5', text));
}
