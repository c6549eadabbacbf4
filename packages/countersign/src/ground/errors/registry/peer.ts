/** Refusals of live peers: the peer verifier, TLS, the feed and the process's environment. */

export const peerRefusals = {
  'CS-PEER-001': {
    title: 'no certificate',
    cause: 'The peer presented no certificate; this endpoint authenticates both sides.',
    evidence: ['address'],
    remedy:
      'Give the caller a credential (countersign issue, or countersign run --as NAME -- COMMAND) and have it present it.',
    exit: 1,
    http: 403,
  },
  'CS-PEER-002': {
    title: "another authority's certificate",
    cause: "The peer's certificate leads to none of the trust anchors of the trust domain that it claims.",
    evidence: ['subject', 'reason'],
    remedy:
      'Use a certificate of this authority; a partner authority must be added to the trust bundle under its own trust domain.',
    exit: 1,
    http: 403,
  },
  'CS-PEER-003': {
    title: 'certificate expired',
    cause: "The peer's certificate, or one above it, is past its notAfter.",
    evidence: ['subject', 'reason'],
    remedy: 'Renew it (countersign renew) and look why its rotation stopped; compare the clocks of both machines.',
    exit: 1,
    http: 403,
  },
  'CS-PEER-004': {
    title: 'certificate not yet valid',
    cause: "The peer's certificate, or one above it, is before its notBefore; a clock that is behind looks the same.",
    evidence: ['subject', 'reason'],
    remedy: 'Compare the clocks of both machines (NTP); else wait until notBefore.',
    exit: 1,
    http: 403,
  },
  'CS-PEER-005': {
    title: "certificate's key not held",
    cause:
      "The signature that should prove possession of the private key does not verify: the certificate is not the sender's own.",
    evidence: ['address', 'reason'],
    remedy:
      'Treat the sender as hostile, unless its certificate and key files were mixed up: they must belong together.',
    exit: 1,
    http: 403,
  },
  'CS-PEER-006': {
    title: 'certificate not acceptable',
    cause: "The peer's certificate is malformed, breaks a rule, or holds something that is not understood here.",
    evidence: ['subject', 'reason'],
    remedy: 'Issue the certificate again under the profile for services.',
    exit: 1,
    http: 403,
  },
  'CS-PEER-007': {
    title: 'peer not allowed',
    cause: 'The peer proved who it is, and the policy of this endpoint does not allow that identity.',
    evidence: ['peer', 'expected'],
    remedy: 'Allow this identity in the policy of the endpoint, or call with a credential that carries an allowed one.',
    exit: 1,
    http: 403,
  },
  'CS-PEER-008': {
    title: 'certificate revoked',
    cause: "The authority revoked the peer's certificate, or one above it.",
    evidence: ['peer', 'serialNumber', 'revokedAt'],
    remedy: 'Enrol the peer again with a new token, if it should be let in again.',
    exit: 1,
    http: 403,
  },
  'CS-PEER-009': {
    title: 'trust domain not known',
    cause: "The peer's SPIFFE ID lies in a trust domain for which no trust bundle is held here.",
    evidence: ['peer', 'known'],
    remedy: 'Add the bundle of that trust domain, or use a certificate of one that is known here.',
    exit: 1,
    http: 403,
  },
  'CS-PEER-010': {
    title: 'revocation state out of date',
    cause: 'What is known here of revocations is older than its lease allows, so nobody can be shown to be unrevoked.',
    evidence: ['peer', 'freshUntil'],
    remedy: 'Restore the connection to the authority and its feed; compare the clocks of both machines.',
    exit: 3,
    http: 503,
  },
  'CS-PEER-011': {
    title: 'key or signature algorithm not accepted',
    cause: "The peer's certificate uses an algorithm that is not accepted here.",
    evidence: ['reason'],
    remedy:
      'Issue it for an ECDSA key (P-256, P-384, P-521), Ed25519, ML-DSA (on TLS 1.3) or RSA of 2048 bits or more, signed with SHA-256 or longer.',
    exit: 1,
    http: 403,
  },
  'CS-PEER-012': {
    title: 'certificate for another use',
    cause:
      "The peer's certificate, or an authority above it, is not meant for this side of a connection (keyUsage, extendedKeyUsage).",
    evidence: ['subject', 'reason'],
    remedy: 'Use a certificate issued for this purpose: clientAuth to call, serverAuth to serve.',
    exit: 1,
    http: 403,
  },
  'CS-PEER-013': {
    title: 'longest life of a connection reached',
    cause:
      'The connection lived as long as this endpoint lets one live (longestLifeMs); nothing is said against its peer.',
    evidence: ['peer', 'longestLifeMs'],
    remedy:
      'Connect again. Clients of this software do so ahead of that moment; a longer life is an option of the endpoint.',
    exit: 3,
    http: 503,
  },
  'CS-PEER-014': {
    title: 'several trust domains vouch for the certificate',
    cause:
      'The certificate names no trust domain, and has a path to the anchors of several that are trusted here: whose customer it names can not be told.',
    evidence: ['peer', 'trustDomains'],
    remedy:
      'Take the certificate by which one authority vouches for the other out of what the peer presents and of the intermediates here, or trust only one of the domains at this endpoint.',
    exit: 1,
    http: 403,
  },
  'CS-PEER-020': {
    title: 'certificate on hold',
    cause: "The authority holds the peer's certificate, or one above it: it counts as revoked until it is released.",
    evidence: ['peer', 'serialNumber', 'heldSince'],
    remedy: 'Release it, if it should be let in again: countersign release SERIAL. Nothing needs to be restarted.',
    exit: 1,
    http: 403,
  },
  'CS-PEER-021': {
    title: 'status of the certificate not known',
    cause:
      "Neither a revocation list nor an OCSP answer says whether the peer's certificate, or one above it, is revoked, so it can not be shown to be good.",
    evidence: ['peer', 'serialNumber', 'reason'],
    remedy:
      'Look at the reason: restore the list or the responder that it names, or the way to it; compare the clocks of both machines.',
    exit: 3,
    http: 503,
  },
  'CS-PEER-022': {
    title: 'promised staple missing',
    cause:
      "The server's certificate promises a stapled OCSP answer (must-staple, RFC 7633), and none that calls it good came with it.",
    evidence: ['peer', 'serialNumber', 'reason'],
    remedy:
      'Have the server staple: it should fetch answers ahead and check them. Or have a certificate issued for it that promises nothing.',
    exit: 1,
    http: 503,
  },
  'CS-TLS-001': {
    title: 'handshake failed',
    cause: 'The two sides did not come to a TLS session.',
    evidence: ['address', 'reason'],
    remedy: 'Check that the other side speaks TLS 1.3 on this port and that nothing between the two terminates TLS.',
    exit: 3,
    http: 502,
  },
  'CS-TLS-002': {
    title: 'handshake not finished in time',
    cause: 'The other side did not finish the TLS handshake within the time allowed.',
    evidence: ['address', 'timeoutMs'],
    remedy: 'Check the network between the two, and that the other side speaks TLS on this port.',
    exit: 3,
    http: 504,
  },
  'CS-TLS-003': {
    title: 'refused by the other side',
    cause: 'The other side ended the handshake with an alert, or closed the connection within it.',
    evidence: ['address', 'reason'],
    remedy: 'Look in the log of the other side: it holds the reason.',
    exit: 1,
    http: 502,
  },
  'CS-TLS-004': {
    title: 'no TLS version in common',
    cause: 'The other side offers only TLS versions below the minimum of this endpoint.',
    evidence: ['address', 'minimum', 'offered'],
    remedy: 'Update the other side to TLS 1.3, or lower this endpoint to TLS 1.2 by its option minVersion.',
    exit: 1,
    http: 502,
  },
  'CS-TLS-005': {
    title: 'resumed session',
    cause:
      'The session was resumed, so the certificate was not presented again and what was decided then may hold no more.',
    evidence: ['address'],
    remedy: 'Connect again with a full handshake; keep connections alive instead of resuming sessions.',
    exit: 1,
    http: 403,
  },
  'CS-TLS-006': {
    title: 'not reached',
    cause: 'No connection to the address came about, or it broke before the TLS handshake.',
    evidence: ['address', 'reason'],
    remedy: 'Check that the other side runs and listens on this address, and that the network lets it through.',
    exit: 3,
    http: 502,
  },
  'CS-TLS-007': {
    title: 'own credential or trust not usable',
    cause:
      'TLS does not take the certificate chain, key or trust anchors that this endpoint was given; what was in use before stays in use.',
    evidence: ['reason'],
    remedy: 'Check that key and certificate belong together and that the files are whole.',
    exit: 3,
    http: 500,
  },
  'CS-TLS-009': {
    title: 'made room for another connection',
    cause:
      'As many connections as there may be had not shown who they are, and this was the oldest of them. Who speaks at once is not concerned.',
    evidence: ['address'],
    remedy: 'Connect again and speak at once; where it goes on, look at what else comes from this address.',
    exit: 3,
    http: 503,
  },
  'CS-TLS-010': {
    title: 'plain HTTP on a TLS port',
    cause: 'The other side sent a request of HTTP without TLS to a port of mutual TLS.',
    evidence: ['address', 'reason'],
    remedy: 'Call the https:// address, with a certificate; a health check without TLS needs a port of its own.',
    exit: 1,
    http: 400,
  },
  'CS-TLS-011': {
    title: 'no TLS',
    cause: 'What the other side sent is not TLS: another protocol, or a line of PROXY before it.',
    evidence: ['address', 'reason'],
    remedy:
      'Look at what calls this port, or at what listens on it: a load balancer must not put PROXY lines before TLS, nor end it.',
    exit: 1,
    http: 400,
  },
  'CS-TLS-012': {
    title: 'request for another host',
    cause:
      'The request is for another host than the one whose name the handshake asked for, so what was decided in the handshake is not about it.',
    evidence: ['serverName', 'host'],
    remedy: 'Call each host on a connection of its own, with its own name as server name (SNI).',
    exit: 1,
    http: 421,
  },
  'CS-TLS-013': {
    title: 'too many failed handshakes',
    cause:
      'More handshakes from this address failed within a second than may; what comes from there is closed before its handshake until the second is over.',
    evidence: ['address'],
    remedy: 'Look at which program calls from this address, again and again, with a credential that is refused here.',
    exit: 3,
    http: 503,
  },
  'CS-TLS-014': {
    title: 'server cannot be armed',
    cause:
      'A server that somebody else made cannot be put behind the second stage: it listens already, or it is not as this version knows servers of Node.',
    evidence: ['reason'],
    remedy:
      'Arm it before it listens, with a supported version of Node; else make it with createServer of countersign/tls.',
    exit: 2,
    http: 500,
  },
  'CS-TLS-008': {
    title: 'not HTTPS',
    cause:
      'A client of mutual TLS was asked for a URL without TLS; it would have gone out in the clear and unauthenticated.',
    evidence: ['url'],
    remedy: 'Call the https:// address of the service.',
    exit: 2,
    http: 400,
  },
  'CS-TLS-015': {
    title: 'own certificate not asked for',
    cause:
      'This side has a credential, and the server never asked for it: the server is authenticated and this side is not. A warning; the connection goes on.',
    evidence: ['server'],
    remedy: 'Have the server ask for client certificates, or see what stands in front of it and ends TLS there.',
    exit: 1,
    http: 502,
  },
  'CS-TLS-016': {
    title: 'connection ended before any answer',
    cause:
      'The server ended the connection before it answered anything on it: it does not let this side in, or it broke off. What it said is the code of its answer, where it gave one.',
    evidence: ['address', 'reason', 'said'],
    remedy: "Look up the code that it gave; where it said nothing, look in the server's log: it holds the reason.",
    exit: 1,
    http: 502,
  },
  'CS-TLS-017': {
    title: 'handshake broken off',
    cause: 'The other side ended the connection before the handshake was over, and gave no reason.',
    evidence: ['address', 'reason'],
    remedy:
      'A health check that only connects does so, and is better sent elsewhere; else look in the log of the other side, and at what is between the two.',
    exit: 1,
    http: 502,
  },
  'CS-TLS-018': {
    title: 'own handler failed',
    cause:
      'A function of this program that serves what was let in threw an error, or rejected. What it served was ended, and nothing else.',
    evidence: ['handler', 'reason'],
    remedy: 'Mend the function; the reason is the error that it threw.',
    exit: 3,
    http: 500,
  },
  'CS-TLS-019': {
    title: 'read too slowly',
    cause:
      'The peer took less of what waited for it than it must within that time. Its connection was ended, or a stream of it, so that it holds no memory here.',
    evidence: ['peer', 'what', 'leastBytes', 'everyMs'],
    remedy:
      'Have the other side read what it asked for, or end what it does not want to read; how slow it may be is an option of the server, slowReaders.',
    exit: 3,
    http: 408,
  },
  'CS-TLS-020': {
    title: 'streams given up by the hundred',
    cause:
      'A caller gave up far more requests of HTTP/2 before any answer than he let end well (rapid reset, CVE-2023-44487), or had them reset by breaking the rules of the protocol. The session was ended with ENHANCE_YOUR_CALM; his next ones are as soon as they go on with it.',
    evidence: ['peer', 'address', 'streams'],
    remedy:
      'Have the caller give up fewer requests: 250 at once and 10 a second are let pass, and one more for each that ends well. Where it is a proxy, limit what it sends on.',
    exit: 1,
    http: 429,
  },
  'CS-ENV-001': {
    title: 'certificate verification switched off',
    cause: 'NODE_TLS_REJECT_UNAUTHORIZED is set so that Node verifies no certificate.',
    evidence: ['setting'],
    remedy: 'Unset NODE_TLS_REJECT_UNAUTHORIZED and start again.',
    exit: 2,
    http: 500,
  },
  'CS-ENV-002': {
    title: 'session secrets written out',
    cause:
      'The process was started so that it writes the secrets of TLS sessions, or its memory, to a file or terminal.',
    evidence: ['setting'],
    remedy: 'Start again without the setting.',
    exit: 2,
    http: 500,
  },
  'CS-ENV-003': {
    title: 'debugger open',
    cause:
      'The process was started with a debugger port, through which any local user can read its keys and run code in it.',
    evidence: ['setting'],
    remedy: 'Start again without the setting.',
    exit: 2,
    http: 500,
  },
  'CS-ENV-004': {
    title: 'TLS versions changed from outside',
    cause: 'The process was started with other limits of the TLS version than its own.',
    evidence: ['setting'],
    remedy: 'Start again without the setting; an endpoint that needs TLS 1.2 says so by its option minVersion.',
    exit: 2,
    http: 500,
  },
  'CS-ENV-005': {
    title: 'TLS library configured from outside',
    cause:
      'The process was started with a foreign configuration or trust store for OpenSSL, which can replace algorithms, providers and trust.',
    evidence: ['setting'],
    remedy: 'Start again without the setting; trust comes from the trust bundle alone.',
    exit: 2,
    http: 500,
  },
  'CS-ENV-006': {
    title: 'core dumps allowed',
    cause: 'A process that holds a private key may write its memory to a core file. A warning; the process goes on.',
    evidence: ['limit'],
    remedy: 'Start it with ulimit -c 0, LimitCORE=0 (systemd) or --ulimit core=0 (containers): no library can do that.',
    exit: 1,
    http: 500,
  },
  'CS-FEED-001': {
    title: 'feed message malformed',
    cause: 'A message of the revocation feed is truncated, too large or not of a kind that is known here.',
    evidence: ['rule'],
    remedy:
      'Nothing, if it was once: the whole state is asked for again. Otherwise look for a proxy that changes the stream, and update this side.',
    exit: 1,
    http: 502,
  },
  'CS-FEED-002': {
    title: 'feed message forged',
    cause: 'The signature of a feed message does not verify with the key of the certificate that comes with it.',
    evidence: ['signer'],
    remedy: 'Look for who is between this endpoint and the authority; the message was not applied.',
    exit: 1,
    http: 502,
  },
  'CS-FEED-003': {
    title: 'feed signer not entitled',
    cause: 'The certificate that signed a feed message is not one that the authority certified for signing the feed.',
    evidence: ['signer', 'reason'],
    remedy: 'Look for who is between this endpoint and the authority; the message was not applied.',
    exit: 1,
    http: 502,
  },
  'CS-FEED-004': {
    title: "another authority's feed",
    cause: 'A feed message was made by another authority than the one that this endpoint follows.',
    evidence: ['expected', 'found'],
    remedy: 'Point the endpoint to its own authority, or enrol it again with the other one.',
    exit: 1,
    http: 502,
  },
  'CS-FEED-005': {
    title: 'feed went back',
    cause:
      "A feed message is older than what was applied already: it was replayed, or the authority's database went back to an older copy.",
    evidence: ['known', 'found'],
    remedy:
      'Look at the log of the authority for CS-STORE-008; an older copy comes into use by countersign authority restore alone, which endpoints follow by themselves. Else look for who replays messages. What was revoked stays revoked here, unless this endpoint is restarted.',
    exit: 1,
    http: 502,
  },
  'CS-FEED-006': {
    title: 'gap in the feed',
    cause: 'Feed messages between the last one applied and this one are missing.',
    evidence: ['known', 'found'],
    remedy: 'Nothing: the whole state is asked for again.',
    exit: 1,
    http: 502,
  },
  'CS-FEED-007': {
    title: 'feed silent',
    cause: 'Nothing came from the feed for three heartbeats, though the connection is open.',
    evidence: ['silentMs'],
    remedy: 'Check the authority and the network; until the lease ends, the last known revocations stay in force.',
    exit: 3,
    http: 504,
  },
  'CS-FEED-008': {
    title: 'feed not to be had',
    cause: 'The authority does not serve the feed to this endpoint, or ended it.',
    evidence: ['reason'],
    remedy: 'Check that the authority runs and that the credential of this endpoint is valid and not revoked.',
    exit: 3,
    http: 502,
  },
} as const;
