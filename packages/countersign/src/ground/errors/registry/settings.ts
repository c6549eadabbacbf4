/** Refusals of settings: the file in which a person says how the authority shall work. */

export const settingsRefusals = {
  'CS-SETTINGS-001': {
    title: 'no such setting',
    cause:
      'The file has a setting that nothing reads; none of the file was used, since what was meant by it would be missing.',
    evidence: ['path', 'line', 'setting', 'nearest'],
    remedy: 'Correct the name on the line shown to the nearest one, or take it out.',
    exit: 2,
    http: 400,
  },
  'CS-SETTINGS-002': {
    title: 'settings can not be read',
    cause:
      'From the line shown on the file is no YAML: it was cut off, or a bracket, a quote or an indentation is wrong. None of it was used.',
    evidence: ['path', 'line', 'problem'],
    remedy: 'Correct the file at the line shown; if it was cut off, write it again from where it came.',
    exit: 2,
    http: 400,
  },
  'CS-SETTINGS-003': {
    title: 'setting with a wrong value',
    cause:
      'The value at the line shown is not one that the setting takes, or a setting that is needed is missing there. None of the file was used.',
    evidence: ['path', 'line', 'setting', 'problem'],
    remedy: 'Correct the value on the line shown.',
    exit: 2,
    http: 400,
  },
} as const;
