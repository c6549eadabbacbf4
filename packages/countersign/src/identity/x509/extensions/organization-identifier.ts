/** cabfOrganizationIdentifier (CA/Browser Forum, EV Guidelines 9.8.2), read and written: the subject's number in a register, in parts. */
import {
  concatBytes,
  contextPrimitive,
  type DerReader,
  encodeElement,
  encodeImplicit,
  tags,
} from '../../../ground/encoding/index.ts';
import { encodeExtension, extensionOids } from '../extensions.ts';
import { encodeStringOf, readStringOf } from '../names/character-strings.ts';
import { readImplicit } from './implicit.ts';

export interface OrganizationIdentifier {
  /** Three letters: "VAT", "NTR", "PSD". */
  readonly scheme: string;
  /** Two letters. */
  readonly country: string;
  readonly stateOrProvince?: string;
  readonly reference: string;
}

export function readOrganizationIdentifier(reader: DerReader): OrganizationIdentifier {
  const fields = reader.enter(tags.sequence);
  const scheme = readStringOf(fields, 'printable', [3, 3]);
  const country = readStringOf(fields, 'printable', [2, 2]);
  const tag = contextPrimitive(0);
  const stateOrProvince =
    fields.peek() === tag
      ? readImplicit(fields, tag, tags.printableString, (text) => readStringOf(text, 'printable', [0, 128]))
      : undefined;
  const reference = readStringOf(fields, 'utf8', [1, Infinity]);
  fields.finish();
  return { scheme, country, ...(stateOrProvince === undefined ? {} : { stateOrProvince }), reference };
}

/** Not critical. */
export function organizationIdentifierExtension(identifier: OrganizationIdentifier): Uint8Array {
  const { scheme, country, stateOrProvince, reference } = identifier;
  const parts = [
    encodeStringOf('printable', scheme),
    encodeStringOf('printable', country),
    ...(stateOrProvince === undefined ? [] : [encodeImplicit(0, new TextEncoder().encode(stateOrProvince))]),
    encodeStringOf('utf8', reference),
  ];
  const value = encodeElement(tags.sequence, concatBytes(parts));
  return encodeExtension(extensionOids.cabfOrganizationIdentifier, false, value);
}
