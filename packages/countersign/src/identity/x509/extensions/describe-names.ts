/** Names, networks and purposes of extensions as plain data. */
import { DerReader, readDirectoryString, readTime, tags, toHex } from '../../../ground/encoding/index.ts';
import { toRfc3339 } from '../../../ground/clock/index.ts';
import { isRefusal } from '../../../ground/errors/index.ts';
import { extendedKeyUsages } from '../extensions.ts';
import type { GeneralNames } from '../general-names.ts';
import { formatIpAddress } from '../ip-address.ts';
import type { Subtrees } from './name-constraints.ts';

/** Purposes that decide nothing here, by the names that others show them with. */
const otherPurposes: ReadonlyMap<string, string> = new Map([
  ['1.3.6.1.5.2.3.4', 'pkinitClientAuth'],
  ['1.3.6.1.5.2.3.5', 'pkinitKDC'],
  ['1.3.6.1.5.5.7.3.17', 'ipsecIKE'],
  ['1.3.6.1.5.5.7.3.21', 'sshClient'],
  ['1.3.6.1.5.5.7.3.22', 'sshServer'],
  ['1.3.6.1.5.5.7.3.36', 'documentSigning'],
  ['1.3.6.1.4.1.311.20.2.2', 'smartcardLogon'],
  ['1.3.6.1.4.1.11129.2.4.4', 'precertificateSigning'],
]);

const purposes: ReadonlyMap<string, string> = new Map([
  ...Object.entries(extendedKeyUsages).map(([name, oid]): [string, string] => [oid, name]),
  ...otherPurposes,
]);

export function purposeName(oid: string): string | undefined {
  return purposes.get(oid);
}

/** The kinds that there are, each with its names. */
export function describeNames(names: GeneralNames): Record<string, unknown> {
  return present({
    dns: names.dns,
    uri: names.uri,
    ip: names.ip,
    email: names.email,
    directory: names.directory.map(({ text }) => text),
    registeredId: names.registeredId,
    otherName: names.otherName.map(({ type, value }) => ({ type, ...describeDer(value) })),
    x400: names.x400.map(toHex),
    ediParty: names.ediParty.map(toHex),
  });
}

export function describeSubtrees(subtrees: Subtrees): Record<string, unknown> {
  return present({
    dns: subtrees.dns,
    uri: subtrees.uri,
    email: subtrees.email,
    ip: subtrees.ip.map(describeRange),
    directory: subtrees.directory.map(({ text }) => text),
    others: subtrees.others,
  });
}

function present(lists: Readonly<Record<string, readonly unknown[]>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));
}

/** "10.0.0.0/8": the mask has been read as a prefix. */
function describeRange(range: Uint8Array): string {
  const half = range.length / 2;
  const bits = range.subarray(half).reduce((count, octet) => count + octet.toString(2).replaceAll('0', '').length, 0);
  return `${formatIpAddress(range.subarray(0, half)) ?? toHex(range)}/${String(bits)}`;
}

/** Any element: its octets, and what they say where they are a string or a time. */
export function describeDer(value: Uint8Array): { readonly value: string; readonly text?: string } {
  const text = textOf(value);
  return text === undefined ? { value: toHex(value) } : { value: toHex(value), text };
}

const strings: ReadonlySet<number | undefined> = new Set([
  tags.utf8String,
  tags.printableString,
  tags.ia5String,
  tags.bmpString,
  tags.universalString,
]);

function textOf(value: Uint8Array): string | undefined {
  const reader = DerReader.over(value);
  const tag = reader.peek();
  try {
    if (tag === tags.generalizedTime || tag === tags.utcTime) return toRfc3339(readTime(reader, 'any year'));
    return strings.has(tag) ? readDirectoryString(reader) : undefined;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return undefined;
  }
}
