/** DistributionPointName (RFC 5280, 4.2.1.13): the names of a distribution point, whole or below the issuer's. */
import {
  contextConstructed,
  DerReader,
  encodeElement,
  encodeExplicit,
  encodeSequence,
  tags,
} from '../../../ground/encoding/index.ts';
import { type DistinguishedName, readName } from '../distinguished-name.ts';
import { encodeGeneralNames, type GeneralNames, readGeneralNames, type WritableNames } from '../general-names.ts';

export type ResolvedPointName =
  | { readonly kind: 'full'; readonly names: GeneralNames }
  /** nameRelativeToCRLIssuer, put below the issuer's name, which makes it a directory name. */
  | { readonly kind: 'relative'; readonly name: DistinguishedName };

/** Reads `[0] DistributionPointName`; as a CHOICE its tag is an explicit one. */
export function readResolvedPointName(fields: DerReader, issuer: DistinguishedName): ResolvedPointName {
  const choice = fields.enter(contextConstructed(0));
  const read = choice.peek() === contextConstructed(1) ? readRelative(choice, issuer) : readFull(choice);
  choice.finish();
  return read;
}

function readFull(choice: DerReader): ResolvedPointName {
  return { kind: 'full', names: readGeneralNames(choice.enter(contextConstructed(0))) };
}

function readRelative(choice: DerReader, issuer: DistinguishedName): ResolvedPointName {
  const relative = encodeElement(tags.set, choice.contents(contextConstructed(1)));
  const above = DerReader.over(issuer.raw).contents(tags.sequence);
  return { kind: 'relative', name: readName(DerReader.over(encodeSequence(above, relative))) };
}

/** `[0] DistributionPointName` with full names. */
export function encodeFullDistributionPointName(names: WritableNames): Uint8Array {
  const members = DerReader.over(encodeGeneralNames(names)).contents(tags.sequence);
  return encodeExplicit(0, encodeElement(contextConstructed(0), members));
}
