/** Refusals of requests of the gateway by when they come on their connection: CS-GATEWAY-093. */
export const gatewayRequestRefusals = {
  'CS-GATEWAY-093': {
    title: 'upgrade before its turn',
    cause:
      'The request asks for a change of the connection (Upgrade) while an earlier request of the same connection is not answered yet. Answers go out in order, and the connection can not be two things at once.',
    evidence: ['address'],
    remedy: 'Ask for it once the earlier requests are answered, or on a connection of its own.',
    exit: 1,
    http: 400,
  },
} as const;
