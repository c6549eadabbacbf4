/** Refusals of the authority's own revocation lists. */

export const listRefusals = {
  'CS-CRL-020': {
    title: 'no revocation list was made',
    cause: 'The authority makes lists where its settings have a section crl, and none is in its directory.',
    evidence: ['file'],
    remedy:
      'Put a section crl into the settings (crl: {} is enough), and run the authority: the first lists are there at once.',
    exit: 3,
    http: 503,
  },
  'CS-CRL-021': {
    title: 'revocation list has ended',
    cause:
      'The newest list in the directory is past its nextUpdate: nobody would rely on it, and whoever checks lists would refuse everybody.',
    evidence: ['file', 'nextUpdate'],
    remedy: 'Run the authority: it makes new lists when it starts, and ahead of their end as long as it runs.',
    exit: 3,
    http: 503,
  },
} as const;
