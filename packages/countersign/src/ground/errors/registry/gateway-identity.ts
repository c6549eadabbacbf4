/** Who calls, told to upstreams and taken in from proxies in front, as the gateway's configuration has it: CS-GATEWAY-080 to 084. */
export const gatewayIdentityRefusals = {
  'CS-GATEWAY-080': {
    title: 'identity keys not kept',
    cause:
      'The keys with which the gateway signs identities could not be written to their file. It goes on signing with them; after a restart it would have others, which upstreams have to ask for first.',
    evidence: ['path', 'reason'],
    remedy:
      'Let the gateway write the file and its folder (signing.state); it is tried again at the next change of keys.',
    exit: 3,
    http: 500,
  },
  'CS-GATEWAY-081': {
    title: 'not let in by the word of a proxy',
    cause:
      'A proxy in front of the gateway showed the certificate of its caller. The certificate is good; that the caller holds its key is the word of the proxy, and this route does not take it.',
    evidence: ['peer', 'route'],
    remedy: 'Connect without the proxy, or write forwarded: allowed at the route.',
    exit: 1,
    http: 403,
  },
  'CS-GATEWAY-082': {
    title: 'proxy is believed no longer',
    cause: 'The request came through a proxy whose word was taken when it began, and is not any more.',
    evidence: ['proxy', 'host'],
    remedy: "Name the proxy among the host's proxies again, or connect without it.",
    exit: 1,
    http: 403,
  },
} as const;
