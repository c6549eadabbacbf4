/** Refusals by OCSP as an endpoint uses it: what a responder or a staple said, or why nothing was learned. */

export const ocspMeansRefusals = {
  'CS-OCSP-020': {
    title: 'revoked by its OCSP responder',
    cause: 'An OCSP answer that may be relied upon says so; with the reason certificateHold it is suspended.',
    evidence: ['subject', 'serial', 'revokedAt', 'reason', 'responder', 'thisUpdate'],
    remedy:
      'Get a new certificate for its holder, if it should be relied upon again; a hold ends when its issuer releases it.',
    exit: 1,
    http: 403,
  },
  'CS-OCSP-021': {
    title: 'no OCSP answer at hand',
    cause: 'The responder of the certificate was not asked yet, and the peer stapled no answer.',
    evidence: ['serial', 'url'],
    remedy: 'Try again: the answer is fetched when a peer comes. If it stays, look whether the responder is reached.',
    exit: 3,
    http: 503,
  },
  'CS-OCSP-022': {
    title: 'status of the OCSP responder itself not known',
    cause:
      "The issuer wants the responder's own certificate looked up (no id-pkix-ocsp-nocheck), and it was not found to be good.",
    evidence: ['serial', 'responder', 'why'],
    remedy: "Look at the responder's certificate: its operator should renew it, best with id-pkix-ocsp-nocheck.",
    exit: 3,
    http: 503,
  },
  'CS-OCSP-023': {
    title: 'certificate names no OCSP responder',
    cause: 'Its authorityInfoAccess has no address of a responder, none is configured, and here there must be one.',
    evidence: ['subject', 'serial'],
    remedy: 'Have the authority write the address into its certificates, or configure a responder.',
    exit: 1,
    http: 403,
  },
  'CS-OCSP-024': {
    title: 'OCSP answers about to run out',
    cause: 'Answers that are in use are not renewed: fetching fails. When they run out, peers are refused.',
    evidence: ['url', 'serial', 'freshUntil', 'why'],
    remedy: 'Look at the responder now; until freshUntil nothing is lost.',
    exit: 3,
    http: 503,
  },
  'CS-OCSP-025': {
    title: 'too many questions to OCSP responders at once',
    cause: 'More answers are waited for than is allowed at once: the responder is slow, or a crowd came.',
    evidence: ['url', 'waiting'],
    remedy: 'Try again. If it stays, have the peers staple, or use lists.',
    exit: 3,
    http: 503,
  },
  'CS-OCSP-026': {
    title: 'stapled OCSP answer not usable',
    cause: 'The peer stapled an answer that may not be relied upon, and no other is at hand.',
    evidence: ['serial', 'staple', 'otherwise'],
    remedy: "Look at the peer's stapling: it should fetch answers ahead and check them; then look at the responder.",
    exit: 3,
    http: 503,
  },
  'CS-OCSP-027': {
    title: 'own certificate is revoked',
    cause: 'The responder says so of the certificate that this server presents; the answer is stapled as it is.',
    evidence: ['serial', 'url', 'revokedAt'],
    remedy: 'Enrol again: clients that check refuse this server.',
    exit: 1,
    http: 503,
  },
  'CS-OCSP-028': {
    title: 'no OCSP answer to staple',
    cause:
      'Answers for the own certificate were asked for, and none came that may be relied upon: clients get no staple.',
    evidence: ['serial', 'url', 'why'],
    remedy: 'Look at the responder; it is asked again. Where the certificate names none, configure its address.',
    exit: 3,
    http: 503,
  },
} as const;
