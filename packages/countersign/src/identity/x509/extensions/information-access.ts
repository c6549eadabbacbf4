/** authorityInfoAccess and subjectInfoAccess (RFC 5280, 4.2.2.1, 4.2.2.2), read and written: where more about an issuer or a subject is found. */
import {
  type DerReader,
  encodeOid,
  encodeSequence,
  readObjectIdentifier,
  tags,
} from '../../../ground/encoding/index.ts';
import { encodeExtension, extensionOids } from '../extensions.ts';
import { generalNameElements, type GeneralNames, readGeneralNames, type WritableNames } from '../general-names.ts';

export const accessMethods = {
  ocsp: '1.3.6.1.5.5.7.48.1',
  caIssuers: '1.3.6.1.5.5.7.48.2',
  timeStamping: '1.3.6.1.5.5.7.48.3',
  caRepository: '1.3.6.1.5.5.7.48.5',
} as const;

export interface AccessDescription {
  /** Object identifier: one of `accessMethods`, or another. */
  readonly method: string;
  /** One name. */
  readonly location: GeneralNames;
}

/** Both extensions share this form. */
export function readInformationAccess(reader: DerReader): AccessDescription[] {
  const list = reader.enter(tags.sequence);
  if (list.done) throw list.malformed('an information access extension without descriptions');
  const descriptions: AccessDescription[] = [];
  while (!list.done) {
    const fields = list.enter(tags.sequence);
    const method = readObjectIdentifier(fields);
    descriptions.push({ method, location: readOneName(fields) });
  }
  return descriptions;
}

/** The rest of `fields`, which must be one name. */
function readOneName(fields: DerReader): GeneralNames {
  const { offset } = fields;
  const names = readGeneralNames(fields);
  const count = Object.values<readonly unknown[]>({ ...names }).flat().length;
  if (count !== 1) throw fields.malformed('an access description with more than one location', offset);
  return names;
}

export interface WritableAccess {
  readonly method: string;
  /** One name. */
  readonly location: WritableNames;
}

/** Not critical, as it must be (RFC 5280, 4.2.2.1). */
export function authorityInfoAccessExtension(descriptions: readonly WritableAccess[]): Uint8Array {
  return encodeExtension(extensionOids.authorityInfoAccess, false, encodeDescriptions(descriptions));
}

/** Not critical, as it must be (RFC 5280, 4.2.2.2). */
export function subjectInfoAccessExtension(descriptions: readonly WritableAccess[]): Uint8Array {
  return encodeExtension(extensionOids.subjectInfoAccess, false, encodeDescriptions(descriptions));
}

function encodeDescriptions(descriptions: readonly WritableAccess[]): Uint8Array {
  if (descriptions.length === 0) throw new TypeError('an information access extension has a description');
  const members = descriptions.map(({ method, location }) => {
    const [name, ...others] = generalNameElements(location);
    if (name === undefined || others.length > 0) throw new TypeError('an access description has one location');
    return encodeSequence(encodeOid(method), name);
  });
  return encodeSequence(...members);
}
