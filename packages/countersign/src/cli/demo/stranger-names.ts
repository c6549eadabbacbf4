/** The five strangers of the demonstration, in the order in which they knock. */

export const strangerNames = ['no-certificate', 'other-authority', 'expired', 'revoked', 'wrong-name'] as const;

export type StrangerName = (typeof strangerNames)[number];
