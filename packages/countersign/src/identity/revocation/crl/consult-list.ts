/** One list asked about one certificate at one of its distribution points (RFC 5280, 6.3.3 (b) to (k)). */
import { type Certificate, type CertificateList, naming, type TrustAnchor } from '../../x509/index.ts';
import type { CrlQuestion, UsedList } from './crl-question.ts';
import { changes } from './list-delta.ts';
import { revocationBy, type Revocation } from './list-entry.ts';
import { type ListFault, listFault, listName } from './list-fault.ts';
import type { ListPoint } from './list-points.ts';
import { brokenScope } from './list-scope.ts';
import { findSigner, keyFault, type SignerSearch } from './list-signer.ts';
import { freshUntil, futureFault, staleFault } from './list-time.ts';
import { reasonsMask } from './reasons.ts';

export interface Consulted {
  readonly used: UsedList;
  /** The reasons for which it decides. */
  readonly reasons: number;
  readonly revocation: Revocation | undefined;
}

/**
 * What the list says, why it says nothing, or `undefined` where it covers no reason that `covered` does not.
 * @param list complete, of an issuer whom the point names
 */
export function consultList(
  list: CertificateList,
  point: ListPoint,
  certificate: Certificate,
  covered: number,
  search: SignerSearch,
): Consulted | readonly ListFault[] | undefined {
  const { question } = search;
  const subject = naming(certificate);
  const rule = brokenScope(list, point, certificate);
  if (rule !== undefined) return [listFault('CS-CRL-006', { subject, list: listName(list), rule })];
  const reasons = reasonsMask(list.issuingDistributionPoint?.onlySomeReasons) & point.reasons;
  if ((reasons & ~covered) === 0) return undefined;
  const unusable = criticalFault(list) ?? futureFault(list, question, subject);
  if (unusable !== undefined) return [unusable];
  const deltas = deltasOf(list, question);
  const stale = staleFault(list, question, subject);
  const found = findSigner(list, search);
  if (found.faults !== undefined) return found.faults;
  // By the key that signed the complete list (6.3.3 (h)).
  const delta = deltas.find((one) => keyFault(one, found.signer, question) === undefined);
  // A list past its time is of use where changes to it are of theirs (6.3.3 (a) (1) (i)).
  if (stale !== undefined && delta === undefined) {
    const lastKnown = revocationBy(certificate, list, undefined);
    return [lastKnown === undefined ? stale : { ...stale, lastKnown }];
  }
  return {
    used: usedList(list, delta, found.signer, question),
    reasons,
    revocation: revocationBy(certificate, list, delta),
  };
}

function criticalFault(list: CertificateList): ListFault | undefined {
  if (list.unprocessedCritical.length === 0) return undefined;
  return listFault('CS-CRL-009', { list: listName(list), extensions: list.unprocessedCritical });
}

/** Those that may be applied, the newest first; one that may not be is passed over, as the complete list may do without it. */
function deltasOf(list: CertificateList, question: CrlQuestion): CertificateList[] {
  return question.lists
    .deltasOf(list.issuer)
    .filter(
      (delta) =>
        changes(delta, list) &&
        criticalFault(delta) === undefined &&
        futureFault(delta, question, '') === undefined &&
        staleFault(delta, question, '') === undefined,
    );
}

function usedList(
  list: CertificateList,
  delta: CertificateList | undefined,
  signer: TrustAnchor,
  question: CrlQuestion,
): UsedList {
  const latest = delta ?? list;
  return {
    list,
    delta,
    signer,
    ageMs: Math.max(0, question.at - latest.thisUpdate),
    freshUntil: freshUntil(latest, question),
  };
}
