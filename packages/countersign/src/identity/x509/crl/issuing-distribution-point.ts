/** issuingDistributionPoint (RFC 5280, 5.2.5): what of an issuer's certificates a list covers. */
import {
  contextConstructed,
  contextPrimitive,
  type DerReader,
  encodeImplicit,
  encodeSequence,
  readBooleanDefaultFalse,
  tags,
} from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import type { DistinguishedName } from '../distinguished-name.ts';
import type { WritableNames } from '../general-names.ts';
import {
  type ResolvedPointName,
  encodeFullDistributionPointName,
  readResolvedPointName,
} from './distribution-point-name.ts';
import { encodeReasonFlags, type ReasonFlag, readReasonFlags } from '../extensions/distribution-points.ts';

export interface IssuingDistributionPoint {
  readonly distributionPoint?: ResolvedPointName;
  /** At most one of the three `onlyContains...` is true. */
  readonly onlyContainsUserCerts: boolean;
  readonly onlyContainsCACerts: boolean;
  readonly onlyContainsAttributeCerts: boolean;
  /** The reasons that the list covers; absent: all. */
  readonly onlySomeReasons?: readonly ReasonFlag[];
  /** Whether entries may be of other issuers than the list's. */
  readonly indirectCRL: boolean;
}

/** @param issuer the list's, below which a relative name stands */
export function readIssuingDistributionPoint(reader: DerReader, issuer: DistinguishedName): IssuingDistributionPoint {
  const fields = reader.enter(tags.sequence);
  if (fields.done) throw broken('an empty issuingDistributionPoint (5.2.5)');
  const distributionPoint = fields.peek() === contextConstructed(0) ? readResolvedPointName(fields, issuer) : undefined;
  const onlyContainsUserCerts = readBooleanDefaultFalse(fields, contextPrimitive(1));
  const onlyContainsCACerts = readBooleanDefaultFalse(fields, contextPrimitive(2));
  const onlySomeReasons =
    fields.peek() === contextPrimitive(3) ? readReasonFlags(fields, contextPrimitive(3)) : undefined;
  const indirectCRL = readBooleanDefaultFalse(fields, contextPrimitive(4));
  const onlyContainsAttributeCerts = readBooleanDefaultFalse(fields, contextPrimitive(5));
  fields.finish();
  if ([onlyContainsUserCerts, onlyContainsCACerts, onlyContainsAttributeCerts].filter(Boolean).length > 1) {
    throw broken('issuingDistributionPoint for two kinds of certificate alone (5.2.5)');
  }
  return {
    onlyContainsUserCerts,
    onlyContainsCACerts,
    onlyContainsAttributeCerts,
    indirectCRL,
    ...(distributionPoint === undefined ? {} : { distributionPoint }),
    ...(onlySomeReasons === undefined ? {} : { onlySomeReasons }),
  };
}

export interface IssuingDistributionPointFields {
  /** Full names, such as the URI under which this shard of the list is found. */
  readonly fullName?: WritableNames;
  /** The one kind of certificate that the list covers; default: all. */
  readonly only?: 'user' | 'authority' | 'attribute';
  readonly onlySomeReasons?: readonly ReasonFlag[];
  readonly indirectCRL?: boolean;
}

const onlyTags = { user: 1, authority: 2, attribute: 5 } as const;

/** IssuingDistributionPoint, DER. */
export function encodeIssuingDistributionPoint(fields: IssuingDistributionPointFields): Uint8Array {
  const { fullName, only, onlySomeReasons, indirectCRL } = fields;
  const flag = (number: number): Uint8Array => encodeImplicit(number, Uint8Array.of(0xff));
  const members = [
    ...(fullName === undefined ? [] : [encodeFullDistributionPointName(fullName)]),
    ...(only === undefined || only === 'attribute' ? [] : [flag(onlyTags[only])]),
    ...(onlySomeReasons === undefined ? [] : [encodeReasonFlags(3, onlySomeReasons)]),
    ...(indirectCRL === true ? [flag(4)] : []),
    ...(only === 'attribute' ? [flag(onlyTags.attribute)] : []),
  ];
  if (members.length === 0) throw new TypeError('an issuingDistributionPoint says something');
  return encodeSequence(...members);
}

function broken(rule: string): Refusal {
  return new Refusal('CS-CRL-001', { rule });
}
