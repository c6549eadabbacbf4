/** Refusals of profiles: what a certificate may contain, as the settings say. */

export const profileRefusals = {
  'CS-PROFILE-001': {
    title: 'no such profile',
    cause: 'The settings have no profile of this name; nothing was made under another in its place.',
    evidence: ['profile', 'nearest', 'known'],
    remedy: 'Name one of those that are known (countersign profile list), or add it to the settings.',
    exit: 2,
    http: 400,
  },
  'CS-PROFILE-002': {
    title: 'key not allowed by the profile',
    cause: 'The profile does not certify keys of this type or size.',
    evidence: ['key', 'profile', 'rule'],
    remedy: 'Make a new key that the rule allows and ask again; a renewal may bring a new key, too.',
    exit: 2,
    http: 400,
  },
  'CS-RENEW-008': {
    title: 'profile of the certificate is gone',
    cause:
      'The certificate was issued under a profile that the settings no longer have, so nothing says what it may contain.',
    evidence: ['serial', 'profile', 'nearest'],
    remedy:
      'Put the profile back into the settings, or enrol under another one: countersign token NAME... --profile PROFILE.',
    exit: 1,
    http: 403,
  },
  'CS-RENEW-009': {
    title: 'name no longer allowed',
    cause: 'The profile, as it is now, does not issue for a name of the certificate; policy holds at each renewal.',
    evidence: ['serial', 'name', 'rule', 'profile'],
    remedy:
      'Enrol with names that the profile allows (countersign profile show PROFILE), or change the profile in the settings.',
    exit: 1,
    http: 403,
  },
} as const;
