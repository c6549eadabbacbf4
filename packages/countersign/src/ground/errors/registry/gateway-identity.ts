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
} as const;
