/** Refusals of the command itself: how it was called and what it runs. */
import type { RefusalEntry } from './entry.ts';

export const commandRefusals = {} as const satisfies Record<string, RefusalEntry>;
