/** Backups, and what follows from restoring one. */
export const backupRefusals = {
  'CS-BACKUP-001': {
    title: 'not a backup',
    cause: 'The file is no backup of this program, or one of a version that it does not know.',
    evidence: ['file', 'rule'],
    remedy: 'Give the file that countersign authority backup wrote, and run the version that wrote it or a newer one.',
    exit: 1,
    http: 400,
  },
  'CS-BACKUP-002': {
    title: 'passphrase does not open the backup',
    cause: 'The backup was made with another passphrase, or its first octets are damaged.',
    evidence: ['file'],
    remedy: 'Give the passphrase of the day on which it was made (--passphrase-file), or another backup.',
    exit: 1,
    http: 400,
  },
  'CS-BACKUP-003': {
    title: 'backup damaged',
    cause: 'A part of the backup is not as it was written, or its end is missing. Nothing of it was put anywhere.',
    evidence: ['file', 'where'],
    remedy: 'Copy it again from where it is kept, or take an earlier one; verify backups when they are made.',
    exit: 1,
    http: 400,
  },
  'CS-BACKUP-004': {
    title: 'directory not empty',
    cause: 'A backup is restored into a directory of its own; what is there already would be mixed with it.',
    evidence: ['dir'],
    remedy:
      'Give an empty directory, or one that does not exist (--dir); move the old one aside rather than remove it.',
    exit: 2,
    http: 400,
  },
  'CS-BACKUP-005': {
    title: 'contents do not fit',
    cause: 'What was, or would be, backed up does not make a whole authority.',
    evidence: ['file', 'rule'],
    remedy: 'Take another backup; while keys or settings are being changed, wait until that is done.',
    exit: 1,
    http: 400,
  },
  'CS-BACKUP-006': {
    title: 'backup file exists',
    cause: 'A file of this name is there; a backup replaces none.',
    evidence: ['file'],
    remedy: 'Give another name, as one with the date in it (--out).',
    exit: 2,
    http: 409,
  },
  'CS-BACKUP-007': {
    title: 'backup needs a passphrase',
    cause:
      'A backup holds the keys of the authority, so it is encrypted; what was given for it, or was not, is no passphrase that could protect it.',
    evidence: ['rule'],
    remedy:
      'Give one that fulfils the rule shown: by --passphrase-file FILE, by COUNTERSIGN_BACKUP_PASSPHRASE in the environment, or on a terminal.',
    exit: 2,
    http: 400,
  },
  'CS-BACKUP-008': {
    title: 'renewals after expiry of that time are lost',
    cause:
      'The certificate expired between the backup and its restoring, so this authority can not know whether it was revoked in between.',
    evidence: ['serial', 'backupAt', 'restoredAt'],
    remedy: 'Enrol with a new token: countersign token NAME..., then countersign issue.',
    exit: 1,
    http: 403,
  },
  'CS-BACKUP-009': {
    title: 'nothing to hand back',
    cause:
      'What an endpoint hands back is a message of the feed from before the restoring, and this is none that fits.',
    evidence: ['rule'],
    remedy: 'Nothing: endpoints hand back by themselves what a restored authority has lost.',
    exit: 1,
    http: 403,
  },
} as const;
