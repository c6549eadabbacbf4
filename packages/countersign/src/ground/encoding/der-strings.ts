/** The character strings of DER as text. */
import { toBinaryText } from './binary-text.ts';
import type { DerReader } from './der-reader.ts';
import { tags } from './der-tags.ts';

const printableCharacters = /^[A-Za-z0-9 '()+,\-./:=?]*$/;

/** An IA5String (ASCII) under `tag`, which may be an implicit one. */
export function readIa5String(reader: DerReader, tag: number = tags.ia5String): string {
  const { offset } = reader;
  const text = reader.decode(tag, ascii);
  if (text === undefined) throw reader.malformed('IA5String with an octet above 0x7F', offset);
  return text;
}

/** Octets that are made a text one by one; a longer text is made at once. */
const mostOneByOne = 24;

/** The text, where each octet is of ASCII. */
function ascii(bytes: Uint8Array, start: number, end: number): string | undefined {
  for (let at = start; at < end; at++) if ((bytes[at] ?? 0) >= 0x80) return undefined;
  if (end - start > mostOneByOne) return toBinaryText(bytes.subarray(start, end));
  let text = '';
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at] ?? 0);
  return text;
}

/** The text of a DirectoryString or IA5String (RFC 5280, 4.1.2.4), whichever comes next; `undefined` for TeletexString, whose octets nobody agrees on. */
export function readDirectoryString(reader: DerReader): string | undefined {
  const { offset } = reader;
  const tag = reader.peek();
  if (tag === tags.ia5String) return readIa5String(reader);
  if (tag === tags.utf8String) {
    const text = reader.decode(tag, utf8);
    if (text === undefined) throw reader.malformed('UTF8String that is not UTF-8', offset);
    return text;
  }
  if (tag === tags.printableString) {
    const text = reader.decode(tag, ascii);
    if (text === undefined || !printableCharacters.test(text))
      throw reader.malformed('PrintableString with a character outside its set', offset);
    return text;
  }
  if (tag === tags.bmpString) return bmp(reader, reader.contents(tag), offset);
  if (tag === tags.universalString) return universal(reader, reader.contents(tag), offset);
  if (tag !== tags.teletexString) throw reader.malformed('no DirectoryString', offset);
  reader.element();
  return undefined;
}

const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function utf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  const text = ascii(bytes, start, end);
  if (text !== undefined) return text;
  try {
    return utf8Decoder.decode(bytes.subarray(start, end));
  } catch {
    return undefined;
  }
}

function bmp(reader: DerReader, contents: Uint8Array, offset: number): string {
  if (contents.length % 2 !== 0) throw reader.malformed('BMPString of an odd length', offset);
  let text = '';
  for (let at = 0; at < contents.length; at += 2) {
    const unit = ((contents[at] ?? 0) << 8) | (contents[at + 1] ?? 0);
    if (unit >= 0xd800 && unit <= 0xdfff) throw reader.malformed('BMPString with a surrogate', offset);
    text += String.fromCharCode(unit);
  }
  return text;
}

function universal(reader: DerReader, contents: Uint8Array, offset: number): string {
  if (contents.length % 4 !== 0) throw reader.malformed('UniversalString not of whole characters', offset);
  const view = new DataView(contents.buffer, contents.byteOffset, contents.length);
  let text = '';
  for (let at = 0; at < contents.length; at += 4) {
    const point = view.getUint32(at);
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
      throw reader.malformed('UniversalString with a character that there is not', offset);
    }
    text += String.fromCodePoint(point);
  }
  return text;
}
