/** Character strings of one kind, read and written, where a standard leaves no choice of kinds. */
import { type DerReader, encodeElement, readDirectoryString, tags } from '../../../ground/encoding/index.ts';

export type StringKind = 'utf8' | 'printable' | 'ia5';

const kindTags = { utf8: tags.utf8String, printable: tags.printableString, ia5: tags.ia5String } as const;

const kindNames = { utf8: 'UTF8String', printable: 'PrintableString', ia5: 'IA5String' } as const;

const characters: Readonly<Record<StringKind, RegExp>> = {
  utf8: /^\P{Cs}*$/u,
  printable: /^[A-Za-z0-9 '()+,\-./:=?]*$/,
  // eslint-disable-next-line no-control-regex -- ASCII has them
  ia5: /^[\u0000-\u007f]*$/,
};

/** @param length the fewest and the most characters */
export function readStringOf(reader: DerReader, kind: StringKind, length: readonly [number, number]): string {
  const { offset } = reader;
  if (reader.peek() !== kindTags[kind]) throw reader.malformed(`${kindNames[kind]} is missing`);
  const text = readDirectoryString(reader) ?? '';
  const count = Array.from(text).length;
  if (count < length[0] || count > length[1]) throw reader.malformed(lengthRule(length), offset);
  return text;
}

function lengthRule([fewest, most]: readonly [number, number]): string {
  if (fewest === most) return `a text of other than ${String(most)} characters`;
  return most === Infinity
    ? 'a text without characters'
    : `a text not of ${String(fewest)} to ${String(most)} characters`;
}

export function fitsString(kind: StringKind, text: string): boolean {
  return characters[kind].test(text);
}

export function encodeStringOf(kind: StringKind, text: string): Uint8Array {
  if (!fitsString(kind, text)) throw new TypeError(`${text} has characters that a string of this kind may not hold`);
  return encodeElement(kindTags[kind], new TextEncoder().encode(text));
}
