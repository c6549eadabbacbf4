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
} as const;
