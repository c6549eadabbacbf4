/** Why a certificate was revoked: CRLReason (RFC 5280, 5.3.1) and ReasonFlags (4.2.1.13). */
import {
  contextPrimitive,
  type DerReader,
  encodeElement,
  encodeInteger,
  encodeNamedBits,
  readNamedBits,
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

/** In the order of their bits; the first has no meaning any more. */
const flags = [
  'unused',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  'privilegeWithdrawn',
  'aACompromise',
] as const;

export type ReasonFlag = (typeof flags)[number];

/** ReasonFlags as `[number] IMPLICIT`; one without any reason would cover nothing. */
export function readReasonFlags(reader: DerReader, number: number): ReasonFlag[] {
  const { offset } = reader;
  const bits = readNamedBits(reader, contextPrimitive(number));
  if (bits.length === 0) throw new Refusal('CS-CRL-001', { rule: 'ReasonFlags without any bit (4.2.1.13)' });
  return bits.map((bit) => {
    const flag = flags[bit];
    if (flag === undefined) throw reader.malformed('ReasonFlags with a bit that is not defined', offset);
    return flag;
  });
}

/** ReasonFlags, as `[number] IMPLICIT`. */
export function encodeReasonFlags(number: number, reasons: readonly ReasonFlag[]): Uint8Array {
  const bits = encodeNamedBits(reasons.map((reason) => flags.indexOf(reason)));
  return encodeElement(contextPrimitive(number), bits.subarray(2));
}
