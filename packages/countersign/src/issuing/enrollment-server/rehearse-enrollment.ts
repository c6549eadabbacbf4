/** What an enrolment with a certification request would bring, and which rule decides. Nothing is claimed, recorded or signed. */
import { isRefusal } from '../../ground/errors/index.ts';
import type { CertificationRequest } from '../../identity/x509/index.ts';
import { type AuthorityKeys, type Decision, type DryRun, dryRun, type Profile } from '../authority/index.ts';
import { namesOf, readRequest, refuseOtherNames } from './certification-request.ts';

export interface Rehearsal {
  readonly profile: Profile;
  /** The certification request, PEM. */
  readonly request: string;
  /** What a token would say; empty: the profile's own, else those of the request. */
  readonly names: readonly string[];
  readonly lifeMs?: number | undefined;
  readonly keys: AuthorityKeys;
  readonly nowMs: number;
}

export function rehearseEnrollment({ request: pem, ...order }: Rehearsal): DryRun {
  // Every key that any profile may certify: that this one does not is a decision of its own.
  const request = readRequest(pem);
  const names = order.names.length > 0 ? order.names : namesWithoutToken(request, order.profile);
  const { decisions, ...outcome } = dryRun({ ...order, names, publicKey: request.publicKey }, order.keys, order.nowMs);
  const signed: Decision = {
    check: 'request',
    of: 'its signature',
    allowed: true,
    rule: 'by the key inside (RFC 2986)',
  };
  const other = otherNames(request, decisions, names);
  if (other === undefined) return { decisions: [signed, ...decisions], ...outcome };
  return { decisions: [signed, other.decision, ...decisions], refusal: outcome.refusal ?? other.refusal };
}

function namesWithoutToken(request: CertificationRequest, profile: Profile): readonly string[] {
  return profile.names.source === 'profile' ? [] : namesOf(request);
}

/** A request that asks for what was not granted gets nothing. */
function otherNames(
  request: CertificationRequest,
  decisions: readonly Decision[],
  names: readonly string[],
): { decision: Decision; refusal: NonNullable<DryRun['refusal']> } | undefined {
  const granted = decisions.filter(({ check }) => check === 'name').map(({ of }) => of);
  try {
    refuseOtherNames(request, [...granted, ...names]);
    return undefined;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const of = namesOf(request).join(' ');
    const rule = 'a request may repeat the names that are granted, and ask for no others';
    return { decision: { check: 'request', of, allowed: false, rule }, refusal: error };
  }
}
