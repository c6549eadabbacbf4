/** Refusals about the record of a gateway's decisions. */

export const gatewayEvidenceRefusals = {
  'CS-GATEWAY-090': {
    title: 'decisions could not be written down',
    cause:
      'The record of what the gateway decided (evidence) could not be written: a full disk, mostly. Requests go on, unless the configuration says that they are refused then (evidence.unwritable); what is decided meanwhile is remembered as long as it fits, and written with the gap when it can be again.',
    evidence: ['folder', 'reason'],
    remedy:
      'Make room, or see that the folder is there and can be written; it is tried again each minute, where requests wait for it every 5 s.',
    exit: 3,
    http: 503,
  },
  'CS-GATEWAY-091': {
    title: 'record of decisions can not be continued',
    cause:
      'The end of the record is no entry of it, or another process writes to the same folder. To go on after it would hide what happened to it.',
    evidence: ['path', 'problem'],
    remedy:
      'Give each gateway a folder of its own; else keep the folder as it is for whoever must look at it, and write another one into the configuration (evidence.folder).',
    exit: 3,
    http: 503,
  },
  'CS-GATEWAY-092': {
    title: 'record of decisions has a gap',
    cause:
      'The gateway ended before it had written what it decided last, or the end of its record was removed. The gap stands in the record from here on.',
    evidence: ['folder', 'what', 'tornBytes'],
    remedy:
      'After a crash or a power cut nothing is to be done; where entries are missing, find out who could write to the folder.',
    exit: 1,
    http: 409,
  },
  'CS-GATEWAY-094': {
    title: 'nothing is let through that can not be written down',
    cause:
      'The record of what the gateway decided (evidence) can not be written, on a full disk mostly, and the configuration says that requests are refused then (evidence.unwritable: refuse). What was under way goes on.',
    evidence: ['folder', 'reason'],
    remedy:
      'Make room, or see that the folder can be written: it is tried again every 5 s, and requests go on by themselves. Callers may come again.',
    exit: 3,
    http: 503,
  },
} as const;
