/** Refusals of the command itself: how it was called and what it runs. */

export const commandRefusals = {} as const;
