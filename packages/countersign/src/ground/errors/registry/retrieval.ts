/** Refusals by the retriever of lists and OCSP answers: an address that is not asked, and answers that are not taken. */

export const retrievalRefusals = {
  'CS-FETCH-001': {
    title: 'address not reached',
    cause: 'The name of the address was not found, or no connection to it could be made.',
    evidence: ['url', 'reason'],
    remedy:
      'Look whether its operator publishes there, and whether name service and firewalls let this machine reach it.',
    exit: 3,
    http: 503,
  },
  'CS-FETCH-002': {
    title: 'no whole answer in time',
    cause:
      'The address did not answer whole within the time allowed: it hangs, trickles, or the network between is slow.',
    evidence: ['url', 'limitMs'],
    remedy: 'Try again; if it persists, its operator must look, or allow more time.',
    exit: 3,
    http: 504,
  },
  'CS-FETCH-003': {
    title: 'answer too large',
    cause: 'The answer is larger than is allowed; reading it was ended there, and nothing of it was used.',
    evidence: ['url', 'maximumBytes'],
    remedy: 'Look at what the address gives; if it is right, allow that many bytes.',
    exit: 3,
    http: 502,
  },
  'CS-FETCH-004': {
    title: 'HTTP status is not success',
    cause: 'The address answered, and with another HTTP status than 200.',
    evidence: ['url', 'status'],
    remedy: 'Check the address; if it is right, its operator must look.',
    exit: 3,
    http: 502,
  },
  'CS-FETCH-005': {
    title: 'redirect not followed',
    cause: 'The address sent on to another one, once too often or to one that is not gone to.',
    evidence: ['url', 'location', 'rule'],
    remedy: 'Give the address where it ends, if that is right.',
    exit: 3,
    http: 502,
  },
  'CS-FETCH-006': {
    title: 'address in a private range',
    cause:
      'The name leads to this machine, its neighbours, or a range set apart: whoever chose the address could make this machine ask what only it can reach.',
    evidence: ['url', 'address'],
    remedy: 'If the address is right, allow private ranges for it; else find out who named it.',
    exit: 1,
    http: 403,
  },
  'CS-FETCH-007': {
    title: 'address that is not asked',
    cause:
      'Lists and OCSP answers are fetched over http alone: they are signed, and over https each could wait for another.',
    evidence: ['url', 'rule'],
    remedy: 'Give an http address, or fetch by other means and give a file.',
    exit: 2,
    http: 500,
  },
  'CS-FETCH-008': {
    title: 'answer of another kind',
    cause: 'The address answered with another kind of content than was asked for: a page for people, or compressed.',
    evidence: ['url', 'contentType'],
    remedy: 'Check the address; a portal or a proxy on the way that answers in its place looks the same.',
    exit: 3,
    http: 502,
  },
  'CS-FETCH-009': {
    title: 'answer broken off',
    cause: 'The connection ended before the whole answer was there, or what came is not HTTP.',
    evidence: ['url', 'reason'],
    remedy: 'Try again; if it persists, its operator must look.',
    exit: 3,
    http: 502,
  },
} as const;
