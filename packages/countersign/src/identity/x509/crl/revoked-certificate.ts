/** One entry of a list (RFC 5280, 5.1.2.6 and 5.3). */
import {
  DerReader,
  readGeneralizedTime,
  readIntegerBytes,
  readObjectIdentifier,
  readTime,
  tags,
} from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import type { DistinguishedName } from '../distinguished-name.ts';
import { type Extension, readExtensions } from '../extensions.ts';
import { readGeneralNames } from '../general-names.ts';
import { crlEntryExtensionOids } from './extension-oids.ts';
import { readRevocationReason, type RevocationReason } from './revocation-reason.ts';

export interface RevokedCertificate {
  /** Upper-case hexadecimal digits; a minus before a negative number. */
  readonly serialNumber: string;
  /** The names of the certificate's issuer: the list's own, or those that certificateIssuer gives here or at the nearest entry before. */
  readonly certificateIssuer: readonly DistinguishedName[];
  /** Milliseconds since 1970, as is `invalidityDate`. */
  readonly revocationDate: number;
  readonly reason?: RevocationReason;
  readonly invalidityDate?: number;
  /** Object identifier. */
  readonly holdInstruction?: string;
  readonly extensions: readonly Extension[];
}

/** An entry as it stands, its extensions undecoded. */
export interface EntryFields {
  /** The contents of an INTEGER. */
  readonly serialNumber: Uint8Array;
  readonly revocationDate: number;
  /** crlEntryExtensions, DER. */
  readonly extensions?: Uint8Array;
}

export function readEntryFields(list: DerReader): EntryFields {
  const fields = list.enter(tags.sequence);
  const serialNumber = readIntegerBytes(fields);
  const revocationDate = readTime(fields, 'any year');
  if (fields.done) return { serialNumber, revocationDate };
  const extensions = fields.element(tags.sequence);
  fields.finish();
  return { serialNumber, revocationDate, extensions };
}

export interface EntryExtensions {
  readonly reason?: RevocationReason;
  readonly invalidityDate?: number;
  readonly holdInstruction?: string;
  readonly certificateIssuer?: readonly DistinguishedName[];
  readonly extensions: readonly Extension[];
}

export const noEntryExtensions: EntryExtensions = { extensions: [] };

/**
 * In one pass, since a list may hold hundreds of thousands of entries with extensions.
 * @param raw crlEntryExtensions, DER
 */
export function decodeEntryExtensions(raw: Uint8Array): EntryExtensions {
  const extensions = readExtensions(DerReader.over(raw).enter(tags.sequence));
  const decoded: { -readonly [Field in keyof EntryExtensions]: EntryExtensions[Field] } = { extensions };
  for (const { oid, value } of extensions) {
    const reader = DerReader.over(value);
    switch (oid) {
      case crlEntryExtensionOids.reasonCode:
        decoded.reason = readRevocationReason(reader);
        break;
      case crlEntryExtensionOids.invalidityDate:
        decoded.invalidityDate = readGeneralizedTime(reader);
        break;
      case crlEntryExtensionOids.holdInstructionCode:
        decoded.holdInstruction = readObjectIdentifier(reader);
        break;
      case crlEntryExtensionOids.certificateIssuer:
        decoded.certificateIssuer = readCertificateIssuer(reader);
        break;
      default:
        continue;
    }
    reader.finish();
  }
  return decoded;
}

/** The issuer's distinguished names, one of which must be there (RFC 5280, 5.3.3); names of other kinds are read and left. */
function readCertificateIssuer(reader: DerReader): readonly DistinguishedName[] {
  const { directory } = readGeneralNames(reader.enter(tags.sequence));
  if (directory.length === 0) {
    throw new Refusal('CS-CRL-001', { rule: 'certificateIssuer without a distinguished name (5.3.3)' });
  }
  return directory;
}
