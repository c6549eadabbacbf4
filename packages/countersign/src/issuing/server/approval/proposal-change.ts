/** What happened to a proposal, as the log tells it. */
import type { ProposalState } from '../../../runtime/api/index.ts';

export type ProposalChange =
  'proposed' | 'agreed' | 'approved' | Exclude<ProposalState, 'open' | 'executing' | 'expired'>;
