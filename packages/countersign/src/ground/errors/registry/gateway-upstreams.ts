/** Refusals of the gateway that come from behind it: what upstreams did in the place of an answer. */

export const gatewayUpstreamRefusals = {
  'CS-GATEWAY-030': {
    title: 'upstream can not be reached',
    cause: 'The caller was let in, and no connection to the upstream came about.',
    evidence: ['upstream', 'target', 'reason'],
    remedy:
      'Check that the upstream runs and listens where the configuration says, and that the network lets the gateway through.',
    exit: 3,
    http: 502,
  },
  'CS-GATEWAY-031': {
    title: 'upstream did not answer in time',
    cause: 'The caller was let in, and the upstream took the request and began no answer within the time that it has.',
    evidence: ['upstream', 'target', 'waitedMs'],
    remedy: 'Look at what the upstream does meanwhile; where it needs longer by its nature, raise answerMs.',
    exit: 3,
    http: 504,
  },
  'CS-GATEWAY-032': {
    title: 'upstream closed the connection without an answer',
    cause: 'The caller was let in, and the upstream ended the connection before the first octet of an answer.',
    evidence: ['upstream', 'target', 'reason'],
    remedy:
      "Look at the upstream's own log. If it happens to requests with a body now and then, it closes idle connections earlier than it says (Keep-Alive: timeout).",
    exit: 3,
    http: 502,
  },
  'CS-GATEWAY-033': {
    title: "upstream's answer was cut off",
    cause:
      'The upstream ended the connection, or let it break, in the middle of an answer, or before all that it had announced. The caller got an answer that does not look whole.',
    evidence: ['upstream', 'target', 'reason'],
    remedy:
      "Look at the upstream's own log: it ended while it answered, or its Content-Length is not the length of its body.",
    exit: 3,
    http: 502,
  },
  'CS-GATEWAY-034': {
    title: "upstream's answer is not HTTP",
    cause: 'What the upstream answered is not HTTP/1.1, or is HTTP/1.1 that two readers would read differently.',
    evidence: ['upstream', 'target', 'reason'],
    remedy:
      'Check that the port is the right one and speaks the protocol that the configuration says; else mend the upstream.',
    exit: 3,
    http: 502,
  },
  'CS-GATEWAY-035': {
    title: "upstream's answer has too large a header",
    cause: "The header of the upstream's answer, or its trailers, are longer than the gateway takes.",
    evidence: ['upstream', 'target', 'mostBytes'],
    remedy: 'Look at what the upstream puts into its header; cookies, mostly.',
    exit: 3,
    http: 502,
  },
  'CS-GATEWAY-036': {
    title: 'upstream sends interim answers without an end',
    cause: 'The upstream sent more interim answers (1xx) than the gateway takes, and no answer after them.',
    evidence: ['upstream', 'target'],
    remedy: 'Mend the upstream: an interim answer or two come before the one that counts.',
    exit: 3,
    http: 502,
  },
  'CS-GATEWAY-037': {
    title: 'no target of the upstream is well',
    cause: 'Every target of the upstream failed its health check, or is out after failures.',
    evidence: ['upstream', 'targets'],
    remedy:
      'Look at the targets and at what the health check asks of them; the first one that is well again is used at once.',
    exit: 3,
    http: 503,
  },
  'CS-GATEWAY-038': {
    title: 'upstream has too many requests',
    cause:
      'As many requests are under way at the upstream, or wait for its answer, as it may have; this one was not sent.',
    evidence: ['upstream', 'underWay', 'most'],
    remedy: 'Give the upstream more targets, or raise mostRequests or mostPending if it can take more.',
    exit: 3,
    http: 503,
  },
  'CS-GATEWAY-039': {
    title: "upstream's circuit is open",
    cause: 'The upstream failed so often in a row that it is spared for a while; this request was not sent.',
    evidence: ['upstream', 'failures', 'forMs'],
    remedy:
      "Look at the upstream's failures before this; one request is let through when the time is over, and decides.",
    exit: 3,
    http: 503,
  },
  'CS-GATEWAY-040': {
    title: 'connection to the upstream not made in time',
    cause: 'No connection to the upstream came about within the time that it has.',
    evidence: ['upstream', 'target', 'waitedMs'],
    remedy: 'Check that the upstream runs and is not overloaded, and that no firewall drops what the gateway sends.',
    exit: 3,
    http: 504,
  },
  'CS-GATEWAY-041': {
    title: 'upstream not authenticated',
    cause:
      'Mutual TLS with the upstream did not come about: it is not who the configuration says, or it refused the certificate of the gateway. The code says which; nothing of the request was sent.',
    evidence: ['upstream', 'target', 'code', 'reason'],
    remedy: 'Run countersign explain with the code; then see to the certificate or to the policy.',
    exit: 3,
    http: 502,
  },
  'CS-GATEWAY-042': {
    title: "upstream's answer stalled",
    cause:
      'Nothing more of an answer came from the upstream for the time that it has, though its reader waited for it.',
    evidence: ['upstream', 'target', 'waitedMs'],
    remedy:
      'Look at what the upstream does meanwhile; where its answers rest by their nature (events), raise stallMs or switch it off with 0.',
    exit: 3,
    http: 504,
  },
} as const;
