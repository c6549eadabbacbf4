/** A distinguished name from its text form (RFC 4514), strictly: no quotes, no spaces around separators, no guessing. */
import {
  DerReader,
  encodeOid,
  encodeSequence,
  encodeSetOf,
  fromHex,
  readObjectIdentifier,
  toHex,
} from '../../../ground/encoding/index.ts';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { type DistinguishedName, readName } from '../distinguished-name.ts';
import { attributeType } from './attribute-types.ts';
import { encodeStringOf, fitsString } from './character-strings.ts';

/** The empty text is the empty name. */
export function parseNameText(text: string): DistinguishedName {
  const relativeNames = text === '' ? [] : new NameText(text).relativeNames();
  // The text begins with the most specific part, the name ends with it (RFC 4514, 2.1).
  const raw = encodeSequence(...relativeNames.reverse());
  return readName(DerReader.over(raw));
}

const attributeTypePattern = /(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)/y;
const hexPattern = /#((?:[0-9A-Fa-f]{2})+)(?=[,+]|$)/y;
const hexPairs = /(?:\\[0-9A-Fa-f]{2})+/y;
/** Whatever needs no escape, wherever it stands (RFC 4514, 3: stringchar). */
const plainCharacters = /[^\0"+,;<>\\]+/y;

class NameText {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** RelativeDistinguishedNames, DER, in the order of the text. */
  relativeNames(): Uint8Array[] {
    const names = [this.#relativeName()];
    while (this.#skip(',')) names.push(this.#relativeName());
    if (this.#at < this.#text.length) throw this.#broken(unescaped(this.#text[this.#at] ?? ''));
    return names;
  }

  #relativeName(): Uint8Array {
    const start = this.#at;
    const attributes = [this.#attribute()];
    while (this.#skip('+')) attributes.push(this.#attribute());
    if (new Set(attributes.map(toHex)).size < attributes.length)
      throw this.#broken('the same attribute twice in one part', start);
    return encodeSetOf(attributes);
  }

  #attribute(): Uint8Array {
    const start = this.#at;
    const written = this.#match(attributeTypePattern)?.[0];
    if (written === undefined) throw this.#broken('an attribute type is missing');
    const type = attributeType(written);
    const oid = type?.oid ?? this.#identifier(written, start);
    if (!this.#skip('=')) throw this.#broken('"=" is missing after an attribute type');
    const at = this.#at;
    if (this.#text[at] === '#') return this.#checked(encodeSequence(encodeOid(oid), this.#hexValue()), at);
    const value = this.#stringValue();
    const kind = type?.string ?? 'utf8';
    if (!fitsString(kind, value)) throw this.#broken(`a character that ${written} may not hold`, at);
    return encodeSequence(encodeOid(oid), encodeStringOf(kind, value));
  }

  #identifier(written: string, start: number): string {
    if (!/^\d/.test(written)) throw this.#broken('an attribute type that is not known', start);
    try {
      return readObjectIdentifier(DerReader.over(encodeOid(written)));
    } catch {
      throw this.#broken('an attribute type that is no object identifier', start);
    }
  }

  #hexValue(): Uint8Array {
    const digits = this.#match(hexPattern)?.[1];
    if (digits === undefined) throw this.#broken('"#" without pairs of hexadecimal digits up to the end of the value');
    return fromHex(digits) ?? new Uint8Array();
  }

  /** The attribute, whose value came as DER: it must be one element, and a string must be one. */
  #checked(attribute: Uint8Array, at: number): Uint8Array {
    try {
      readName(DerReader.over(encodeSequence(encodeSetOf([attribute]))));
      return attribute;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      throw this.#broken('a value after "#" that is not DER', at);
    }
  }

  #stringValue(): string {
    const start = this.#at;
    let value = '';
    // Where the last character stands if it is a space without an escape.
    let space: number | undefined;
    if (this.#text[start] === ' ') throw this.#broken('a space without "\\" at the beginning of a value');
    for (;;) {
      const plain = this.#match(plainCharacters)?.[0];
      if (plain !== undefined) {
        value += plain;
        space = plain.endsWith(' ') ? this.#at - 1 : undefined;
      } else if (this.#text[this.#at] === '\\') {
        value += this.#escape();
        space = undefined;
      } else {
        break;
      }
    }
    if (space !== undefined) throw this.#broken('a space without "\\" at the end of a value', space);
    if (/\p{Cs}/u.test(value)) throw this.#broken('half of a surrogate pair', start);
    return value;
  }

  /** One character after "\", or octets of UTF-8 in pairs of digits. */
  #escape(): string {
    const at = this.#at;
    const pairs = this.#match(hexPairs)?.[0];
    if (pairs !== undefined) {
      const octets = fromHex(pairs.replaceAll('\\', '')) ?? new Uint8Array();
      try {
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets);
      } catch {
        throw this.#broken('escaped octets that are not UTF-8', at);
      }
    }
    const character = this.#text[at + 1] ?? '';
    if (!/^["+,;<>\\ #=]$/.test(character)) throw this.#broken('"\\" before what it does not escape', at);
    this.#at += 2;
    return character;
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text) ?? undefined;
    if (match !== undefined) this.#at = pattern.lastIndex;
    return match;
  }

  #skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #broken(rule: string, offset: number = this.#at): Refusal {
    return new Refusal('CS-X509-004', { text: this.#text, rule, offset });
  }
}

function unescaped(character: string): string {
  return character === '\0' ? 'NUL without an escape' : `${character} without "\\" before it`;
}
