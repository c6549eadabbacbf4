/** subjectAltName's GeneralNames (RFC 5280, 4.2.1.6): DNS, URI and IP are read into text; others are kept by kind and match nothing. */
import {
  concatBytes,
  contextConstructed,
  contextPrimitive,
  decodeObjectIdentifier,
  type DerReader,
  encodeImplicit,
  encodeSequence,
  readIa5String,
  readObjectIdentifier,
} from '../../ground/encoding/index.ts';
import { readName } from './distinguished-name.ts';
import { formatIpAddress, parseIpAddress } from './ip-address.ts';

export interface GeneralNames {
  readonly dns: readonly string[];
  readonly uri: readonly string[];
  /** In text form: "127.0.0.1", "::1". */
  readonly ip: readonly string[];
  /** The kinds of the other names that were there, in order: "email". */
  readonly other: readonly string[];
}

export const noNames: GeneralNames = { dns: [], uri: [], ip: [], other: [] };

const dnsTag = contextPrimitive(2);
const uriTag = contextPrimitive(6);
const ipTag = contextPrimitive(7);

/** Kinds that match nothing here, each with what reads it whole; X.400 addresses and EDI party names are not seen, and so refused. */
const otherKinds: ReadonlyMap<number, { readonly kind: string; readonly read: (names: DerReader) => void }> = new Map([
  [contextConstructed(0), { kind: 'other name', read: readOtherName }],
  [contextPrimitive(1), { kind: 'email', read: (names) => void readText(names, contextPrimitive(1)) }],
  [contextConstructed(4), { kind: 'directory name', read: readDirectoryName }],
  [contextPrimitive(8), { kind: 'registered ID', read: readRegisteredId }],
]);

/** Reads `GeneralNames`, whose SEQUENCE `names` has been entered. */
export function readGeneralNames(names: DerReader): GeneralNames {
  const found = { dns: [] as string[], uri: [] as string[], ip: [] as string[], other: [] as string[] };
  if (names.done) throw names.malformed('GeneralNames is empty');
  while (!names.done) {
    const tag = names.peek();
    if (tag === dnsTag) found.dns.push(readText(names, dnsTag));
    else if (tag === uriTag) found.uri.push(readText(names, uriTag));
    else if (tag === ipTag) found.ip.push(readIp(names));
    else found.other.push(readOther(names, tag ?? 0));
  }
  return found;
}

/** Neither a DNS name nor a URI holds a space, a control character or nothing; a NUL has split names in two elsewhere (CVE-2021-44532). */
function readText(names: DerReader, tag: number): string {
  const { offset } = names;
  const text = readIa5String(names, tag);
  if (!/^[\x21-\x7e]+$/.test(text))
    throw names.malformed('a name that is empty or holds a space or control character', offset);
  return text;
}

function readIp(names: DerReader): string {
  const { offset } = names;
  const text = formatIpAddress(names.contents(ipTag));
  if (text === undefined) throw names.malformed('an iPAddress of other than 4 or 16 octets', offset);
  return text;
}

function readOther(names: DerReader, tag: number): string {
  const other = otherKinds.get(tag);
  if (other === undefined) throw names.malformed('a GeneralName of no known kind');
  other.read(names);
  return other.kind;
}

function readOtherName(names: DerReader): void {
  const fields = names.enter(contextConstructed(0));
  readObjectIdentifier(fields);
  const value = fields.enter(contextConstructed(0));
  value.element();
  value.finish();
  fields.finish();
}

function readDirectoryName(names: DerReader): void {
  const explicit = names.enter(contextConstructed(4));
  readName(explicit);
  explicit.finish();
}

function readRegisteredId(names: DerReader): void {
  const { offset } = names;
  if (decodeObjectIdentifier(names.contents(contextPrimitive(8))) === undefined) {
    throw names.malformed('a registered ID that is no object identifier', offset);
  }
}

/** `GeneralNames`, DER. */
export function encodeGeneralNames(names: Partial<GeneralNames>): Uint8Array {
  const ascii = (tag: number) => (text: string) => encodeImplicit(tag, asciiBytes(text));
  return encodeSequence(
    concatBytes((names.dns ?? []).map(ascii(2))),
    concatBytes((names.uri ?? []).map(ascii(6))),
    concatBytes((names.ip ?? []).map((text) => encodeImplicit(7, parseIpAddress(text) ?? notAnAddress(text)))),
  );
}

function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => {
    const code = character.charCodeAt(0);
    if (code > 0x7f) throw new TypeError('a DNS name or URI in a certificate is ASCII');
    return code;
  });
}

function notAnAddress(text: string): never {
  throw new TypeError(`${text} is no IP address`);
}
