/** Refusals of the gateway: its configuration (001 to 009), its requests (010 to 022), and what its operator asks (023 on). */

export const gatewayRefusals = {
  'CS-GATEWAY-001': {
    title: 'configuration can not be read',
    cause:
      'From the place shown on the file is no YAML: it was cut off, or a bracket, a quote or an indentation is wrong. None of the file was used; a running gateway goes on with what it had.',
    evidence: ['path', 'line', 'column', 'problem'],
    remedy: 'Correct the file at the place shown; if it was cut off, write it again from where it came.',
    exit: 2,
    http: 400,
  },
  'CS-GATEWAY-002': {
    title: 'no such key in the configuration',
    cause:
      'The file has a key that nothing reads, so what was meant by it would be missing. None of the file was used; a running gateway goes on with what it had.',
    evidence: ['path', 'line', 'column', 'setting', 'nearest'],
    remedy: 'Correct the key to the nearest one, or take it out.',
    exit: 2,
    http: 400,
  },
  'CS-GATEWAY-003': {
    title: 'wrong value in the configuration',
    cause:
      'The value at the place shown is not one that the key takes, or one that is needed is missing there. None of the file was used; a running gateway goes on with what it had.',
    evidence: ['path', 'line', 'column', 'setting', 'problem'],
    remedy: 'Correct the value at the place shown.',
    exit: 2,
    http: 400,
  },
  'CS-GATEWAY-004': {
    title: 'a name that nothing has',
    cause:
      'The configuration speaks of a host, upstream, credential, trust domain, route or partner that it does not have. None of the file was used; a running gateway goes on with what it had.',
    evidence: ['path', 'line', 'column', 'setting', 'kind', 'name', 'nearest'],
    remedy: 'Correct the name to the nearest one, or add what it stands for.',
    exit: 2,
    http: 400,
  },
  'CS-GATEWAY-005': {
    title: 'the same twice',
    cause:
      'Two things in the configuration have one name, or answer for the same requests; which of them counts would depend on their order. None of the file was used; a running gateway goes on with what it had.',
    evidence: ['path', 'line', 'column', 'setting', 'name', 'firstLine'],
    remedy: 'Take one of the two out, or give it another name.',
    exit: 2,
    http: 400,
  },
  'CS-GATEWAY-006': {
    title: 'a route that is never reached',
    cause:
      'Another route before it answers for every request that this one is for. None of the file was used; a running gateway goes on with what it had.',
    evidence: ['path', 'line', 'column', 'route', 'by', 'byLine'],
    remedy: 'Narrow the other route (its methods or its path), or take this one out.',
    exit: 2,
    http: 400,
  },
  'CS-GATEWAY-007': {
    title: "a route does not fit its host's handshake",
    cause:
      'Whether a certificate is asked for is decided in the handshake, by the host, before any route is known. None of the file was used; a running gateway goes on with what it had.',
    evidence: ['path', 'line', 'column', 'route', 'host', 'certificate', 'problem'],
    remedy: "Change the host's certificate (required, optional, none), or move the route to a host of its own.",
    exit: 2,
    http: 400,
  },
  'CS-GATEWAY-008': {
    title: 'not to be set from a file',
    cause:
      'The key would take away a check that every connection goes through. No file can do that here. None of the file was used; a running gateway goes on with what it had.',
    evidence: ['path', 'line', 'column', 'setting'],
    remedy:
      'Take it out. To see what would be denied before it is, write observe: true at a route; for callers without certificates use a host with certificate: none.',
    exit: 2,
    http: 400,
  },
  'CS-GATEWAY-009': {
    title: 'a file that the configuration names can not be used',
    cause:
      'A certificate, key or list of anchors could not be read, or is none, or does not belong to the other. None of the file was used; a running gateway goes on with what it had.',
    evidence: ['path', 'line', 'column', 'setting', 'file', 'problem'],
    remedy: 'Correct the file, or the path, which is taken from the folder of the configuration.',
    exit: 3,
    http: 400,
  },
  'CS-GATEWAY-010': {
    title: 'ambiguous request target',
    cause:
      'The path of the request could be read as another one by whoever comes after the gateway (RFC 3986, 6; RFC 9110, 4.2): what is decided on must be what is answered for.',
    evidence: ['reason'],
    remedy:
      'Send the path in its plain form, without ".", "..", "//", ";", "\\" or their encodings, and without a host in it.',
    exit: 1,
    http: 400,
  },
  'CS-GATEWAY-011': {
    title: 'no usable host',
    cause: 'The request names no host, several, or one with more in it than a name and a port.',
    evidence: ['reason'],
    remedy: 'Send one Host header with the name of the service.',
    exit: 1,
    http: 400,
  },
  'CS-GATEWAY-012': {
    title: 'no route',
    cause: 'No route of this host is for the path.',
    evidence: ['host'],
    remedy: 'Ask for a path that the service has, or add a route to the configuration.',
    exit: 1,
    http: 404,
  },
  'CS-GATEWAY-013': {
    title: 'method not allowed',
    cause: 'The path has routes, and none of them for this method. A shorter path does not stand in for it.',
    evidence: ['route', 'method', 'allowed'],
    remedy: 'Use one of the methods allowed, or add the method to the route.',
    exit: 1,
    http: 405,
  },
  'CS-GATEWAY-014': {
    title: 'this route needs a certificate',
    cause: 'The host takes callers without a certificate, and this route does not.',
    evidence: ['route'],
    remedy: 'Connect again with the certificate of a partner that the route allows.',
    exit: 1,
    http: 403,
  },
  'CS-GATEWAY-015': {
    title: 'not allowed on this route',
    cause: 'The certificate is good, and the caller whom it names is not among those whom the route allows.',
    evidence: ['peer', 'partner', 'route'],
    remedy:
      'Add the partner to the route (allow) and the route to the partner (routes), or call with another certificate.',
    exit: 1,
    http: 403,
  },
  'CS-GATEWAY-016': {
    title: 'partner is suspended',
    cause: 'The caller is a partner whose access is suspended.',
    evidence: ['partner', 'route'],
    remedy: 'Ask the operator of the gateway; he sets the state of the partner to active again.',
    exit: 1,
    http: 403,
  },
  'CS-GATEWAY-017': {
    title: 'upstream did not answer',
    cause: 'The caller was let in, and the service behind the route took no connection or broke off.',
    evidence: ['route', 'upstream', 'reason'],
    remedy: 'Look at the service; the gateway goes on asking it.',
    exit: 3,
    http: 502,
  },
  'CS-GATEWAY-018': {
    title: 'request too large',
    cause: 'The body of the request is larger than the route takes.',
    evidence: ['route', 'mostBytes'],
    remedy: 'Send less at once, or raise bounds.requestBytes of the route.',
    exit: 1,
    http: 413,
  },
  'CS-GATEWAY-019': {
    title: 'request header too large',
    cause: 'The header of the request is larger than the route takes.',
    evidence: ['route', 'mostBytes'],
    remedy: 'Send fewer or shorter header fields, or raise bounds.headerBytes of the route.',
    exit: 1,
    http: 431,
  },
  'CS-GATEWAY-020': {
    title: 'request too slow',
    cause: 'The body of the request did not come within its time.',
    evidence: ['route', 'timeoutMs'],
    remedy: 'Send faster or less at once, or raise bounds.bodyMs of the route.',
    exit: 1,
    http: 408,
  },
  'CS-GATEWAY-021': {
    title: 'upstream too slow',
    cause: 'The service behind the route took the request, and its answer did not begin within its time.',
    evidence: ['route', 'upstream', 'timeoutMs'],
    remedy: 'Look at the service, or raise bounds.answerMs of the route.',
    exit: 3,
    http: 504,
  },
  'CS-GATEWAY-022': {
    title: 'request for another host than the handshake',
    cause:
      'The handshake was under the policy of one host and the request is for another: it might be one that asks for more (RFC 9110, 15.5.20).',
    evidence: ['host', 'handshake'],
    remedy: 'Make a connection of its own for each host, and send its name in the handshake (SNI).',
    exit: 1,
    http: 421,
  },
  'CS-GATEWAY-023': {
    title: 'handshake for no host of this gateway',
    cause:
      'The first octets of the connection are no ClientHello, or it names no host (SNI), or one that the configuration does not have; which policy applies is not known then.',
    evidence: ['address', 'serverName', 'reason'],
    remedy:
      'Let the client send the name of the host (SNI), or add the host; listen.withoutName says who stands for clients that send none.',
    exit: 1,
    http: 421,
  },
  'CS-GATEWAY-024': {
    title: 'new configuration was not taken',
    cause: 'The file changed, and has problems. The last good configuration stays in force, whole.',
    evidence: ['path', 'problems', 'first'],
    remedy: 'countersign config check FILE shows all of them; correct it and save it again.',
    exit: 2,
    http: 400,
  },
  'CS-GATEWAY-025': {
    title: 'access would be lost',
    cause: 'Under the new configuration somebody is refused who is let in under the old one.',
    evidence: ['losing'],
    remedy: 'If it is meant, take the new one into use; else add them to the routes again.',
    exit: 1,
    http: 409,
  },
  'CS-GATEWAY-026': {
    title: 'expectation not met',
    cause: 'The configuration decides otherwise than the file of expectations says.',
    evidence: ['expectation', 'line', 'expected', 'found'],
    remedy: 'Correct the configuration, or the expectation where it is out of date.',
    exit: 1,
    http: 409,
  },
  'CS-GATEWAY-027': {
    title: 'gateway can not listen',
    cause: 'The address, or the socket of its administration, could not be opened.',
    evidence: ['where', 'reason'],
    remedy: 'End the other program there, or write another place into the configuration (listen, admin).',
    exit: 3,
    http: 503,
  },
  'CS-GATEWAY-028': {
    title: 'this change needs a restart',
    cause: 'Where the gateway listens is fixed while it runs. Everything else of the new configuration is in force.',
    evidence: ['setting', 'running', 'written'],
    remedy: 'Restart the gateway when its callers can bear it, or take the change back.',
    exit: 2,
    http: 409,
  },
  'CS-GATEWAY-029': {
    title: 'request can not be handed on',
    cause: "The request has no form in the version of HTTP that the route's upstream speaks.",
    evidence: ['route'],
    remedy: 'Send it without what only the other version knows.',
    exit: 1,
    http: 400,
  },
  'CS-GATEWAY-060': {
    title: 'two trust domains vouch for the same certificates',
    cause:
      'An authority of one trust domain of the configuration is one of another, too, or was certified by it: each could issue a certificate with the name of a customer of the other. None of the file was used; a running gateway goes on with what it had.',
    evidence: ['path', 'line', 'column', 'setting', 'certificate', 'other', 'problem'],
    remedy:
      'Let each authority stand in one trust domain alone; where one certified the other, trust the one that issues for your partners.',
    exit: 2,
    http: 400,
  },
  'CS-GATEWAY-065': {
    title: 'registry of partners not reached',
    cause:
      'The authority could not be asked who the partners are, or could not say it. Those that it told last stay as they are; who is new, suspended or removed meanwhile is heard of when it is back.',
    evidence: ['authority', 'reason', 'asOf'],
    remedy:
      'See that the authority runs, is well and listens at registry.authority, and that the network lets the gateway through.',
    exit: 3,
    http: 503,
  },
  'CS-GATEWAY-066': {
    title: 'cache of the registry not usable',
    cause:
      'The file in which the partners of the registry are kept over a restart could not be read as a whole, or not be written. Nothing of it is believed.',
    evidence: ['path', 'problem'],
    remedy:
      "See that the folder can be written and the file is the own user's, mode 0600; it is written anew when the authority answers.",
    exit: 2,
    http: 503,
  },
  'CS-GATEWAY-067': {
    title: 'partner stands in the file and in the registry',
    cause:
      'Both describe a partner of this name: what the file says of it holds, and it is suspended where either of them says so. Its certificates of the registry are those of nobody here.',
    evidence: ['partner'],
    remedy: 'Take it out of the file, or name it otherwise there.',
    exit: 2,
    http: 409,
  },
  'CS-GATEWAY-068': {
    title: "partner's certificate ends soon",
    cause: 'The certificate with which this partner calls ends soon, and none that ends later was seen.',
    evidence: ['partner', 'serial', 'notAfter'],
    remedy: 'Tell the partner to renew it; until it ends nothing is refused.',
    exit: 1,
    http: 403,
  },
  'CS-GATEWAY-069': {
    title: 'no tunnel is made here',
    cause: 'The method CONNECT asks for a tunnel to a place of its own choice, past all routes.',
    evidence: ['address'],
    remedy: 'Ask for what a route has; where a tunnel is meant, use a proxy for it.',
    exit: 1,
    http: 405,
  },
  'CS-GATEWAY-085': {
    title: 'not a request of HTTP',
    cause:
      'What came is no request of HTTP/1.1, or one that two readers would read differently: its line, a header, its length or a chunk of its body. Nothing that comes after it on the connection is read.',
    evidence: ['address', 'reason'],
    remedy:
      'Use a client that speaks HTTP/1.1 (RFC 9112) or HTTP/2; look at what a proxy on the way makes of the request.',
    exit: 1,
    http: 400,
  },
  'CS-GATEWAY-086': {
    title: 'header beyond what is read',
    cause: 'The header of the request is larger than what is read of any, whatever its route: 16 KiB.',
    evidence: ['address'],
    remedy: 'Send fewer or shorter header fields; cookies, mostly.',
    exit: 1,
    http: 431,
  },
  'CS-GATEWAY-087': {
    title: 'request header too slow',
    cause: 'The header of the request did not come within its time, or the request not within that of all requests.',
    evidence: ['address'],
    remedy: 'Send the header at once; if the line is slow, look at what lies between.',
    exit: 1,
    http: 408,
  },
  'CS-GATEWAY-088': {
    title: 'connection can not be turned into that',
    cause:
      'The request asks for a change of the connection (Upgrade) to another version of HTTP or to TLS, in which nobody would look at what is asked, or it has a body besides.',
    evidence: ['route'],
    remedy: 'Ask for a WebSocket, or another protocol of its own, and send no body with that; HTTP/2 is had by ALPN.',
    exit: 1,
    http: 400,
  },
  'CS-GATEWAY-089': {
    title: 'expectation that is not met',
    cause: 'The request has an Expect header with something other than 100-continue (RFC 9110, 10.1.1).',
    evidence: ['address'],
    remedy: 'Send it without, or with 100-continue alone.',
    exit: 1,
    http: 417,
  },
} as const;
