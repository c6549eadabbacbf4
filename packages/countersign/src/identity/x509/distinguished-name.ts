/** Distinguished names (RFC 5280, 4.1.2.4): read, shown (RFC 4514) and compared (RFC 5280, 7.1). */
import {
  DerReader,
  encodeOid,
  encodeSequence,
  encodeSetOf,
  encodeUtf8String,
  equalBytes,
  readDirectoryString,
  readObjectIdentifier,
  requireSetOrder,
  tags,
  toHex,
} from '../../ground/encoding/index.ts';
import { attributeName } from './names/attribute-types.ts';
import { prepareText } from './names/prepare-text.ts';

/** AttributeTypeAndValue. */
export interface NameAttribute {
  readonly oid: string;
  /** The value as text; `undefined` for a kind of string whose octets nobody agrees on, or for no string. */
  readonly text: string | undefined;
  /** The value, DER. */
  readonly value: Uint8Array;
}

export class DistinguishedName {
  /** Name, DER. */
  readonly raw: Uint8Array;
  /** RelativeDistinguishedNames, the least specific first, each of one or more attributes. */
  readonly relativeNames: readonly (readonly NameAttribute[])[];
  #text: string | undefined;
  #keys: readonly string[] | undefined;

  constructor(raw: Uint8Array, relativeNames: readonly (readonly NameAttribute[])[]) {
    this.raw = raw;
    this.relativeNames = relativeNames;
  }

  get isEmpty(): boolean {
    return this.relativeNames.length === 0;
  }

  /** RFC 4514's form, the most specific part first: "CN=web,O=Example". Empty for an empty name. */
  get text(): string {
    this.#text ??= this.relativeNames
      .map((attributes) => attributes.map(attributeText).join('+'))
      .reverse()
      .join(',');
    return this.#text;
  }

  /** One text for each relative name, the least specific first; names are equal where these are (RFC 5280, 7.1). */
  get keys(): readonly string[] {
    this.#keys ??= this.relativeNames.map(relativeNameKey);
    return this.#keys;
  }

  toJSON(): string {
    return this.text;
  }
}

/** Whether both are the same name: letter case, kinds of string and insignificant spaces make no difference (RFC 5280, 7.1). */
export function sameName(a: DistinguishedName, b: DistinguishedName): boolean {
  if (equalBytes(a.raw, b.raw)) return true;
  if (a.relativeNames.length !== b.relativeNames.length) return false;
  const [first, second] = [a.keys, b.keys];
  return first.every((key, index) => key === second[index]);
}

export function readName(reader: DerReader): DistinguishedName {
  const raw = reader.element(tags.sequence);
  const sequence = DerReader.over(raw).enter(tags.sequence);
  if (sequence.done) return new DistinguishedName(raw, none);
  const relativeNames = [readRelativeName(sequence)];
  while (!sequence.done) relativeNames.push(readRelativeName(sequence));
  return new DistinguishedName(raw, relativeNames);
}

/** Reads one RelativeDistinguishedName under `tag`, which a distribution point writes as an implicit one. */
export function readRelativeName(sequence: DerReader, tag: number = tags.set): NameAttribute[] {
  const set = sequence.enter(tag);
  if (set.done) throw set.malformed('a relative distinguished name without attributes');
  const first = set.element(tags.sequence);
  const attributes = [readAttribute(first)];
  if (set.done) return attributes;
  const members = [first];
  while (!set.done) {
    const member = set.element(tags.sequence);
    members.push(member);
    attributes.push(readAttribute(member));
  }
  requireSetOrder(set, members);
  return attributes;
}

/** Shared by all empty names. */
const none: readonly never[] = [];

function readAttribute(member: Uint8Array): NameAttribute {
  const attribute = DerReader.over(member).enter(tags.sequence);
  const oid = readObjectIdentifier(attribute);
  const value = member.subarray(attribute.offset);
  // Types with a name here all hold strings; of others the value may be anything (RFC 4514, 2.4), and is kept and shown as octets.
  const isText = strings.has(attribute.peek()) || attributeName(oid) !== undefined;
  const text = isText ? readDirectoryString(attribute) : void attribute.element();
  attribute.finish();
  return { oid, text, value };
}

const strings: ReadonlySet<number | undefined> = new Set([
  tags.utf8String,
  tags.printableString,
  tags.ia5String,
  tags.bmpString,
  tags.universalString,
  tags.teletexString,
]);

function relativeNameKey(attributes: readonly NameAttribute[]): string {
  const keys = attributes.map(({ oid, text, value }) =>
    text === undefined ? `${oid}#${toHex(value)}` : `${oid}=${prepareText(text)}`,
  );
  // The set's order in DER follows the octets, which differ where the names are equal. A control character stands in no prepared text.
  return keys.length === 1 ? (keys[0] ?? '') : keys.sort().join('\u0000');
}

function attributeText({ oid, text, value }: NameAttribute): string {
  const name = attributeName(oid);
  // Of a type without a name the syntax is unknown, so its octets are shown (RFC 4514, 2.4).
  return name === undefined || text === undefined ? `${name ?? oid}=#${toHex(value)}` : `${name}=${escaped(text)}`;
}

/** What RFC 4514, 2.4 escapes wherever it stands; NUL, which it wants too, is among the controls. */
const special = /[",+;<>\\]/g;

/** Controls, formats (bidirectional and invisible ones) and line ends: any may be escaped, and shown they could hide or forge text. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** What nearly every value is, and nothing of which is escaped. */
const plain = /^[\w.*@/:-]+(?: [\w.*@/:-]+)*$/;

/** RFC 4514, 2.4: so that no value can look like another part of the name. */
function escaped(text: string): string {
  if (plain.test(text)) return text;
  return (
    text
      .replaceAll(special, (character) => `\\${character}`)
      .replaceAll(unseen, hexPairs)
      .replace(/^[ #]/, (character) => `\\${character}`)
      // Not the single space that the step before has escaped already.
      .replace(/(?<!^\\) $/, '\\ ')
  );
}

const utf8 = new TextEncoder();

/** "\0A". */
function hexPairs(character: string): string {
  return Array.from(utf8.encode(character), (octet) => `\\${toHex(Uint8Array.of(octet)).toUpperCase()}`).join('');
}

/** A Name, DER; without any part it is the empty name, for which subjectAltName must be critical. */
export function encodeName(parts: { commonName?: string; organization?: string }): Uint8Array {
  const relative = (oid: string, text: string | undefined): Uint8Array[] =>
    text === undefined ? [] : [encodeSetOf([encodeSequence(encodeOid(oid), encodeUtf8String(text))])];
  return encodeSequence(...relative('2.5.4.10', parts.organization), ...relative('2.5.4.3', parts.commonName));
}
