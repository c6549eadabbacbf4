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
    remedy: 'Try again.',
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
