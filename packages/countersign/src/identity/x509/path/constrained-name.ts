/** Name constraints asked of names before there is a path: may an issuer under them certify these (RFC 5280, 4.2.1.10)? */
import type { Certificate } from '../certificate.ts';
import { readName } from '../distinguished-name.ts';
import { DerReader } from '../../../ground/encoding/index.ts';
import type { NameConstraints } from '../extensions/name-constraints.ts';
import { type GeneralNames, noNames } from '../general-names.ts';
import { type ConstrainedName, prepareConstraints } from './name-constraints.ts';

export interface NamesInQuestion {
  /** Default none. */
  readonly subject?: Certificate['subject'];
  readonly subjectAltName: Partial<GeneralNames>;
}

/** The first that is outside what is permitted, or inside what is excluded. @throws CS-X509-001 for constraints of no allowed form */
export function constrainedName(
  constraints: NameConstraints,
  { subject = emptyName, subjectAltName }: NamesInQuestion,
): ConstrainedName | undefined {
  return prepareConstraints(constraints).refusedName({ subject, subjectAltName: { ...noNames, ...subjectAltName } });
}

const emptyName = readName(DerReader.over(Uint8Array.of(0x30, 0)));
