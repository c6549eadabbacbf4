/** Refusals about partners: who they are, what state they are in, and how they are invited. */

export const partnerRefusals = {
  'CS-PARTNER-001': {
    title: 'partner not as described',
    cause:
      'What is said of a partner is not in the form that partners have, so that nobody could be sure who is meant.',
    evidence: ['partner', 'where', 'rule'],
    remedy: 'Correct the field that is named.',
    exit: 2,
    http: 400,
  },
  'CS-PARTNER-002': {
    title: 'two partners with one name or identity',
    cause: 'Two partners have the same name, or the same identity stands for both: each call must be of exactly one.',
    evidence: ['what', 'partners'],
    remedy: 'Give each partner a name and an identity of its own.',
    exit: 2,
    http: 400,
  },
  'CS-PARTNER-003': {
    title: 'peer is more than one partner',
    cause: "The peer's certificate fits several partners, so it is not known whose limits and routes apply.",
    evidence: ['peer', 'partners'],
    remedy: 'Describe these partners more closely, so that one certificate fits one of them.',
    exit: 1,
    http: 403,
  },
  'CS-PARTNER-004': {
    title: 'no such partner',
    cause: 'No partner of this name is registered.',
    evidence: ['partner', 'nearest'],
    remedy: 'Look at the names: countersign partner list; or invite it: countersign partner invite NAME.',
    exit: 1,
    http: 404,
  },
  'CS-PARTNER-005': {
    title: 'partner is there already',
    cause:
      'A partner of this name is registered, and an invitation changes nothing of what it may do; a further invitation is given without routes, limits and contacts.',
    evidence: ['partner', 'differs'],
    remedy:
      'Leave these options away, or remove the partner first (countersign partner remove NAME) and invite it anew.',
    exit: 2,
    http: 409,
  },
  'CS-PARTNER-006': {
    title: 'partner suspended',
    cause: 'The partner is suspended: its connections are closed, and it gets no certificate.',
    evidence: ['partner', 'reason'],
    remedy: 'Ask who runs the authority; the suspension ends with: countersign partner resume NAME.',
    exit: 1,
    http: 403,
  },
  'CS-PARTNER-007': {
    title: 'partner is in another state',
    cause: 'The partner is in this state already, so there is nothing to do.',
    evidence: ['partner', 'state'],
    remedy: 'Look at it: countersign partner show NAME.',
    exit: 1,
    http: 409,
  },
  'CS-PARTNER-008': {
    title: 'not an invitation link',
    cause: 'The text is not the link of an invitation: it was cut, changed or is something else.',
    evidence: ['rule'],
    remedy: 'Give the whole link that countersign partner invite printed, in quotes.',
    exit: 2,
    http: 400,
  },
  'CS-PARTNER-009': {
    title: 'no code with the request',
    cause: 'Whoever uploads a request shows the code of the invitation, in one header of its own.',
    evidence: ['rule'],
    remedy:
      'Send the header "Authorization: Bearer CODE" with the code as it was received, and the request in PEM as the body.',
    exit: 1,
    http: 401,
  },
  'CS-PARTNER-010': {
    title: 'too many checks',
    cause: 'This address has had more certificates checked than one address may in a while.',
    evidence: ['address'],
    remedy: 'Wait ten seconds, and check once what you want to know.',
    exit: 3,
    http: 429,
  },
  'CS-PARTNER-011': {
    title: 'not a gateway of this authority',
    cause: 'Who the partners are is told to gateways alone, and the settings of the authority do not name this one.',
    evidence: ['name'],
    remedy: "Name its SPIFFE ID in the authority's settings: partners: { gateways: [ID] }.",
    exit: 1,
    http: 403,
  },
} as const;
