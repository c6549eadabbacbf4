/** Whether a list may take the place of the one that is held (never back, and nothing else in its place). */
import { equalBytes } from '../../../ground/encoding/index.ts';
import { toRfc3339 } from '../../../ground/clock/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { compareListNumbers, listName } from '../../../identity/revocation/index.ts';
import { type CertificateList, crlExtensionOids, sameName } from '../../../identity/x509/index.ts';

/** Throws where it may not (CS-CRL-030, -031). */
export function requireSuccessor(held: CertificateList, came: CertificateList, source: string): void {
  const refuse = (code: 'CS-CRL-030' | 'CS-CRL-031', rule: string): Refusal =>
    new Refusal(code, { source, held: dated(held), came: dated(came), rule });
  if (!sameName(held.issuer, came.issuer)) throw refuse('CS-CRL-031', 'another issuer');
  if (isDelta(held) !== isDelta(came)) throw refuse('CS-CRL-031', 'a delta and a complete list');
  if (!sameScope(held, came)) throw refuse('CS-CRL-031', 'another issuingDistributionPoint');
  if (came.thisUpdate < held.thisUpdate) throw refuse('CS-CRL-030', 'thisUpdate is earlier');
  if (held.crlNumber === undefined) return;
  if (came.crlNumber === undefined) throw refuse('CS-CRL-030', 'the number is missing');
  if (compareListNumbers(came.crlNumber, held.crlNumber) < 0) throw refuse('CS-CRL-030', 'the number is lower');
}

/** Which lists of one file follow each other. */
export function sameSeries(a: CertificateList, b: CertificateList): boolean {
  return sameName(a.issuer, b.issuer) && isDelta(a) === isDelta(b) && sameScope(a, b);
}

function isDelta({ baseCrlNumber }: CertificateList): boolean {
  return baseCrlNumber !== undefined;
}

function sameScope(a: CertificateList, b: CertificateList): boolean {
  const [one, other] = [scopeOf(a), scopeOf(b)];
  return one === undefined || other === undefined ? one === other : equalBytes(one, other);
}

function scopeOf({ extensions }: CertificateList): Uint8Array | undefined {
  return extensions.find(({ oid }) => oid === crlExtensionOids.issuingDistributionPoint)?.value;
}

function dated(list: CertificateList): string {
  return `${listName(list)}, of ${toRfc3339(list.thisUpdate)}`;
}

/** Throws where the list is from the future (CS-CRL-005). */
export function requireOfNow(came: CertificateList, now: number, clockDifferenceMs: number): void {
  if (came.thisUpdate <= now + clockDifferenceMs) return;
  const evidence = { list: listName(came), thisUpdate: toRfc3339(came.thisUpdate), at: toRfc3339(now) };
  throw new Refusal('CS-CRL-005', { subject: 'not asked yet', ...evidence });
}
