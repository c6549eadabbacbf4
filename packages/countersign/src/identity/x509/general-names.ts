/** subjectAltName's GeneralNames (RFC 5280, 4.2.1.6): DNS, URI and IP are read into text; others are kept by kind and match nothing. */
import {
  concatBytes,
  type DerReader,
  encodeImplicit,
  encodeSequence,
  readIa5String,
} from '../../ground/encoding/index.ts';
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

const dnsTag = 0x82;
const uriTag = 0x86;
const ipTag = 0x87;
const otherKinds: ReadonlyMap<number, string> = new Map([
  [0xa0, 'other name'],
  [0x81, 'email'],
  [0xa3, 'X.400 address'],
  [0xa4, 'directory name'],
  [0xa5, 'EDI party name'],
  [0x88, 'registered ID'],
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
  const kind = otherKinds.get(tag);
  if (kind === undefined) throw names.malformed('a GeneralName of no known kind');
  names.element();
  return kind;
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
