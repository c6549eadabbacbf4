/** What lists, responders and staples say of a validated path, put together to one decision: any "revoked" counts, one "good" for each certificate is enough. */
import { toRfc3339 } from '../../../ground/clock/index.ts';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import type { CertificateStatus, StatusCheck, StatusQuestion } from '../trust/status-check.ts';

/** What becomes of a peer whose status can not be found out. */
export type Undetermined = 'refuse' | 'letInUnlessKnownRevoked';

export type PathStatus =
  /** `open`: nothing says that it is good, and softness lets it in; `open` says why nothing is known. */
  | { readonly outcome: 'stands'; readonly freshUntil: number; readonly open?: Refusal }
  | { readonly outcome: 'revoked'; readonly refusal: Refusal }
  | { readonly outcome: 'undetermined'; readonly refusal: Refusal };

export interface Deciding {
  /** What to call the peer. */
  readonly peer: string;
  /** Of each certificate of the path that is no anchor, the end-entity's first. */
  readonly serialNumbers: readonly string[];
  readonly undetermined: Undetermined;
}

/** Every check's answers; what throws, or answers something else than was asked, knows nothing. */
export function askChecks(
  checks: readonly StatusCheck[],
  question: StatusQuestion,
): readonly (readonly CertificateStatus[])[] {
  const count = question.path.certificates.length - 1;
  return checks.map((check) => {
    try {
      const answers: unknown = check.ask(question);
      if (!Array.isArray(answers) || answers.length !== count) return knowsNothing(count, 'answered something else');
      return (answers as readonly unknown[]).map((answer) => statusIn(answer, question.at));
    } catch (error) {
      return knowsNothing(count, 'failed', error);
    }
  });
}

/** @param answers of each check, for each certificate, as `askChecks` makes them */
export function decidePathStatus(
  answers: readonly (readonly CertificateStatus[])[],
  { peer, serialNumbers, undetermined }: Deciding,
): PathStatus {
  let freshUntil = Number.POSITIVE_INFINITY;
  let open: Refusal | undefined;
  let closed: Refusal | undefined;
  for (const [place, serialNumber] of serialNumbers.entries()) {
    const ofThis = answers.flatMap((given) => given[place] ?? []);
    const said = ofCertificate(ofThis);
    // Of all the certificates: one that is revoked counts for more than another that nothing is known of.
    if (said.status === 'revoked') return { outcome: 'revoked', refusal: revoked(peer, serialNumber, said.refusal) };
    if (said.status === 'good') freshUntil = Math.min(freshUntil, said.freshUntil);
    if (said.status !== 'undetermined') continue;
    const refusal = statusNotKnown({ peer, serialNumber }, said.refusal);
    if (undetermined === 'letInUnlessKnownRevoked' && said.lastKnown !== 'revoked') open ??= refusal;
    else closed ??= refusal;
  }
  if (closed !== undefined) return { outcome: 'undetermined', refusal: closed };
  return { outcome: 'stands', freshUntil, ...(open === undefined ? {} : { open }) };
}

/** Of one certificate, by all the checks. */
function ofCertificate(statuses: readonly CertificateStatus[]): CertificateStatus {
  let [best, unknown]: (CertificateStatus | undefined)[] = [];
  for (const said of statuses) {
    if (said.status === 'revoked') return said;
    if (said.status === 'good') {
      if (best?.status !== 'good' || best.freshUntil < said.freshUntil) best = said;
    } else if (said.status === 'undetermined' && (unknown === undefined || said.lastKnown === 'revoked')) {
      unknown = said;
    }
  }
  return best ?? unknown ?? { status: 'notCovered' };
}

/** Types are not there at run time. A "good" of no time, or that has run out, is none. */
function statusIn(answer: unknown, at: number): CertificateStatus {
  const { status, refusal, freshUntil, lastKnown } = (answer ?? {}) as Record<string, unknown>;
  if (status === 'notCovered') return { status };
  if (status === 'revoked') return { status, refusal: isRefusal(refusal) ? refusal : withoutReason('gave no reason') };
  if (status === 'good' && typeof freshUntil === 'number' && freshUntil > at) return { status, freshUntil };
  const why = isRefusal(refusal) ? refusal : withoutReason(status === 'good' ? 'ran out' : 'answered something else');
  return { status: 'undetermined', refusal: why, ...(lastKnown === 'revoked' ? { lastKnown } : {}) };
}

function knowsNothing(count: number, reason: string, cause?: unknown): readonly CertificateStatus[] {
  const refusal = withoutReason(reason, cause);
  return Array.from({ length: count }, () => ({ status: 'undetermined', refusal }));
}

function withoutReason(reason: string, cause?: unknown): Refusal {
  return new Refusal(
    'CS-PEER-021',
    { peer: 'not read', serialNumber: 'not read', reason: `a check ${reason}` },
    { cause },
  );
}

function statusNotKnown(of: { readonly peer: string; readonly serialNumber: string }, cause: Refusal): Refusal {
  const reason = cause.code === 'CS-PEER-021' ? String(cause.evidence['reason']) : cause.message;
  return new Refusal('CS-PEER-021', { ...of, reason }, { cause });
}

/** The same as the feed's, whoever said it: with its date where the cause has one. */
function revoked(peer: string, serialNumber: string, cause: Refusal): Refusal {
  if (cause.code === 'CS-PEER-008' || cause.code === 'CS-PEER-020') return cause;
  const { revokedAt, reason } = cause.evidence;
  const since = typeof revokedAt === 'number' ? toRfc3339(revokedAt) : String(revokedAt ?? 'not said');
  if (reason === 'certificateHold')
    return new Refusal('CS-PEER-020', { peer, serialNumber, heldSince: since }, { cause });
  return new Refusal('CS-PEER-008', { peer, serialNumber, revokedAt: since }, { cause });
}
