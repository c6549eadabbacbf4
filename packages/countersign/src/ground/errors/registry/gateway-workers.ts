/** Refusals of a gateway of several processes. */

export const gatewayWorkerRefusals = {
  'CS-GATEWAY-075': {
    title: 'a worker of the gateway ended',
    cause:
      'One of the processes that serve ended without having been told to. Its connections are closed; the others go on, and another one is started in its place.',
    evidence: ['worker', 'pid', 'reason', 'againInMs'],
    remedy:
      "Look at what it wrote on stderr before, and at the system's log: the kernel ends processes that need too much memory.",
    exit: 3,
    http: 500,
  },
  'CS-GATEWAY-076': {
    title: 'a worker does not answer',
    cause: 'A process that serves did not say in time whether it takes the configuration; none of them takes it.',
    evidence: ['worker', 'waitedMs'],
    remedy:
      'Reload again; where it comes back, end that worker (kill -9 and its process number): another one is started.',
    exit: 3,
    http: 500,
  },
} as const;
