/** What the authority's server tells whoever runs it. Never a secret: no token, no key. */
import type { Refusal } from '../../ground/errors/index.ts';
import type { ProposalChange } from './approval/proposal-change.ts';
import type { TidyCounts } from './store-keeper.ts';

export type ServerEvent =
  | {
      readonly event: 'issued';
      readonly how: 'enrolled' | 'renewed' | 'renewed-after-expiry';
      /** Its name. */
      readonly profile: string;
      readonly serial: string;
      readonly names: readonly string[];
      readonly notAfterMs: number;
    }
  | {
      readonly event: 'revoked';
      readonly serials: readonly string[];
      readonly number: number;
      /** Identities and issuers' keys. */
      readonly widely?: readonly string[];
    }
  /** Revoked until it is released, and released. */
  | { readonly event: 'held' | 'released'; readonly serials: readonly string[]; readonly number: number }
  /** Other profiles are in force from now on. */
  | {
      readonly event: 'profiles';
      readonly names: readonly string[];
      /** What is allowed now and was not before, in words. */
      readonly widens: readonly string[];
    }
  /** A request, a connection or a caller that was refused. */
  | { readonly event: 'refused'; readonly refusal: Refusal; readonly endpoint: string; readonly address: string }
  /** An endpoint says that it remembers another audit log than this one. */
  | {
      readonly event: 'audit-contradicted';
      readonly spiffeId: string;
      readonly endpoint: string;
      readonly refusal: Refusal;
    }
  /** An endpoint was told more changes than this database knows. */
  | {
      readonly event: 'database-went-back';
      readonly spiffeId: string;
      readonly endpoint: string;
      readonly refusal: Refusal;
    }
  | {
      readonly event: 'own-certificate';
      readonly profile: string;
      readonly serial: string;
      readonly notAfterMs: number;
    }
  /** The settings of the file: in force, waiting for other persons, or refused. */
  | { readonly event: 'settings'; readonly state: 'in-force' }
  | { readonly event: 'settings'; readonly state: 'waiting' | 'refused'; readonly refusal: Refusal }
  /** A listener of the settings was opened or moved; without `where`, closed. */
  | { readonly event: 'listener'; readonly what: string; readonly where?: string }
  /** What takes two persons. */
  | {
      readonly event: 'proposal';
      readonly change: ProposalChange;
      readonly id: string;
      readonly operation: string;
      readonly what: readonly string[];
      readonly by: string;
    }
  /** What was of no use any more was removed. */
  /** A partner's last certificate ends soon. */
  | {
      readonly event: 'partner-expires';
      readonly partner: string;
      readonly serial: string;
      readonly notAfterMs: number;
    }
  | { readonly event: 'tidied'; readonly removed: TidyCounts }
  /** Something failed that a person should look at; the server goes on. */
  | { readonly event: 'failed'; readonly what: string; readonly why: string };

export type ServerLog = (event: ServerEvent) => void;
