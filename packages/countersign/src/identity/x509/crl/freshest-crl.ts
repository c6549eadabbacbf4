/** freshestCRL of a list (RFC 5280, 5.2.6): where its delta lists are found. */
import { contextConstructed, contextPrimitive, type DerReader, tags } from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import type { DistinguishedName } from '../distinguished-name.ts';
import { type GeneralNames, readGeneralNames } from '../general-names.ts';
import { type DistributionPointName, readDistributionPointName } from './distribution-point-name.ts';
import { type ReasonFlag, readReasonFlags } from './revocation-reason.ts';

export interface FreshestCrlPoint {
  readonly distributionPoint?: DistributionPointName;
  readonly reasons?: readonly ReasonFlag[];
  readonly crlIssuer?: GeneralNames;
}

export function readFreshestCrl(reader: DerReader, issuer: DistinguishedName): FreshestCrlPoint[] {
  const list = reader.enter(tags.sequence);
  const points: FreshestCrlPoint[] = [];
  if (list.done) throw list.malformed('CRLDistributionPoints is empty');
  while (!list.done) points.push(readPoint(list.enter(tags.sequence), issuer));
  return points;
}

function readPoint(fields: DerReader, issuer: DistinguishedName): FreshestCrlPoint {
  const distributionPoint =
    fields.peek() === contextConstructed(0) ? readDistributionPointName(fields, issuer) : undefined;
  const reasons = fields.peek() === contextPrimitive(1) ? readReasonFlags(fields, 1) : undefined;
  const crlIssuer =
    fields.peek() === contextConstructed(2) ? readGeneralNames(fields.enter(contextConstructed(2))) : undefined;
  fields.finish();
  if (distributionPoint === undefined && crlIssuer === undefined) {
    throw new Refusal('CS-CRL-001', { rule: 'a distribution point without a name and without cRLIssuer (4.2.1.13)' });
  }
  return {
    ...(distributionPoint === undefined ? {} : { distributionPoint }),
    ...(reasons === undefined ? {} : { reasons }),
    ...(crlIssuer === undefined ? {} : { crlIssuer }),
  };
}
