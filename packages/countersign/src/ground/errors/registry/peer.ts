/** Refusals of live peers: the peer verifier, TLS, the feed and the process's environment. */
import type { RefusalEntry } from './entry.ts';

export const peerRefusals = {} as const satisfies Record<string, RefusalEntry>;
