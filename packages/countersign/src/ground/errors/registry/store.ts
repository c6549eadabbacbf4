/** What fails in the storage: the disk, the database file, and what lies beside it. */
export const storeRefusals = {
  'CS-STORE-004': {
    title: 'disk full',
    cause: 'There is no room to record it, so it was refused: nothing is signed or revoked that is not recorded.',
    evidence: ['operation', 'file'],
    remedy: 'Make room on the disk of that file; the authority goes on by itself, without a restart.',
    exit: 3,
    http: 503,
  },
  'CS-STORE-005': {
    title: 'disk failed',
    cause:
      'The disk did not carry out a write or a read. Nothing of it counts as done; the database is opened and checked anew before anything else is written.',
    evidence: ['operation', 'file', 'why'],
    remedy:
      "Look at the kernel's log for the disk and at the permissions; the authority goes on by itself once writing succeeds.",
    exit: 3,
    http: 503,
  },
  'CS-STORE-006': {
    title: 'database damaged',
    cause: 'A part of the database is missing or not as it was written; what it would answer can not be relied on.',
    evidence: ['file', 'damage'],
    remedy:
      'Keep the directory for whoever looks into it, and restore the last backup into an empty one: countersign authority restore FILE --dir DIR. Without any backup the record of what is revoked is lost: start a new authority in an empty directory, enrol every service anew, and take the old root out of wherever it is trusted.',
    exit: 3,
    http: 503,
  },
  'CS-STORE-007': {
    title: 'write-ahead log missing',
    cause:
      'The authority did not end well, and the log that holds its last commits is not there: certificates and revocations would be forgotten.',
    evidence: ['file'],
    remedy:
      'Put the file back beside the database; if it is lost, restore the last backup: countersign authority restore FILE --dir DIR.',
    exit: 3,
    http: 503,
  },
  'CS-STORE-008': {
    title: 'database went back',
    cause:
      'An endpoint was told of more changes than this database knows: an older copy was put in its place. What was issued and revoked since that copy is not on record, and endpoints refuse what they are told under numbers that were used before.',
    evidence: ['told', 'found'],
    remedy:
      'Put the newest copy back; if it is lost, end the authority and restore a backup into an empty directory (countersign authority restore FILE --dir DIR): that begins above every number that was told, and endpoints hand back the revocations they know.',
    exit: 3,
    http: 503,
  },
} as const;
