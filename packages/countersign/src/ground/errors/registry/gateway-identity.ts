/** Who calls, told to upstreams and taken in from proxies in front, as the gateway's configuration has it: CS-GATEWAY-080 to 084. */
export const gatewayIdentityRefusals = {
  'CS-GATEWAY-080': {
    title: 'identity keys not kept',
    cause:
      'The keys with which the gateway signs identities could not be written to their file. It goes on signing with them; after a restart it would have others, which upstreams have to ask for first.',
    evidence: ['path', 'reason'],
    remedy: 'Let the gateway write the file and its folder (signing.state); it is tried again at the next change of keys.',
    exit: 3,
    http: 500,
  },
  'CS-GATEWAY-081': {
    title: 'named by a proxy, and this route takes callers who connect themselves',
    cause:
      'A proxy in front named the caller, and the certificate is good. That the caller held its key is the word of that proxy alone, which the route does not take.',
    evidence: ['peer', 'proxy', 'route'],
    remedy: 'Let the caller connect to the gateway itself, or write forwarded: allowed at the route.',
    exit: 1,
    http: 403,
  },
} as const;
