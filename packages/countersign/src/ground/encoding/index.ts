/** DER, PEM and the text forms of bytes: strict in reading, canonical in writing, the same in Node and in a browser. */
export { fromBase64, fromBase64Url, toBase64, toBase64Url } from './base64.ts';
export { BerBudget, berToDer } from './ber-to-der.ts';
export { buffersOf, giveBack } from './buffers.ts';
export { compareBytes, concatBytes, equalBytes } from './bytes.ts';
export { writeBackwards } from './der-backwards.ts';
export { DerReader } from './der-reader.ts';
export { readDirectoryString, readIa5String } from './der-strings.ts';
export { contextConstructed, contextPrimitive, tags } from './der-tags.ts';
export { encodeGeneralizedTime, encodeTime, readGeneralizedTime, readTime } from './der-time.ts';
export {
  readBitStringBytes,
  readBoolean,
  readBooleanDefaultFalse,
  readIntegerBytes,
  readNamedBits,
  readObjectIdentifier,
  readPositiveIntegerHex,
  readSmallInteger,
  requireSetOrder,
} from './der-values.ts';
export {
  encodeBitString,
  encodeBoolean,
  encodeElement,
  encodeExplicit,
  encodeHead,
  encodeImplicit,
  encodeInteger,
  encodeNamedBits,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSetOf,
  encodeUtf8String,
} from './der-writer.ts';
export { fromHex, hexOf, toHex } from './hex.ts';
export { decodeObjectIdentifier, encodeObjectIdentifier } from './object-identifier.ts';
export { encodePem, parsePem, type PemBlock } from './pem.ts';
