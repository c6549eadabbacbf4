/** Refusals of a gateway in which something of its own failed. */

export const gatewayFailureRefusals = {
  'CS-GATEWAY-099': {
    title: 'the gateway itself failed',
    cause:
      'A part of the gateway threw an error where it decided on a request, made what is sent on, or told of what happened. A request that was not decided on was refused, and nothing of it was sent on; all others go on.',
    evidence: ['part', 'reason'],
    remedy: 'Report it with the reason, which is the error that was thrown.',
    exit: 3,
    http: 500,
  },
} as const;
