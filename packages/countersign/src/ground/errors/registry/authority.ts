/** Refusals of the authority: issuing, tokens, renewal, revocation, access, its state and storage. */
import type { RefusalEntry } from './entry.ts';

export const authorityRefusals = {} as const satisfies Record<string, RefusalEntry>;
