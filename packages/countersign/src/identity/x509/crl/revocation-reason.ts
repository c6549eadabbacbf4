/** Why a certificate was revoked: CRLReason (RFC 5280, 5.3.1). */
import {
  type DerReader,
  encodeElement,
  encodeInteger,
  readSmallInteger,
  tags,
} from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';

const numbers = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  // 7 is not used.
  removeFromCRL: 8,
  privilegeWithdrawn: 9,
  aACompromise: 10,
} as const;

export type RevocationReason = keyof typeof numbers;

const names: ReadonlyMap<number, RevocationReason> = new Map(
  (Object.entries(numbers) as [RevocationReason, number][]).map(([name, number]) => [number, name]),
);

export function readRevocationReason(reader: DerReader): RevocationReason {
  const number = readSmallInteger(reader, tags.enumerated);
  const name = names.get(number);
  if (name === undefined) throw new Refusal('CS-CRL-001', { rule: `CRLReason ${number}, which there is not (5.3.1)` });
  return name;
}

/** CRLReason, DER. */
export function encodeRevocationReason(reason: RevocationReason): Uint8Array {
  const number = encodeInteger(numbers[reason]);
  return encodeElement(tags.enumerated, number.subarray(2));
}
