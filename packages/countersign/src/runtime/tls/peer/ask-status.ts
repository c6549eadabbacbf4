/** What is asked about a peer's status when it is looked at: the staple that its certificate promises, then lists, responders and staples. */
import type { Clock } from '../../../ground/clock/index.ts';
import { isRefusal, type Refusal } from '../../../ground/errors/index.ts';
import type { ValidatedPath } from '../../../identity/x509/index.ts';
import type { StatusSubject } from '../trust/peer-statuses.ts';
import type { Trust } from '../trust/trust.ts';
import { requireGoodStaple } from './must-staple.ts';
import type { VerifiedPeer } from './verified-peer.ts';

/** For peers whose status is asked of lists, responders and staples. */
export interface StatusAsking {
  /** DER: the OCSP response that the peer stapled (RFC 6066, 8). */
  readonly staple?: Uint8Array | undefined;
  /** Whether the caller can wait for what is not known: it is refused then even where softness would let it in. Default false. */
  readonly mayWait?: boolean;
}

/** With whether it was let in before: a staple is a promise for the handshake, and may be out of date since. */
export type Asked = StatusAsking & { readonly isAgain?: boolean };

/** What `fetchFor` is to be asked with, where a peer was refused since its status is not known. */
export function unansweredFor(refusal: unknown): StatusSubject | undefined {
  return isRefusal(refusal) ? unanswered.get(refusal) : undefined;
}

const unanswered = new WeakMap<Refusal, StatusSubject>();

interface StatusAsked {
  readonly trust: Trust;
  readonly clock: Clock;
  readonly asking: Asked;
}

/** @throws CS-PEER-008, -020, -022 */
export function requirePromised(path: ValidatedPath, peer: string, { asking, clock }: StatusAsked): void {
  if (asking.isAgain !== true) requireGoodStaple({ path, peer, staple: asking.staple, at: clock.now() });
}

/** @throws CS-PEER-008, -020, -021 */
export function requireStatus(peer: VerifiedPeer, subject: StatusSubject, { trust, asking }: StatusAsked): void {
  const { statuses } = trust;
  if (statuses === undefined) return;
  const status = statuses.ask(subject, peer.name);
  const unknown = status.outcome === 'undetermined' ? status.refusal : status.outcome === 'stands' && status.open;
  if (unknown) unanswered.set(unknown, subject);
  if (status.outcome !== 'stands') throw status.refusal;
  if (status.open !== undefined && asking.mayWait === true) throw status.open;
  statuses.remember(peer, subject, status, trust.epoch);
}
