/** Refusals of private keys in files: PKCS#8 (RFC 5958) and PKCS#12 (RFC 7292), and the passphrases that protect them. */

export const keyRefusals = {
  'CS-PKCS-001': {
    title: 'wrong passphrase, or damaged',
    cause:
      'What the passphrase should open did not open. A wrong passphrase and a changed file look the same, and nothing of the contents was used.',
    evidence: ['object'],
    remedy:
      'Try the passphrase again, its capitals and accents included. In PKCS#12 an empty passphrase and none at all are two different things.',
    exit: 1,
    http: 400,
  },
  'CS-PKCS-002': {
    title: 'passphrase needed',
    cause: 'The key is encrypted, and no passphrase was given.',
    evidence: ['object'],
    remedy: 'Give the passphrase that the key was encrypted with.',
    exit: 2,
    http: 400,
  },
  'CS-PKCS-003': {
    title: 'protection not supported',
    cause: 'The key or the file is protected with an algorithm, or in a way, that is not read here.',
    evidence: ['algorithm'],
    remedy:
      'Export it again protected by a passphrase, with PBES2 and AES (openssl pkcs8 -topk8 -v2 aes-256-cbc; openssl pkcs12 -export).',
    exit: 1,
    http: 400,
  },
  'CS-PKCS-004': {
    title: 'PKCS#12 file without a MAC',
    cause:
      'Nothing in the file shows that it is as its maker left it: anybody can have put keys or certificates into it.',
    evidence: ['object'],
    remedy: 'Export it again with a MAC (leave out -nomac), or accept it by name as unauthenticated.',
    exit: 1,
    http: 400,
  },
  'CS-PKCS-005': {
    title: 'passphrase costs more than is allowed',
    cause:
      'The file itself says how much work and memory trying a passphrase takes, and it asks for more than the limit. Whoever sends such a file could stop a program with it.',
    evidence: ['limit', 'asked', 'maximum'],
    remedy: 'Raise the limit shown (ownFileLimits) for a file of your own, or export it again with fewer iterations.',
    exit: 1,
    http: 413,
  },
  'CS-PKCS-006': {
    title: 'breaks a rule of PKCS#8 or PKCS#12',
    cause: 'The object decodes, but its contents break a rule of the standard.',
    evidence: ['rule'],
    remedy: 'Have the file exported again by another program.',
    exit: 1,
    http: 400,
  },
} as const;
