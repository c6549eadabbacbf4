/** Refusals of the gateway about who calls through whom, and how often. */

export const forwardedIdentityRefusals = {
  'CS-GATEWAY-050': {
    title: 'forwarded identity is malformed',
    cause:
      'A proxy that is believed named its caller in a header that does not have the form agreed upon, or has it twice.',
    evidence: ['proxy', 'header', 'rule'],
    remedy: 'Have the proxy write the header itself, once, and take off what its callers send under that name.',
    exit: 1,
    http: 400,
  },
  'CS-GATEWAY-051': {
    title: 'forwarded identity without a certificate',
    cause:
      'A proxy that is believed named its caller, but did not hand on the certificate, so that nothing of it can be checked.',
    evidence: ['proxy', 'header'],
    remedy: 'Have the proxy send the certificate itself (Envoy: set_current_client_cert_details with cert: true).',
    exit: 1,
    http: 403,
  },
  'CS-GATEWAY-052': {
    title: 'forwarded certificate is refused',
    cause: 'A proxy that is believed handed on a certificate that would not be let in here either.',
    evidence: ['proxy', 'code', 'because'],
    remedy: 'Look up that code: what it says of the certificate holds as if it had been presented here.',
    exit: 1,
    http: 403,
  },
  'CS-GATEWAY-053': {
    title: 'signed identity is not valid',
    cause: 'The signed identity has no form that is understood here, or is not signed by a key that is believed.',
    evidence: ['rule'],
    remedy: 'Give the verifier the keys of the gateway that signs, and keep them current.',
    exit: 1,
    http: 401,
  },
  'CS-GATEWAY-054': {
    title: 'signed identity is for something else',
    cause: 'The signed identity is genuine, and for another request, another program or another time.',
    evidence: ['rule', 'expected', 'found'],
    remedy:
      'Have the gateway and the program agree on the audience, pass method, host and target on as they are, and set both clocks.',
    exit: 1,
    http: 401,
  },
  'CS-GATEWAY-055': {
    title: 'too many requests',
    cause: 'The caller has sent more requests a second than its limit allows.',
    evidence: ['caller', 'requestsPerSecond', 'burst', 'retryAfterSeconds'],
    remedy: 'Ask again after the seconds of Retry-After; if the limit is too low, have it raised.',
    exit: 1,
    http: 429,
  },
  'CS-GATEWAY-056': {
    title: 'quota used up',
    cause: 'The caller has sent as many requests as its quota for one day (UTC) allows.',
    evidence: ['caller', 'requestsPerDay', 'retryAfterSeconds'],
    remedy: 'Ask again after the seconds of Retry-After; if the quota is too low, have it raised.',
    exit: 1,
    http: 429,
  },
  'CS-GATEWAY-057': {
    title: 'too many connections of one caller',
    cause: 'The caller holds as many connections as its limit allows.',
    evidence: ['caller', 'connections'],
    remedy:
      'Close connections that are not used, or use one for many requests (HTTP/2); if the limit is too low, have it raised.',
    exit: 1,
    http: 429,
  },
  'CS-GATEWAY-058': {
    title: 'kept limits cannot be read',
    cause:
      'The file in which the use of limits and quotas is kept holds something else; going on would give every quota anew.',
    evidence: ['path', 'rule'],
    remedy: 'Restore the file, or remove it to give every caller its whole quota again.',
    exit: 3,
    http: 500,
  },
} as const;
