/** What the authority's server tells whoever runs it. Never a secret: no token, no key. */
import type { Refusal } from '../../ground/errors/index.ts';

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
  | { readonly event: 'revoked'; readonly serials: readonly string[]; readonly number: number }
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
  | {
      readonly event: 'own-certificate';
      readonly profile: string;
      readonly serial: string;
      readonly notAfterMs: number;
    }
  /** Something failed that a person should look at; the server goes on. */
  | { readonly event: 'failed'; readonly what: string; readonly why: string };

export type ServerLog = (event: ServerEvent) => void;
