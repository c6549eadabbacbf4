/** Refusals of what is seen from outside, and of running as a service of the system. */

export const telemetryRefusals = {
  'CS-TELEMETRY-001': {
    title: 'metrics in plain HTTP for others',
    cause:
      'The address is reached from other machines, and what is told there in plain HTTP can be read and changed on the way.',
    evidence: ['address'],
    remedy:
      'Use 127.0.0.1, or name who may ask over mutual TLS (telemetry.peers); telemetry.plainHttpBeyondLoopback: true allows it all the same.',
    exit: 2,
    http: 400,
  },
  'CS-TELEMETRY-002': {
    title: 'not a file of headers',
    cause: 'A line of the file is no header of HTTP; nothing was sent.',
    evidence: ['path', 'line'],
    remedy: 'Write one header a line: Name: value',
    exit: 2,
    http: 400,
  },
  'CS-SYSTEM-001': {
    title: 'not a service of the system',
    cause:
      'A service of the system keeps its state in a place of its own, which systemd gives it or root alone may make.',
    evidence: ['uid', 'place'],
    remedy:
      'Run it as root or by the unit that countersign up --print-unit service writes; for yourself leave --system away.',
    exit: 2,
    http: 403,
  },
  'CS-SYSTEM-002': {
    title: 'socket that can not be used',
    cause: 'What started the authority handed it a socket that it does not understand, so it serves on none.',
    evidence: ['socket', 'why'],
    remedy:
      'Hand over one TCP socket that listens, called https (FileDescriptorName=), and at most one called metrics.',
    exit: 2,
    http: 400,
  },
} as const;
