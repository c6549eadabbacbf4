/** Microsoft's certificate template (1.3.6.1.4.1.311.21.7), read and written: which template of its authority a certificate was made from. */
import {
  type DerReader,
  encodeInteger,
  encodeOid,
  encodeSequence,
  readObjectIdentifier,
  readPositiveIntegerHex,
  tags,
} from '../../../ground/encoding/index.ts';
import { encodeExtension, extensionOids } from '../extensions.ts';

export interface CertificateTemplate {
  /** Object identifier. */
  readonly template: string;
  readonly majorVersion?: number;
  readonly minorVersion?: number;
}

/** Versions are 32-bit numbers without sign. */
const mostVersion = 0xffff_ffff;

export function readCertificateTemplate(reader: DerReader): CertificateTemplate {
  const fields = reader.enter(tags.sequence);
  const template = readObjectIdentifier(fields);
  const majorVersion = fields.done ? undefined : readVersion(fields);
  const minorVersion = fields.done ? undefined : readVersion(fields);
  fields.finish();
  return {
    template,
    ...(majorVersion === undefined ? {} : { majorVersion }),
    ...(minorVersion === undefined ? {} : { minorVersion }),
  };
}

function readVersion(fields: DerReader): number {
  const { offset } = fields;
  const version = Number.parseInt(readPositiveIntegerHex(fields), 16);
  if (version > mostVersion) throw fields.malformed('a version above 32 bits', offset);
  return version;
}

/** Not critical. */
export function certificateTemplateExtension(from: CertificateTemplate): Uint8Array {
  const { template, majorVersion, minorVersion } = from;
  if (majorVersion === undefined && minorVersion !== undefined) throw new TypeError('a minor version follows a major');
  const versions = [majorVersion, minorVersion].filter((version) => version !== undefined);
  const value = encodeSequence(encodeOid(template), ...versions.map((version) => encodeInteger(version)));
  return encodeExtension(extensionOids.microsoftCertificateTemplate, false, value);
}
