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
  'CS-CRL-022': {
    title: "not a list of the root's to hand out",
    cause:
      "What is handed out as the root's list must be complete, signed by the root of this authority, in force, and newer than the one before: an older one would make good again what was revoked since.",
    evidence: ['file', 'rule'],
    remedy: 'Give the newest file that was made where the root is: countersign authority ceremony list --root FOLDER.',
    exit: 1,
    http: 400,
  },
} as const;
