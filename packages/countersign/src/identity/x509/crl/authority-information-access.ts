/** authorityInfoAccess of a list (RFC 5280, 5.2.7): where its issuer's certificates are found. */
import { DerReader, readObjectIdentifier, tags } from '../../../ground/encoding/index.ts';
import { type GeneralNames, readGeneralNames } from '../general-names.ts';

export interface AccessDescription {
  /** Object identifier. */
  readonly method: string;
  /** One name. */
  readonly location: GeneralNames;
}

export function readAuthorityInformationAccess(reader: DerReader): AccessDescription[] {
  const list = reader.enter(tags.sequence);
  const descriptions: AccessDescription[] = [];
  if (list.done) throw list.malformed('AuthorityInfoAccessSyntax is empty');
  while (!list.done) {
    const fields = list.enter(tags.sequence);
    const method = readObjectIdentifier(fields);
    const location = readGeneralNames(DerReader.over(fields.element()));
    fields.finish();
    descriptions.push({ method, location });
  }
  return descriptions;
}
