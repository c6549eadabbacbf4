/** GeneralNames (RFC 5280, 4.2.1.6), all nine kinds: read by kind and written. */
import {
  concatBytes,
  contextConstructed,
  contextPrimitive,
  decodeObjectIdentifier,
  type DerReader,
  encodeElement,
  encodeExplicit,
  encodeObjectIdentifier,
  encodeOid,
  encodeSequence,
  readIa5String,
  readObjectIdentifier,
} from '../../ground/encoding/index.ts';
import { type DistinguishedName, readName } from './distinguished-name.ts';
import { formatIpAddress, parseIpAddress } from './ip-address.ts';

export interface OtherName {
  /** Object identifier. */
  readonly type: string;
  /** DER. */
  readonly value: Uint8Array;
}

export interface GeneralNames {
  readonly dns: readonly string[];
  readonly uri: readonly string[];
  /** In text form: "127.0.0.1", "::1". */
  readonly ip: readonly string[];
  readonly email: readonly string[];
  readonly directory: readonly DistinguishedName[];
  /** Object identifiers. */
  readonly registeredId: readonly string[];
  readonly otherName: readonly OtherName[];
  /** x400Address and ediPartyName, whole elements: kept, shown and never matched. */
  readonly x400: readonly Uint8Array[];
  readonly ediParty: readonly Uint8Array[];
}

export const noNames: GeneralNames = {
  dns: [],
  uri: [],
  ip: [],
  email: [],
  directory: [],
  registeredId: [],
  otherName: [],
  x400: [],
  ediParty: [],
};

const otherNameTag = contextConstructed(0);
const emailTag = contextPrimitive(1);
const dnsTag = contextPrimitive(2);
const x400Tag = contextConstructed(3);
const directoryTag = contextConstructed(4);
const ediPartyTag = contextConstructed(5);
const uriTag = contextPrimitive(6);
const ipTag = contextPrimitive(7);
const registeredIdTag = contextPrimitive(8);

/** Kinds of which a name holds none share this list: most certificates carry one kind alone. */
const none: readonly never[] = [];

/** Reads `GeneralNames`, whose SEQUENCE `names` has been entered. */
export function readGeneralNames(names: DerReader): GeneralNames {
  if (names.done) throw names.malformed('GeneralNames is empty');
  const found: { -readonly [Kind in keyof GeneralNames]: GeneralNames[Kind][number][] } = {
    dns: [],
    uri: [],
    ip: [],
    email: [],
    directory: [],
    registeredId: [],
    otherName: [],
    x400: [],
    ediParty: [],
  };
  while (!names.done) {
    switch (names.peek()) {
      case dnsTag:
        found.dns.push(readText(names, dnsTag));
        break;
      case uriTag:
        found.uri.push(readText(names, uriTag));
        break;
      case ipTag:
        found.ip.push(readIp(names));
        break;
      case emailTag:
        found.email.push(readText(names, emailTag));
        break;
      case directoryTag:
        found.directory.push(readDirectoryName(names));
        break;
      case registeredIdTag:
        found.registeredId.push(readRegisteredId(names));
        break;
      case otherNameTag:
        found.otherName.push(readOtherName(names));
        break;
      case x400Tag:
        found.x400.push(names.element());
        break;
      case ediPartyTag:
        found.ediParty.push(names.element());
        break;
      default:
        throw names.malformed('a GeneralName of no known kind');
    }
  }
  for (const kind of kinds) if (found[kind].length === 0) found[kind] = none as never[];
  return found;
}

const kinds = Object.keys(noNames) as readonly (keyof GeneralNames)[];

const plainText = /^[\x21-\x7e]+$/;

/** None of these names holds a space, a control character or nothing; a NUL has split names in two elsewhere (CVE-2021-44532). */
function readText(names: DerReader, tag: number): string {
  const { offset } = names;
  const text = readIa5String(names, tag);
  if (!plainText.test(text))
    throw names.malformed('a name that is empty or holds a space or control character', offset);
  return text;
}

function readIp(names: DerReader): string {
  const { offset } = names;
  const text = formatIpAddress(names.contents(ipTag));
  if (text === undefined) throw names.malformed('an iPAddress of other than 4 or 16 octets', offset);
  return text;
}

function readOtherName(names: DerReader): OtherName {
  const fields = names.enter(otherNameTag);
  const type = readObjectIdentifier(fields);
  const explicit = fields.enter(contextConstructed(0));
  const value = explicit.element();
  explicit.finish();
  fields.finish();
  return { type, value };
}

function readDirectoryName(names: DerReader): DistinguishedName {
  const explicit = names.enter(directoryTag);
  const name = readName(explicit);
  explicit.finish();
  return name;
}

function readRegisteredId(names: DerReader): string {
  const { offset } = names;
  const oid = decodeObjectIdentifier(names.contents(registeredIdTag));
  if (oid === undefined) throw names.malformed('a registered ID that is no object identifier', offset);
  return oid;
}

/** The kinds of the names that are neither DNS, URI nor IP, one word or two for each name: "email", "directory name". */
export function otherKinds(names: GeneralNames): string[] {
  const kinds: string[] = [];
  for (const [kind, word] of otherWords) for (let count = names[kind].length; count > 0; count--) kinds.push(word);
  return kinds;
}

const otherWords: readonly (readonly [kind: keyof GeneralNames, word: string])[] = [
  ['email', 'email'],
  ['directory', 'directory name'],
  ['registeredId', 'registered ID'],
  ['otherName', 'other name'],
  ['x400', 'X.400 address'],
  ['ediParty', 'EDI party name'],
];

/** What is written: directory names as their DER suffices. */
export interface WritableNames {
  readonly dns?: readonly string[];
  readonly uri?: readonly string[];
  readonly ip?: readonly string[];
  readonly email?: readonly string[];
  readonly directory?: readonly { readonly raw: Uint8Array }[];
  readonly registeredId?: readonly string[];
  readonly otherName?: readonly OtherName[];
  readonly x400?: readonly Uint8Array[];
  readonly ediParty?: readonly Uint8Array[];
}

/** `GeneralNames`, DER. */
export function encodeGeneralNames(names: WritableNames): Uint8Array {
  return encodeSequence(...generalNameElements(names));
}

/** Each name's element, kind by kind. */
export function generalNameElements(names: WritableNames): Uint8Array[] {
  const elements: Uint8Array[] = [];
  for (const text of names.dns ?? none) elements.push(encodeElement(dnsTag, asciiBytes(text)));
  for (const text of names.uri ?? none) elements.push(encodeElement(uriTag, asciiBytes(text)));
  for (const text of names.ip ?? none) elements.push(encodeElement(ipTag, parseIpAddress(text) ?? notAnAddress(text)));
  for (const text of names.email ?? none) elements.push(encodeElement(emailTag, asciiBytes(text)));
  for (const { raw } of names.directory ?? none) elements.push(encodeElement(directoryTag, raw));
  for (const oid of names.registeredId ?? none)
    elements.push(encodeElement(registeredIdTag, encodeObjectIdentifier(oid)));
  for (const { type, value } of names.otherName ?? none)
    elements.push(encodeElement(otherNameTag, concatBytes([encodeOid(type), encodeExplicit(0, value)])));
  elements.push(...(names.x400 ?? none), ...(names.ediParty ?? none));
  return elements;
}

function asciiBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0x7f) throw new TypeError('a DNS name, URI or mailbox in a certificate is ASCII');
    bytes[at] = code;
  }
  return bytes;
}

function notAnAddress(text: string): never {
  throw new TypeError(`${text} is no IP address`);
}
