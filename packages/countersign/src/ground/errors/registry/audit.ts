/** Refusals about the audit log: what its witnesses contradict, and what cannot be exported. */

export const auditRefusals = {
  'CS-AUDIT-001': {
    title: 'audit log rewritten',
    cause:
      "The authority's audit log holds another entry under this number than the one that the authority signed before: it was changed, or another log took its place.",
    evidence: ['sequence', 'remembered', 'found'],
    remedy:
      'Keep both signed messages, compare with other endpoints (countersign authority audit verify --witness FILE), and find out who could write to the state directory.',
    exit: 1,
    http: 409,
  },
  'CS-AUDIT-002': {
    title: 'audit log cut off',
    cause:
      'The audit log ends before an entry that the authority signed earlier: its end was removed, or an older copy of the state directory was put in its place.',
    evidence: ['remembered', 'found'],
    remedy:
      'Where a backup was restored on purpose, the log says so from now on; else keep both signed messages, and find out who could write to the state directory.',
    exit: 1,
    http: 409,
  },
  'CS-AUDIT-003': {
    title: 'audit log not delivered',
    cause: 'What was to receive the exported entries could not be reached, or did not take them.',
    evidence: ['target', 'why'],
    remedy: 'Look at the receiver and its address; the export can be repeated from any number: --since SEQUENCE.',
    exit: 3,
    http: 502,
  },
} as const;
