/** Refusals by revocation lists: a certificate that is on one, and lists that say nothing of a certificate (RFC 5280, 6.3). */

export const crlRefusals = {
  'CS-CRL-002': {
    title: 'revoked by a list',
    cause: 'A revocation list that covers the certificate names it; with the reason certificateHold it is suspended.',
    evidence: ['subject', 'serialNumber', 'revokedAt', 'reason', 'list', 'thisUpdate'],
    remedy:
      'Get a new certificate for its holder, if it should be relied upon again; a hold ends when its issuer releases it.',
    exit: 1,
    http: 403,
  },
  'CS-CRL-003': {
    title: 'no revocation list for the certificate',
    cause: "None of the lists at hand is of the certificate's issuer, or of one that its distribution points name.",
    evidence: ['subject', 'issuer', 'lists'],
    remedy:
      'Add the list of that issuer (its address stands in crlDistributionPoints), or look why it was not fetched.',
    exit: 1,
    http: 403,
  },
  'CS-CRL-004': {
    title: 'revocation list out of date',
    cause:
      'The list is past its nextUpdate, older than is allowed here, or does not say how long it holds where no limit is set.',
    evidence: ['subject', 'list', 'thisUpdate', 'until', 'at'],
    remedy: 'Fetch the list again; if its issuer has no newer one, its publishing stopped. Compare the clocks.',
    exit: 3,
    http: 503,
  },
  'CS-CRL-005': {
    title: 'revocation list from the future',
    cause: 'The thisUpdate of the list is still to come; a clock that is behind looks the same.',
    evidence: ['subject', 'list', 'thisUpdate', 'at'],
    remedy: 'Compare the clocks of both machines (NTP); else wait until thisUpdate.',
    exit: 3,
    http: 503,
  },
  'CS-CRL-006': {
    title: 'revocation list of another scope',
    cause:
      'The list is of the right issuer and does not cover the certificate: it is for other certificates or another distribution point.',
    evidence: ['subject', 'list', 'rule'],
    remedy: "Give the list that the certificate's crlDistributionPoints name.",
    exit: 1,
    http: 403,
  },
  'CS-CRL-007': {
    title: 'revocation list not signed by its issuer',
    cause: "The list's signature verifies with none of the keys that are known of the issuer that it names.",
    evidence: ['list', 'keys'],
    remedy: 'Fetch the list again; if another key signs the lists, add the certificate of that key.',
    exit: 1,
    http: 403,
  },
  'CS-CRL-008': {
    title: 'key may not sign revocation lists',
    cause: "The keyUsage in the certificate of the list's issuer lacks cRLSign.",
    evidence: ['list', 'signer'],
    remedy: 'Have the authority certify the key with cRLSign, or sign its lists with one that is.',
    exit: 1,
    http: 403,
  },
  'CS-CRL-009': {
    title: 'critical extension of a revocation list not understood',
    cause:
      'The list or one of its entries has a critical extension that is not processed here, so the list must not be used.',
    evidence: ['list', 'extensions'],
    remedy: 'Have the authority publish a list without the extension.',
    exit: 1,
    http: 403,
  },
  'CS-CRL-010': {
    title: "revocation list's issuer not valid",
    cause:
      'The certificate with the key that signed the list leads to another trust anchor than the certificate in question, or to none, or is itself not good.',
    evidence: ['list', 'signer', 'reason'],
    remedy: 'Use a list that is signed by the authority itself or by one that it certified for its lists.',
    exit: 1,
    http: 403,
  },
  'CS-CRL-011': {
    title: 'reasons of revocation not all covered',
    cause:
      'The lists at hand cover some of the reasons for which a certificate may be revoked, and none covers the rest.',
    evidence: ['subject', 'missing'],
    remedy: 'Add the lists for the other reasons; the distribution points of the certificate name them.',
    exit: 1,
    http: 403,
  },
  'CS-CRL-012': {
    title: 'delta list without its complete list',
    cause: 'Of the issuer only a list of changes is at hand, and no complete one that it could change.',
    evidence: ['subject', 'list', 'base'],
    remedy: 'Give the complete list with the number that the delta names, or a later one.',
    exit: 1,
    http: 403,
  },
  'CS-CRL-013': {
    title: "revocation list's issuer not looked for any further",
    cause: "Finding out whether the list's issuer is valid took more steps than are allowed.",
    evidence: ['list', 'limit', 'allowed'],
    remedy: 'Present fewer certificates, or have lists signed by the authority itself.',
    exit: 1,
    http: 403,
  },
  'CS-CRL-030': {
    title: 'revocation list went back',
    cause:
      'What came is older than the list that is held: its number or its thisUpdate goes back. Somebody may replay it, so that what was revoked since looks good.',
    evidence: ['source', 'held', 'came', 'rule'],
    remedy:
      'Have the publisher of the list look; the list that is held stays in use. If its numbers did start anew, remove what is held (the cache folder) and restart.',
    exit: 1,
    http: 502,
  },
  'CS-CRL-031': {
    title: 'another revocation list in its place',
    cause: 'The source gave a list of another issuer, scope or kind than before, or several where one is expected.',
    evidence: ['source', 'held', 'came', 'rule'],
    remedy:
      'Have the publisher of the list look; the list that is held stays in use. If the change is right, remove what is held (the cache folder) and restart.',
    exit: 1,
    http: 502,
  },
  'CS-CRL-032': {
    title: 'revocation list soon out of date',
    cause: 'Little is left of the time for which the list holds, and no newer one came.',
    evidence: ['source', 'list', 'until', 'reason'],
    remedy:
      'See to it that the list is published and can be fetched before then: after it certificates are refused that it covers.',
    exit: 3,
    http: 503,
  },
  'CS-CRL-033': {
    title: 'revocation list ran out',
    cause: 'The time for which the list holds is over, and no newer one came.',
    evidence: ['source', 'list', 'until', 'reason'],
    remedy: 'See to it that the list is published and can be fetched: certificates are refused that it covers.',
    exit: 3,
    http: 503,
  },
  'CS-CRL-034': {
    title: 'revocation list never came',
    cause: 'The source gave no list that can be used, and none is held from before.',
    evidence: ['source', 'reason'],
    remedy: 'Check the source: certificates are refused that its list would cover.',
    exit: 3,
    http: 503,
  },
} as const;
