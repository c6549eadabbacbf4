/** Refusals of the authority: issuing, tokens, renewal, revocation, access, its state and storage. */

export const authorityRefusals = {} as const;
