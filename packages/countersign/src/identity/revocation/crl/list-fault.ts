/** Why a list does not decide: kept until it is known whether another one does, and then told, the most useful one. */
import { toRfc3339 } from '../../../ground/clock/index.ts';
import { Refusal, type EvidenceOf, type RefusalCode } from '../../../ground/errors/index.ts';
import type { CertificateList } from '../../x509/index.ts';
import type { Revocation } from './list-entry.ts';

export interface ListFault {
  readonly code: RefusalCode;
  /** What a list out of date said of the certificate. */
  readonly lastKnown?: Revocation;
  /** Made only for the one that is told: among a hundred shards ninety-nine are of another scope. */
  refusal(): Refusal;
}

export function listFault<Code extends RefusalCode>(code: Code, evidence: EvidenceOf<Code>): ListFault {
  return { code, refusal: () => new Refusal(code, evidence) };
}

/** How a list is called in refusals. */
export function listName({ issuer, crlNumber }: CertificateList): string {
  return crlNumber === undefined ? issuer.text : `${issuer.text}, number ${crlNumber}`;
}

/** The least useful first: a list that was nearer to deciding says more. */
const usefulness: readonly string[] = [
  'CS-CRL-003',
  'CS-CRL-006',
  'CS-CRL-012',
  'CS-CRL-013',
  'CS-CRL-007',
  'CS-X509-002',
  'CS-CRL-010',
  'CS-CRL-008',
  'CS-CRL-009',
  'CS-CRL-005',
  'CS-CRL-004',
  'CS-CRL-011',
];

export function mostUseful(faults: readonly ListFault[]): ListFault | undefined {
  const rank = ({ code }: ListFault): number => usefulness.indexOf(code);
  return faults.reduce<ListFault | undefined>(
    (best, fault) => (best === undefined || rank(fault) > rank(best) ? fault : best),
    undefined,
  );
}

/** A moment of a list as its evidence shows it. */
export function momentText(moment: number | undefined): string {
  if (moment === undefined) return 'not said';
  return Number.isFinite(moment) ? toRfc3339(moment) : 'never';
}
