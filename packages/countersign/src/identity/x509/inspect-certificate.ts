/** Certificates read to be looked at, also those that parseCertificate refuses: of versions 1 and 2, with faults of old authorities. Nothing here trusts them. */
import { contextConstructed, DerReader, readSmallInteger, tags, toHex } from '../../ground/encoding/index.ts';
import { isRefusal } from '../../ground/errors/index.ts';
import { type Certificate, readCertificate } from './certificate.ts';
import type { Extension } from './extensions.ts';
import { decodeKnownExtensions, type KnownExtensions } from './known-extensions.ts';

/** Not a `Certificate`, and none can be made of it: without `tbs` path validation does not take it. */
export interface InspectedCertificate extends Omit<Certificate, 'tbs'> {
  readonly version: number;
  /** TBSCertificate, DER. */
  readonly signed: Uint8Array;
  /** The rules of RFC 5280 for which parseCertificate refuses it; none: it does not. */
  readonly faults: readonly string[];
}

/** @throws what cannot be read at all: CS-DER-001 */
export function inspectCertificate(der: Uint8Array): InspectedCertificate {
  const faults: string[] = [];
  const fault = (rule: string): void => void faults.push(rule);
  const { tbs, ...fields } = readCertificate(der, {
    fault,
    serialNumber: (reader) => readAnySerial(reader, fault),
    knownExtensions: (extensions) => decodeReadable(extensions, fault),
  });
  const version = versionOf(tbs);
  // Extensions came with version 3: an older one cannot have any (RFC 5280, 4.1.2.1).
  const told = version === 3 ? faults : faults.filter((rule) => rule !== 'no extensions');
  return { ...fields, version, signed: tbs, faults: told };
}

/** "-05" where it is negative: authorities of old wrote such numbers, and others must read them (RFC 5280, 4.1.2.2). */
function readAnySerial(reader: DerReader, fault: (rule: string) => void): string {
  const contents = reader.contents(tags.integer);
  const negative = ((contents[0] ?? 0) & 0x80) !== 0;
  if (negative) fault('serial number negative (4.1.2.2)');
  const value = BigInt(`0x${toHex(contents) || '0'}`);
  const magnitude = negative ? (1n << BigInt(contents.length * 8)) - value : value;
  const digits = magnitude.toString(16).toUpperCase();
  return `${negative ? '-' : ''}${digits.length % 2 === 0 ? '' : '0'}${digits}`;
}

/** What cannot be decoded says nothing, and is a fault. */
function decodeReadable(extensions: readonly Extension[], fault: (rule: string) => void): KnownExtensions {
  const readable = extensions.filter((extension) => {
    try {
      decodeKnownExtensions([extension]);
      return true;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      fault(`extension ${extension.oid} is broken: ${Object.values(error.evidence).map(String).join(', ')}`);
      return false;
    }
  });
  return decodeKnownExtensions(readable);
}

function versionOf(tbs: Uint8Array): number {
  const fields = DerReader.over(tbs).enter(tags.sequence);
  return fields.peek() === contextConstructed(0) ? readSmallInteger(fields.enter(contextConstructed(0))) + 1 : 1;
}
