/** Refusals about the authority's keys: passphrases, files, offline roots, and issuers under another's root. */

export const ceremonyRefusals = {
  'CS-PASS-001': {
    title: 'passphrase does not open the key',
    cause:
      'The passphrase is another than the one that the key file was encrypted with; or the file was changed, which looks the same.',
    evidence: ['file', 'given'],
    remedy:
      'Give the passphrase that the keys were last encrypted with, capitals and spaces included; where it was given is shown. If you are sure of it, the file was changed: put back the whole directory from its last backup.',
    exit: 1,
    http: 503,
  },
  'CS-PASS-002': {
    title: 'passphrase needed for the key',
    cause: 'The key file is encrypted, no passphrase was given, and nobody is at a terminal to be asked.',
    evidence: ['file'],
    remedy:
      'Give it as a file of mode 0600 (--passphrase-file FILE), in COUNTERSIGN_PASSPHRASE, or as the systemd credential countersign-passphrase (LoadCredential=).',
    exit: 2,
    http: 503,
  },
  'CS-PASS-003': {
    title: 'passphrase is empty',
    cause: 'An empty passphrase protects nothing; it was most likely meant to be something.',
    evidence: ['given'],
    remedy:
      'Put a passphrase there: its first line counts. Without one, take the file or the variable away altogether.',
    exit: 2,
    http: 400,
  },
  'CS-PASS-004': {
    title: 'passphrase open to others',
    cause:
      'Other users of this machine may read the file with the passphrase, so it protects nothing; it was not used.',
    evidence: ['path', 'mode', 'type'],
    remedy:
      'Type the command shown if nobody can have read it; otherwise choose another passphrase: countersign authority passphrase',
    exit: 1,
    http: 500,
  },
  'CS-PASS-005': {
    title: 'passphrases differ',
    cause: 'A new passphrase is asked for twice, and the two answers were not the same. Nothing was changed.',
    evidence: ['what'],
    remedy: 'Type the same passphrase both times, or give it as a file.',
    exit: 1,
    http: 400,
  },
  'CS-PASS-006': {
    title: 'passphrase file missing',
    cause: 'The file that was named for the passphrase is not there.',
    evidence: ['path'],
    remedy:
      'Check the path, and that what should be mounted there is. If the passphrase itself is lost, encrypted keys stay closed: put back a backup whose passphrase you have.',
    exit: 3,
    http: 503,
  },
  'CS-CEREMONY-001': {
    title: 'no request for an issuer',
    cause:
      'The certification request is not one that this root certifies: not of an issuer, or not of its trust domain.',
    evidence: ['rule'],
    remedy:
      'Give the file that was made for this root: countersign authority ceremony request --out FILE, where the authority runs.',
    exit: 1,
    http: 400,
  },
  'CS-CEREMONY-002': {
    title: 'not the folder of a root',
    cause: 'The folder does not hold a root with its key: a file is missing, damaged, or of another root.',
    evidence: ['folder', 'rule'],
    remedy:
      'Give the folder that was made for the root (root.pem, root.key.pem, transcripts), or the second copy of it.',
    exit: 3,
    http: 503,
  },
  'CS-CEREMONY-003': {
    title: 'root not here',
    cause: "The root's key is not in this state directory: it was carried away before, or the root is another's.",
    evidence: ['dir'],
    remedy:
      'Nothing is left to do here: what signs issuers is where the root was carried, or with the corporate authority.',
    exit: 1,
    http: 409,
  },
  'CS-CEREMONY-004': {
    title: 'carried root needs a passphrase',
    cause: "A root's key that leaves its machine lies somewhere, so it is never written without a passphrase.",
    evidence: ['folder'],
    remedy:
      'Give one: --root-passphrase-file FILE (mode 0600), COUNTERSIGN_ROOT_PASSPHRASE, or type it at a terminal. It should not be the one of the state directory.',
    exit: 2,
    http: 400,
  },
  'CS-CEREMONY-005': {
    title: 'not an issuer of this root',
    cause: 'A root revokes what it has certified, and nothing else: the certificate is not from this root.',
    evidence: ['file', 'rule'],
    remedy:
      "Give the issuer's own certificate: issuer.pem or retired-*.pem of the authority's folder, or the answer of the ceremony that certified it.",
    exit: 1,
    http: 400,
  },
  'CS-ISSUER-001': {
    title: "name outside the issuer's constraints",
    cause:
      'The authority above, which certified the issuer here, does not allow it this name; a certificate with it would be valid nowhere (RFC 5280, 4.2.1.10).',
    evidence: ['name', 'constraint', 'issuer'],
    remedy:
      "Ask for a name that the constraints permit (countersign inspect shows them on the issuer's chain), or have the issuer certified with wider ones.",
    exit: 1,
    http: 403,
  },
  'CS-ISSUER-002': {
    title: 'answer for another key',
    cause: 'None of the certificates is for the key that was made here, so none can be the issuer.',
    evidence: ['expected', 'found'],
    remedy:
      'Give the answer to the request that was made last; an earlier one is void. A new one: countersign authority ceremony request --out FILE',
    exit: 1,
    http: 400,
  },
  'CS-ISSUER-003': {
    title: 'certificate of no issuer',
    cause: 'The certificate, or one above it, does not allow to issue certificates for services.',
    evidence: ['subject', 'rule', 'clause'],
    remedy:
      'Have it certified as an authority: basicConstraints critical, CA:TRUE, with a path length of 0 (and one more on each step above), keyUsage keyCertSign.',
    exit: 1,
    http: 400,
  },
  'CS-ISSUER-004': {
    title: 'constraints exclude the trust domain',
    cause:
      'The name constraints above the issuer do not allow the SPIFFE IDs of this trust domain, so that no certificate from here would be valid.',
    evidence: ['name', 'constraint', 'issuer'],
    remedy:
      'Have the trust domain permitted as a URI constraint (its name alone, without a scheme: RFC 5280, 4.2.1.10), or leave URIs unconstrained; or choose a trust domain that is permitted.',
    exit: 1,
    http: 400,
  },
  'CS-ISSUER-005': {
    title: 'issuer restricted to other usages',
    cause:
      'An extendedKeyUsage on an issuer narrows what its certificates may be used for, and something that every authority here needs is not in it.',
    evidence: ['subject', 'missing', 'found'],
    remedy:
      'Have the issuer certified without extendedKeyUsage, which restricts nothing; or with serverAuth, clientAuth and 2.25.224693371871938520317386442915203843617 (the signing of the revocation feed).',
    exit: 1,
    http: 400,
  },
  'CS-ISSUER-006': {
    title: 'issuer outside its validity',
    cause: 'The certificate of the issuer, or one above it, has expired or is not valid yet.',
    evidence: ['subject', 'notBefore', 'notAfter', 'now'],
    remedy:
      'Set the clock of this machine right if it is wrong; else have a new certificate made for the same request.',
    exit: 1,
    http: 400,
  },
  'CS-ISSUER-007': {
    title: 'no path from the issuer to the anchor',
    cause: 'The certificates given do not make one valid path from the issuer to the root that endpoints are to trust.',
    evidence: ['issuer', 'anchor', 'why'],
    remedy:
      'Give the certificates between the two as well (further FILEs, or one PKCS#7), and the root that they lead to with --anchor.',
    exit: 1,
    http: 400,
  },
  'CS-ISSUER-008': {
    title: 'no request that waits for an answer',
    cause: 'No key was made here for an issuer, so nothing can be its certificate.',
    evidence: ['dir'],
    remedy:
      'Make key and request first: countersign authority create --issuer --trust-domain NAME (or, for an authority that is there, countersign authority ceremony request).',
    exit: 2,
    http: 400,
  },
  'CS-ISSUER-009': {
    title: 'root not known',
    cause: 'What endpoints will trust must come from you: a root that came with the answer proves nothing by itself.',
    evidence: ['found'],
    remedy: 'Give the root of the corporate authority, from where you trust it: --anchor FILE, or --anchor-sha256 HEX.',
    exit: 2,
    http: 400,
  },
  'CS-ISSUER-010': {
    title: "another root than the authority's own",
    cause:
      'The new issuer stands under another root than the one that all endpoints of this authority trust: none of them would take its certificates.',
    evidence: ['found', 'root'],
    remedy:
      'Have the request certified under the root that is trusted already; for another root, make another authority (--dir).',
    exit: 1,
    http: 409,
  },
  'CS-ISSUER-011': {
    title: 'authority is there already',
    cause:
      'The state directory has an authority with its keys, or an issuer that waits to be certified; nothing of it was changed.',
    evidence: ['dir'],
    remedy:
      'Give another directory (--dir). A new issuer for the one that is there: countersign authority ceremony request --out FILE',
    exit: 2,
    http: 409,
  },
  'CS-ISSUER-012': {
    title: 'issuer not certified yet',
    cause:
      'The key of the issuer was made here, and the answer to its request has not been imported: there is nothing to issue with.',
    evidence: ['request'],
    remedy:
      'Have the request certified, then: countersign authority import FILE --anchor FILE. For an authority with a root of its own, give another directory (--dir).',
    exit: 3,
    http: 503,
  },
  'CS-STATE-010': {
    title: 'root certificate missing',
    cause: 'The certificate that all endpoints of this authority trust is not where it was.',
    evidence: ['file'],
    remedy:
      'Put it back from a backup. It is public: the roots.pem of any service that enrolled here holds the same certificate. Never make a new one: no endpoint would trust it.',
    exit: 3,
    http: 503,
  },
  'CS-STATE-011': {
    title: 'database open to others',
    cause:
      'Other users of this machine may read the database of the authority: hashes of tokens, and who has which certificate.',
    evidence: ['path', 'mode', 'type'],
    remedy: 'Type the command shown, and find out what changed the mode.',
    exit: 1,
    http: 500,
  },
} as const;
