/** Refusals of certificates, names and paths: X.509 (RFC 5280) and SPIFFE. */

export const x509Refusals = {
  'CS-X509-001': {
    title: 'certificate breaks a rule of RFC 5280',
    cause: 'The object decodes as DER, but its contents break a rule of the standard.',
    evidence: ['rule'],
    remedy: 'Issue the certificate again with an authority that keeps to RFC 5280.',
    exit: 1,
    http: 400,
  },
  'CS-X509-002': {
    title: 'algorithm not supported',
    cause: 'The key or the signature uses an algorithm or parameters that are not accepted here.',
    evidence: ['algorithm'],
    remedy: 'Use a P-256, P-384 or Ed25519 key, signed with ECDSA (SHA-256, SHA-384) or Ed25519.',
    exit: 1,
    http: 400,
  },
  'CS-X509-003': {
    title: 'request not signed by its own key',
    cause:
      'The signature of the certification request does not verify with the public key inside it, so nothing shows that its sender holds the key.',
    evidence: ['subject'],
    remedy: 'Make the request again with the private key that belongs to it.',
    exit: 1,
    http: 400,
  },
  'CS-X509-004': {
    title: 'not a distinguished name',
    cause: 'The text is not a distinguished name as RFC 4514 writes it; the offset counts its characters from zero.',
    evidence: ['text', 'rule', 'offset'],
    remedy:
      'Write it like CN=web,O=Example, the most specific part first, with a backslash before " + , ; < > and the backslash itself.',
    exit: 2,
    http: 400,
  },
  'CS-PATH-001': {
    title: 'no path to a trust anchor',
    cause:
      'None of the trust anchors of this trust domain issued the certificate, directly or through the intermediates at hand.',
    evidence: ['subject', 'issuer', 'anchors'],
    remedy: 'Use a certificate of this authority, or add the authority that issued it to the trust bundle.',
    exit: 1,
    http: 403,
  },
  'CS-PATH-002': {
    title: 'expired',
    cause: 'A certificate of the path is past its notAfter.',
    evidence: ['subject', 'notAfter', 'at'],
    remedy: 'Renew it (countersign renew), and look why its rotation stopped.',
    exit: 1,
    http: 403,
  },
  'CS-PATH-003': {
    title: 'not yet valid',
    cause: 'A certificate of the path is before its notBefore; a clock that is behind looks the same.',
    evidence: ['subject', 'notBefore', 'at'],
    remedy: 'Compare the clocks of both machines (NTP); else wait until notBefore.',
    exit: 1,
    http: 403,
  },
  'CS-PATH-004': {
    title: 'signature does not verify',
    cause:
      "A certificate names an issuer at hand, but was not signed with that issuer's key: it is forged, damaged, or the issuer was re-keyed.",
    evidence: ['subject', 'issuer'],
    remedy: "Distribute the issuer's new certificate if it was re-keyed; otherwise distrust the sender.",
    exit: 1,
    http: 403,
  },
  'CS-PATH-005': {
    title: 'issuer is not an authority',
    cause:
      'A certificate of the path was issued by one that is no certification authority (basicConstraints, keyUsage).',
    evidence: ['issuer', 'rule'],
    remedy: "Have the certificate issued by an authority's own certificate (CA:TRUE, keyCertSign).",
    exit: 1,
    http: 403,
  },
  'CS-PATH-006': {
    title: 'path longer than allowed',
    cause: 'The path has more intermediates than an authority of it allows (pathLenConstraint), or than the limit.',
    evidence: ['issuer', 'pathLength', 'intermediates'],
    remedy: 'Issue from an authority nearer to the root, or re-issue the authority with a larger pathLenConstraint.',
    exit: 1,
    http: 403,
  },
  'CS-PATH-007': {
    title: 'extension not understood',
    cause:
      'A certificate of the path has a critical extension, or a constraint, that is not processed here; what is not understood is refused (RFC 5280, 4.2).',
    evidence: ['subject', 'extension'],
    remedy: 'Use a path without this extension.',
    exit: 1,
    http: 403,
  },
  'CS-PATH-008': {
    title: 'wrong usage',
    cause: 'The certificate, or an authority above it, is not meant for this use (keyUsage, extendedKeyUsage).',
    evidence: ['subject', 'needed', 'found'],
    remedy: 'Use a certificate issued for this purpose: clientAuth to call, serverAuth to serve.',
    exit: 1,
    http: 403,
  },
  'CS-PATH-009': {
    title: "issuer's signature algorithm differs from its key",
    cause: "The certificate claims a signature algorithm that does not go with its issuer's key.",
    evidence: ['subject', 'algorithm', 'keyType'],
    remedy: 'Issue the certificate again; the claim cannot be right.',
    exit: 1,
    http: 403,
  },
  'CS-PATH-010': {
    title: 'certificate does not carry the name',
    cause: 'The end-entity certificate is valid, but none of its names is the one asked for.',
    evidence: ['name', 'found'],
    remedy: 'Ask for a name that the certificate carries, or issue one that carries the name.',
    exit: 1,
    http: 403,
  },
  'CS-SPIFFE-001': {
    title: 'not a SPIFFE ID',
    cause: 'The text is not a SPIFFE ID as the standard writes it.',
    evidence: ['text', 'rule'],
    remedy:
      'Write spiffe://trust-domain/path with lower-case letters, digits, ".", "-", "_" and, in the path, capitals.',
    exit: 2,
    http: 400,
  },
  'CS-SPIFFE-002': {
    title: 'not an X509-SVID',
    cause: 'The certificate carries a SPIFFE ID but breaks a rule of X509-SVIDs.',
    evidence: ['subject', 'rule'],
    remedy: 'Issue the certificate again under a profile for SPIFFE identities.',
    exit: 1,
    http: 403,
  },
} as const;
