/** subjectDirectoryAttributes (RFC 5280, 4.2.1.8), read and written: attributes of the subject that are no part of its name. */
import {
  type DerReader,
  encodeOid,
  encodeSequence,
  encodeSetOf,
  readObjectIdentifier,
  requireSetOrder,
  tags,
} from '../../../ground/encoding/index.ts';
import { encodeExtension, extensionOids } from '../extensions.ts';

export interface DirectoryAttribute {
  /** Object identifier. */
  readonly type: string;
  /** DER, each. */
  readonly values: readonly Uint8Array[];
}

export function readSubjectDirectoryAttributes(reader: DerReader): DirectoryAttribute[] {
  const list = reader.enter(tags.sequence);
  if (list.done) throw list.malformed('subjectDirectoryAttributes is empty');
  const attributes: DirectoryAttribute[] = [];
  while (!list.done) {
    const fields = list.enter(tags.sequence);
    const type = readObjectIdentifier(fields);
    attributes.push({ type, values: readValues(fields.enter(tags.set)) });
    fields.finish();
  }
  return attributes;
}

function readValues(set: DerReader): Uint8Array[] {
  if (set.done) throw set.malformed('an attribute without values');
  const values: Uint8Array[] = [];
  while (!set.done) values.push(set.element());
  requireSetOrder(set, values);
  return values;
}

/** Not critical, as it must be (RFC 5280, 4.2.1.8). */
export function subjectDirectoryAttributesExtension(attributes: readonly DirectoryAttribute[]): Uint8Array {
  const members = attributes.map(({ type, values }) => encodeSequence(encodeOid(type), encodeSetOf(values)));
  return encodeExtension(extensionOids.subjectDirectoryAttributes, false, encodeSequence(...members));
}
