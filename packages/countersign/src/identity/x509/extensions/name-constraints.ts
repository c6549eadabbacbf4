/** nameConstraints (RFC 5280, 4.2.1.10), read and written: what it permits and excludes, by kind of name. */
import {
  concatBytes,
  contextConstructed,
  contextPrimitive,
  DerReader,
  encodeElement,
  encodeImplicit,
  encodeSequence,
  readIa5String,
  tags,
} from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { type DistinguishedName, readName } from '../distinguished-name.ts';
import { encodeExtension, extensionOids } from '../extensions.ts';
import { generalNameElements, readGeneralNames, type WritableNames } from '../general-names.ts';
import { parseIpAddress } from '../ip-address.ts';

/** A network: the octets of its address, then those of its mask. */
export type AddressRange = Uint8Array;

export interface Subtrees {
  readonly dns: readonly string[];
  readonly uri: readonly string[];
  readonly email: readonly string[];
  readonly ip: readonly AddressRange[];
  readonly directory: readonly DistinguishedName[];
  /** Kinds whose constraints nobody can process; "other name 1.3.6.1.5.5.7.8.5" for an otherName of that type. */
  readonly others: readonly string[];
}

export interface NameConstraints {
  readonly permitted: Subtrees;
  readonly excluded: Subtrees;
}

export function readNameConstraints(reader: DerReader): NameConstraints {
  const fields = reader.enter(tags.sequence);
  if (fields.done) throw new Refusal('CS-X509-001', { rule: 'nameConstraints without any (4.2.1.10)' });
  const permitted = readSubtrees(fields, contextConstructed(0));
  const excluded = readSubtrees(fields, contextConstructed(1));
  fields.finish();
  return { permitted, excluded };
}

function readSubtrees(fields: DerReader, tag: number): Subtrees {
  const found = {
    dns: [] as string[],
    uri: [] as string[],
    email: [] as string[],
    ip: [] as AddressRange[],
    directory: [] as DistinguishedName[],
    others: [] as string[],
  };
  if (fields.peek() !== tag) return found;
  const list = fields.enter(tag);
  if (list.done) throw list.malformed('GeneralSubtrees is empty');
  while (!list.done) {
    const subtree = list.enter(tags.sequence);
    readBase(subtree, found);
    // minimum is 0 and, as its default, not written; maximum is absent (RFC 5280, 4.2.1.10).
    if (!subtree.done) throw subtree.malformed('a subtree with a minimum or a maximum');
  }
  return found;
}

function readBase(subtree: DerReader, found: { -readonly [Kind in keyof Subtrees]: Subtrees[Kind][number][] }): void {
  const { offset } = subtree;
  switch (subtree.peek()) {
    case contextPrimitive(2):
      found.dns.push(readIa5String(subtree, contextPrimitive(2)));
      break;
    case contextPrimitive(6):
      found.uri.push(readIa5String(subtree, contextPrimitive(6)));
      break;
    case contextPrimitive(1):
      found.email.push(readIa5String(subtree, contextPrimitive(1)));
      break;
    case contextPrimitive(7):
      found.ip.push(readRange(subtree.contents(contextPrimitive(7)), subtree, offset));
      break;
    case contextConstructed(4): {
      const explicit = subtree.enter(contextConstructed(4));
      found.directory.push(readName(explicit));
      explicit.finish();
      break;
    }
    default:
      found.others.push(readUnprocessed(subtree));
  }
}

/** The kind of a name that no constraint is processed for; it must still be one. */
function readUnprocessed(subtree: DerReader): string {
  const name = readGeneralNames(DerReader.over(subtree.element()));
  if (name.otherName[0] !== undefined) return `other name ${name.otherName[0].type}`;
  if (name.registeredId.length > 0) return 'registered ID';
  return name.x400.length > 0 ? 'X.400 address' : 'EDI party name';
}

/** Twice the octets of an address. */
function readRange(octets: Uint8Array, reader: DerReader, offset: number): AddressRange {
  if (octets.length !== 8 && octets.length !== 32) {
    throw reader.malformed('an iPAddress constraint of other than 8 or 32 octets', offset);
  }
  if (!isAddressMask(octets.subarray(octets.length / 2))) {
    throw reader.malformed('an iPAddress constraint whose mask is no prefix', offset);
  }
  return octets;
}

/** Whether a mask is of the form of RFC 4632 (RFC 5280, 4.2.1.10): ones, then zeros. */
export function isAddressMask(mask: Uint8Array): boolean {
  let ended = false;
  for (const octet of mask) {
    const zeros = (~octet & 0xff) + 1;
    if ((ended && octet !== 0) || (zeros & (zeros - 1)) !== 0) return false;
    ended ||= octet !== 0xff;
  }
  return true;
}

export interface WritableSubtrees extends Omit<WritableNames, 'ip'> {
  /** Networks in text: "10.0.0.0/8", "2001:db8::/32". */
  readonly ip?: readonly string[];
}

/** Critical, as it must be (RFC 5280, 4.2.1.10). */
export function nameConstraintsExtension(
  constraints: { readonly permitted?: WritableSubtrees; readonly excluded?: WritableSubtrees },
  critical: boolean = true,
): Uint8Array {
  const { permitted, excluded } = constraints;
  const value = encodeSequence(
    ...(permitted === undefined ? [] : [encodeSubtrees(0, permitted)]),
    ...(excluded === undefined ? [] : [encodeSubtrees(1, excluded)]),
  );
  return encodeExtension(extensionOids.nameConstraints, critical, value);
}

function encodeSubtrees(number: number, subtrees: WritableSubtrees): Uint8Array {
  const { ip, ...names } = subtrees;
  const bases = [...generalNameElements(names), ...(ip ?? []).map((range) => encodeImplicit(7, parseRange(range)))];
  return encodeElement(contextConstructed(number), concatBytes(bases.map((base) => encodeSequence(base))));
}

function parseRange(text: string): Uint8Array {
  const [address = '', digits = ''] = text.split('/');
  const octets = parseIpAddress(address);
  const bits = /^(0|[1-9]\d{0,2})$/.test(digits) ? Number(digits) : Infinity;
  if (octets === undefined || bits > octets.length * 8) throw new TypeError(`${text} is no network`);
  const mask = Uint8Array.from(octets, (_, index) => 0xff & ~(0xff >> Math.min(8, Math.max(0, bits - 8 * index))));
  return concatBytes([octets.map((octet, index) => octet & (mask[index] ?? 0)), mask]);
}
