/** Refusals of administration: who may do what, and what needs a second person. Further ones of access stand in `authority.ts`. */

export const accessRefusals = {
  'CS-ACCESS-011': {
    title: 'role missing',
    cause: 'The caller is an administrator, and none of his roles is the one that this needs. No role implies another.',
    evidence: ['endpoint', 'needs', 'has'],
    remedy: 'Ask somebody who has the role, or have it given in the section administrators of the settings.',
    exit: 1,
    http: 403,
  },
  'CS-ACCESS-012': {
    title: 'not an administrator',
    cause:
      "This endpoint answers administrators alone. The certificate is good, and it is no administrator's: its SPIFFE ID is not one that the settings name, or it was not issued as one.",
    evidence: ['name', 'endpoint'],
    remedy: 'Use the credential folder of an administrator (--credential), whom the settings name with his roles.',
    exit: 1,
    http: 403,
  },
  'CS-ADMIN-001': {
    title: 'no such user or group',
    cause: 'The settings name a user or a group that this machine does not know, so that nobody could be told by it.',
    evidence: ['kind', 'name'],
    remedy: 'Correct the name in the section administrators, or give the number.',
    exit: 2,
    http: 400,
  },
  'CS-ADMIN-002': {
    title: 'two persons can not be had',
    cause: 'The settings demand two persons, and fewer than two hold the role: nobody could ever agree to anything.',
    evidence: ['role', 'holders'],
    remedy: 'Give the role to a second person in the same file, or leave administrators.persons out.',
    exit: 2,
    http: 400,
  },
  'CS-ADMIN-003': {
    title: 'no such administrator',
    cause:
      'The settings in force do not give this name these roles. A certificate gives nobody a role: the settings do, and it shows who somebody is.',
    evidence: ['name', 'asked', 'found'],
    remedy: 'Put the name with its roles under administrators.certificates, let the settings be read, and try again.',
    exit: 2,
    http: 409,
  },
  'CS-ADMIN-004': {
    title: "administrators' socket can not be opened",
    cause: 'The socket for other users of this machine could not be made as the settings say.',
    evidence: ['path', 'why'],
    remedy:
      'Make its directory, writable by its owner alone, and run the authority as a user who is a member of the group.',
    exit: 3,
    http: 503,
  },
  'CS-APPROVAL-001': {
    title: 'no such proposal',
    cause: 'No proposal has this identifier, or it was decided long ago.',
    evidence: ['id'],
    remedy: 'Look at them: countersign authority proposals.',
    exit: 2,
    http: 404,
  },
  'CS-APPROVAL-002': {
    title: 'another person is needed',
    cause: 'This person has agreed already, by proposing it or before; two different persons must.',
    evidence: ['id', 'person'],
    remedy: 'Let somebody else with the role look at it and approve it.',
    exit: 1,
    http: 403,
  },
  'CS-APPROVAL-003': {
    title: 'proposal is over',
    cause: 'It was carried out, rejected, replaced by a later one, or nobody agreed within its time.',
    evidence: ['id', 'state'],
    remedy: 'Propose it again where it is still wanted.',
    exit: 1,
    http: 409,
  },
  'CS-APPROVAL-004': {
    title: 'not what was shown',
    cause: 'The content of the proposal is another than the one that is agreed to.',
    evidence: ['id', 'shown', 'found'],
    remedy: 'Look at the proposal again, and agree to what it says now.',
    exit: 1,
    http: 409,
  },
  'CS-APPROVAL-005': {
    title: 'settings wait for other persons',
    cause:
      'The file of settings gives somebody more than the settings in force, and two persons must agree to that. The settings accepted last stay in force.',
    evidence: ['path', 'proposal', 'changes'],
    remedy: 'Two administrators with the role approve it (countersign authority proposals), or take the change back.',
    exit: 1,
    http: 409,
  },
  'CS-APPROVAL-006': {
    title: 'a new issuer takes two persons here',
    cause:
      'The settings accepted last give two persons the role root, so a new issuer is proposed by one and approved by another; that needs a running authority. Nothing was changed.',
    evidence: ['dir', 'issuer'],
    remedy:
      'Start the authority and give the same command again: it becomes a proposal, which another administrator approves (countersign authority proposals). The new issuer is used from the next start on.',
    exit: 1,
    http: 409,
  },
  'CS-APPROVAL-007': {
    title: 'an issuer that nobody agreed to',
    cause:
      'The settings accepted last give two persons the role root, so a new issuer is approved by a second one. The issuer in the state directory is neither the one that was used last nor one that was taken in since, by what the audit log tells: its files were exchanged by hand. Nothing was signed with it.',
    evidence: ['dir', 'issuer', 'known'],
    remedy:
      'Put the folder of keys back as it was, or restore the whole directory from its last backup; then start, and have the new issuer proposed and approved (countersign authority import, authority approve).',
    exit: 3,
    http: 503,
  },
} as const;
