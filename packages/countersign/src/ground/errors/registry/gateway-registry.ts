/** Refusals about the registry of partners that a gateway follows: why it is not followed. That it is not reached is CS-GATEWAY-065. */

export const gatewayRegistryRefusals = {
  'CS-GATEWAY-070': {
    title: 'registry of partners refuses this gateway',
    cause:
      "The authority does not tell this gateway who the partners are: its settings do not name the gateway's identity, or it ended the connection when it saw the certificate. Those that it told last stay as they are.",
    evidence: ['authority', 'reason', 'asOf'],
    remedy:
      "Name the gateway's identity in the authority's settings (partners: { gateways: [ID] }), and see that its certificate (registry.credential) is one of that authority and in its time; its log says which.",
    exit: 1,
    http: 403,
  },
  'CS-GATEWAY-071': {
    title: 'who answers for the registry is not its authority',
    cause:
      "The certificate of whoever answers at the address of the registry is not the authority's of registry.trust. It was told nothing, and nothing of it is believed. The partners that were told last stay as they are.",
    evidence: ['authority', 'reason', 'asOf'],
    remedy:
      "Check registry.authority, and registry.trust with its anchors: they are the authority's own trust domain and root. Where both are right, somebody else answers there: look at the way to it.",
    exit: 1,
    http: 502,
  },
  'CS-GATEWAY-072': {
    title: 'answer of the registry not understood',
    cause:
      'What came from the address of the registry is not the answer that a gateway expects of an authority. Nothing of it is taken; the partners that were told last stay as they are.',
    evidence: ['authority', 'reason', 'asOf'],
    remedy:
      "Check that the port of registry.authority is that of the authority's API, with nothing between that ends TLS, and that both run versions that know each other.",
    exit: 3,
    http: 502,
  },
  'CS-GATEWAY-073': {
    title: 'partners of the registry not put into force',
    cause:
      'The authority told who the partners are, and this gateway could not take them all the same: a worker did not answer, or a part of it failed. It is tried again at once and then every few seconds, and the authority is not told that they are followed.',
    evidence: ['authority', 'reason', 'asOf'],
    remedy: 'Look at what the log says of workers just before; where it does not end by itself, restart the gateway.',
    exit: 3,
    http: 503,
  },
} as const;
