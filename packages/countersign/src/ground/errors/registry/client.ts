/** Refusals on the side that asks for certificates: the agent, the network, clocks, keys and files. */
import type { RefusalEntry } from './entry.ts';

export const clientRefusals = {} as const satisfies Record<string, RefusalEntry>;
