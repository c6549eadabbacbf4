/** Whether a list is of its time: neither out of date nor from the future (RFC 5280, 6.3.3 (a), and the caller's limit of age). */
import type { CertificateList } from '../../x509/index.ts';
import type { CrlQuestion } from './crl-question.ts';
import { type ListFault, listFault, listName, momentText } from './list-fault.ts';

type Limits = Pick<CrlQuestion, 'at' | 'mostAgeMs' | 'clockDifferenceMs'>;

/** The last moment at which the list is of use; one that says no nextUpdate is so only under a limit of age. */
export function freshUntil({ thisUpdate, nextUpdate }: CertificateList, { mostAgeMs }: Limits): number {
  if (mostAgeMs === undefined) return nextUpdate ?? Number.NEGATIVE_INFINITY;
  return Math.min(nextUpdate ?? Number.POSITIVE_INFINITY, thisUpdate + mostAgeMs);
}

/** @param subject the certificate in question, as refusals call it */
export function futureFault(list: CertificateList, limits: Limits, subject: string): ListFault | undefined {
  const { at, clockDifferenceMs = 0 } = limits;
  if (list.thisUpdate <= at + clockDifferenceMs) return undefined;
  return listFault('CS-CRL-005', {
    subject,
    list: listName(list),
    thisUpdate: momentText(list.thisUpdate),
    at: momentText(at),
  });
}

export function staleFault(list: CertificateList, limits: Limits, subject: string): ListFault | undefined {
  const until = freshUntil(list, limits);
  if (limits.at <= until) return undefined;
  return listFault('CS-CRL-004', {
    subject,
    list: listName(list),
    thisUpdate: momentText(list.thisUpdate),
    until: momentText(Number.isFinite(until) ? until : undefined),
    at: momentText(limits.at),
  });
}
