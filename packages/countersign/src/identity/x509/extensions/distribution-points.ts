/** crlDistributionPoints and freshestCRL (RFC 5280, 4.2.1.13, 4.2.1.15), read and written: where revocation lists are found, of whom, for which reasons. */
import {
  compareBytes,
  concatBytes,
  contextConstructed,
  contextPrimitive,
  type DerReader,
  encodeElement,
  encodeExplicit,
  encodeImplicit,
  encodeNamedBits,
  encodeOid,
  encodeSequence,
  readNamedBits,
  tags,
} from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { type NameAttribute, readRelativeName } from '../distinguished-name.ts';
import { encodeExtension, extensionOids } from '../extensions.ts';
import { generalNameElements, type GeneralNames, readGeneralNames, type WritableNames } from '../general-names.ts';
import { readImplicit } from './implicit.ts';

/** In the order of their bits (ReasonFlags). */
const reasonNames = [
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

export type ReasonFlag = (typeof reasonNames)[number];

/** One of the two. */
export interface DistributionPointName {
  readonly fullName?: GeneralNames;
  /** To be put below the name of the list's issuer. */
  readonly nameRelativeToCRLIssuer?: readonly NameAttribute[];
}

export interface DistributionPoint extends DistributionPointName {
  /** Absent: all. */
  readonly reasons?: readonly ReasonFlag[];
  /** Absent: the certificate's own issuer. */
  readonly cRLIssuer?: GeneralNames;
}

/** Both extensions share this form. */
export function readDistributionPoints(reader: DerReader): DistributionPoint[] {
  const list = reader.enter(tags.sequence);
  if (list.done) throw list.malformed('an extension without distribution points');
  const points: DistributionPoint[] = [];
  while (!list.done) points.push(readDistributionPoint(list.enter(tags.sequence)));
  return points;
}

function readDistributionPoint(fields: DerReader): DistributionPoint {
  const name = fields.peek() === contextConstructed(0) ? readExplicitName(fields) : undefined;
  const reasons = fields.peek() === contextPrimitive(1) ? readReasonFlags(fields, contextPrimitive(1)) : undefined;
  const issuerTag = contextConstructed(2);
  const cRLIssuer = fields.peek() === issuerTag ? readGeneralNames(fields.enter(issuerTag)) : undefined;
  fields.finish();
  if (name === undefined && cRLIssuer === undefined) {
    throw broken('a distribution point with neither a name nor a cRLIssuer (4.2.1.13)');
  }
  if (name?.nameRelativeToCRLIssuer !== undefined && (cRLIssuer?.directory.length ?? 0) > 1) {
    throw broken('nameRelativeToCRLIssuer with more than one name of the issuer (4.2.1.13)');
  }
  return {
    ...name,
    ...(reasons === undefined ? {} : { reasons }),
    ...(cRLIssuer === undefined ? {} : { cRLIssuer }),
  };
}

function readExplicitName(fields: DerReader): DistributionPointName {
  const explicit = fields.enter(contextConstructed(0));
  const name = readDistributionPointName(explicit);
  explicit.finish();
  return name;
}

/** DistributionPointName, a choice of two. */
export function readDistributionPointName(reader: DerReader): DistributionPointName {
  if (reader.peek() === contextConstructed(1)) {
    return { nameRelativeToCRLIssuer: readRelativeName(reader, contextConstructed(1)) };
  }
  return { fullName: readGeneralNames(reader.enter(contextConstructed(0))) };
}

/** ReasonFlags under an implicit `tag`. */
export function readReasonFlags(reader: DerReader, tag: number): ReasonFlag[] {
  const { offset } = reader;
  const bits = readImplicit(reader, tag, tags.bitString, readNamedBits);
  if (bits.length === 0) throw reader.malformed('reasons without any', offset);
  return bits.map((bit) => {
    const reason = reasonNames[bit];
    if (reason === undefined) throw reader.malformed('a reason that is not defined', offset);
    return reason;
  });
}

export interface WritableDistributionPoint {
  readonly fullName?: WritableNames;
  readonly nameRelativeToCRLIssuer?: readonly Pick<NameAttribute, 'oid' | 'value'>[];
  readonly reasons?: readonly ReasonFlag[];
  readonly cRLIssuer?: WritableNames;
}

/** Not critical (RFC 5280, 4.2.1.13: SHOULD). */
export function crlDistributionPointsExtension(
  points: readonly WritableDistributionPoint[],
  critical: boolean = false,
): Uint8Array {
  return encodeExtension(extensionOids.crlDistributionPoints, critical, encodePoints(points));
}

/** Not critical, as it must be (RFC 5280, 4.2.1.15). */
export function freshestCrlExtension(points: readonly WritableDistributionPoint[]): Uint8Array {
  return encodeExtension(extensionOids.freshestCRL, false, encodePoints(points));
}

function encodePoints(points: readonly WritableDistributionPoint[]): Uint8Array {
  if (points.length === 0) throw new TypeError('the extension has a distribution point');
  return encodeSequence(...points.map(encodePoint));
}

function encodePoint(point: WritableDistributionPoint): Uint8Array {
  const { fullName, nameRelativeToCRLIssuer, reasons, cRLIssuer } = point;
  if (fullName !== undefined && nameRelativeToCRLIssuer !== undefined) {
    throw new TypeError('a distribution point has a full name or a relative one');
  }
  const relative = nameRelativeToCRLIssuer?.map(({ oid, value }) => encodeSequence(encodeOid(oid), value));
  return encodeSequence(
    ...(fullName === undefined ? [] : [encodeExplicit(0, names(0, fullName))]),
    ...(relative === undefined
      ? []
      : [encodeExplicit(0, encodeElement(contextConstructed(1), concatBytes(relative.sort(compareBytes))))]),
    ...(reasons === undefined ? [] : [encodeReasonFlags(1, reasons)]),
    ...(cRLIssuer === undefined ? [] : [names(2, cRLIssuer)]),
  );
}

function names(number: number, list: WritableNames): Uint8Array {
  return encodeElement(contextConstructed(number), concatBytes(generalNameElements(list)));
}

/** ReasonFlags under the implicit tag `number`. */
export function encodeReasonFlags(number: number, reasons: readonly ReasonFlag[]): Uint8Array {
  const bits = encodeNamedBits(reasons.map((reason) => reasonNames.indexOf(reason)));
  // Identifier and length take an octet each: there are nine reasons.
  return encodeImplicit(number, bits.subarray(2));
}

function broken(rule: string): Refusal {
  return new Refusal('CS-X509-001', { rule });
}
