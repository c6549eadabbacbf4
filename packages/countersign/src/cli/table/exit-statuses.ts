/** What each exit status of the command means. */
export const exitStatuses: readonly { readonly status: number; readonly meaning: string }[] = [
  { status: 0, meaning: 'done' },
  { status: 1, meaning: 'refused or not valid: the answer is no' },
  { status: 2, meaning: 'used wrongly' },
  { status: 3, meaning: 'could not: unreachable, unreadable, busy' },
  { status: 130, meaning: 'interrupted' },
];
