/** What a trust is made of, and what is decided where nothing can be known. */
import type { Clock } from '../../../ground/clock/index.ts';
import type { BundleSource, RevocationSource } from '../context/credential.ts';
import type { LeaseEnd } from './leases.ts';
import type { Refusal } from '../../../ground/errors/index.ts';
import type { Undetermined } from '../peer/path-status.ts';
import type { StatusCheck } from './status-check.ts';

export interface TrustOptions {
  readonly bundles: BundleSource;
  /** `fixedSource(withoutRevocation)` where no feed is followed. */
  readonly revocations: RevocationSource;
  readonly clock: Clock;
  /**
   * What happens when the lease of the revocations ends. Default `refuseAfterLease`: nobody is let in, and who is in is closed.
   * `continueAfterLease` goes on with what was known last, so that a revocation may then not reach this endpoint at all.
   */
  readonly lease?: LeaseEnd;
  /** Lists, responders and staples that are asked beside the revocations, for each certificate of a path. Default: none. */
  readonly statusChecks?: readonly StatusCheck[];
  /**
   * What becomes of a peer of which the checks that cover it can't say whether it is revoked. Default `refuse`: nobody is let in, and who is in is closed.
   * `letInUnlessKnownRevoked` lets in whoever was not known to be revoked last: who can keep a list or an answer from reaching this endpoint is let in
   * with a certificate that was revoked. A function says it of each trust domain.
   */
  readonly undetermined?: Undetermined | ((trustDomain: string) => Undetermined);
  /** Told of each peer that is let in, or goes on, though nothing says that it is good, with why (CS-PEER-021). */
  readonly onLetIn?: (why: Refusal) => void;
}
