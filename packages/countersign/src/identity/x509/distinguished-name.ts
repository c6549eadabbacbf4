/** Distinguished names (RFC 5280, 4.1.2.4): read for showing and for comparing as bytes, written with the few attributes that our profiles use. */
import {
  DerReader,
  encodeOid,
  encodeSequence,
  encodeSetOf,
  encodeUtf8String,
  readDirectoryString,
  readObjectIdentifier,
  requireSetOrder,
  tags,
  toHex,
} from '../../ground/encoding/index.ts';

export interface DistinguishedName {
  /** Name, DER. Names are equal when these bytes are. */
  readonly raw: Uint8Array;
  /** RFC 4514's form, the most specific part first: "CN=web,O=Example". Empty for an empty name. */
  readonly text: string;
}

const attributes: ReadonlyMap<string, string> = new Map([
  ['2.5.4.3', 'CN'],
  ['2.5.4.5', 'serialNumber'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
]);

export function readName(reader: DerReader): DistinguishedName {
  const raw = reader.element(tags.sequence);
  const sequence = DerReader.over(raw).enter(tags.sequence);
  const parts: string[] = [];
  while (!sequence.done) parts.push(readRelativeName(sequence.enter(tags.set)));
  return { raw, text: parts.reverse().join(',') };
}

function readRelativeName(set: DerReader): string {
  const members: Uint8Array[] = [];
  while (!set.done) members.push(set.element(tags.sequence));
  if (members.length === 0) throw set.malformed('a relative distinguished name without attributes');
  requireSetOrder(set, members);
  return members.map(attributeText).join('+');
}

function attributeText(member: Uint8Array): string {
  const attribute = DerReader.over(member).enter(tags.sequence);
  const oid = readObjectIdentifier(attribute);
  const start = attribute.offset;
  const text = readDirectoryString(attribute);
  attribute.finish();
  const name = attributes.get(oid);
  return name === undefined || text === undefined
    ? `${oid}=#${toHex(member.subarray(start))}`
    : `${name}=${escaped(text)}`;
}

/** RFC 4514, 2.4: so that no value can look like another part of the name. */
function escaped(text: string): string {
  return (
    text
      .replaceAll(/[",+;<>\\]/g, (character) => `\\${character}`)
      .replaceAll('\0', '\\00')
      .replace(/^[ #]/, (character) => `\\${character}`)
      // Not the single space that the step before has escaped already.
      .replace(/(?<!^\\) $/, '\\ ')
  );
}

/** A Name, DER; without any part it is the empty name, for which subjectAltName must be critical. */
export function encodeName(parts: { commonName?: string; organization?: string }): Uint8Array {
  const relative = (oid: string, text: string | undefined): Uint8Array[] =>
    text === undefined ? [] : [encodeSetOf([encodeSequence(encodeOid(oid), encodeUtf8String(text))])];
  return encodeSequence(...relative('2.5.4.10', parts.organization), ...relative('2.5.4.3', parts.commonName));
}
