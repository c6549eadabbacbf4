/** Refusals of live peers: the peer verifier, TLS, the feed and the process's environment. */

export const peerRefusals = {} as const;
