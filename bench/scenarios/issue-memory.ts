/** Issuing one certificate for a certification request, with the record kept in memory: request, profile, names, lint, intent, signature. */
import { createAuthority, memoryLedger, openAuthority, serviceProfile } from 'countersign/authority';
import { systemClock } from 'countersign/clock';
import { verifyOnce } from 'countersign/cryptography';
import { parseCertificationRequest, verifyCertificationRequest } from 'countersign/x509';
import type { Goal, Subject } from '../frame/scenario.ts';
import { floor, floorWithLoadedKey } from '../issuing/floor.ts';
import { peculiarIssuing } from '../issuing/peculiar.ts';
import { makeRequest } from '../issuing/request.ts';

export const scenario = 'issue-memory';

const names = ['spiffe://bench.internal/web', 'web.internal'];

/** One caller, and as many as the authority signs for in one batch. */
const callers = [1, 64];
/** Certificates of one operation with several callers: each asks for the next as soon as it has one. */
const actsOfCaller = 8;

const countersign = (count: number): Subject => ({
  name: 'countersign',
  size: count,
  start: async () => {
    const keys = createAuthority({ trustDomain: 'bench.internal', clock: systemClock });
    const requests = Array.from({ length: count }, () => makeRequest('web.internal', names[0]).der);
    const acts = count === 1 ? 1 : count * actsOfCaller;
    let authority = await openAuthority({ keys, ledger: memoryLedger(), clock: systemClock });
    let issued = 0;
    const call = async (request: Uint8Array): Promise<void> => {
      for (let done = 0; done < acts / count; done++) {
        issued += 1;
        const parsed = parseCertificationRequest(request);
        verifyCertificationRequest(parsed, verifyOnce);
        const publicKey = parsed.publicKey.raw;
        await authority.issue({ profile: serviceProfile, names, publicKey, origin: `bench:${issued}` });
      }
    };
    return {
      acts,
      // A ledger for each round: what it keeps is part of the cost, what earlier rounds kept is not.
      prepare: async () => {
        authority = await openAuthority({ keys, ledger: memoryLedger(), clock: systemClock });
      },
      operation: async () => {
        await Promise.all(requests.map(call));
      },
      close: async () => undefined,
    };
  },
});

export const subjects: readonly Subject[] = [...callers.map(countersign), floor, floorWithLoadedKey, peculiarIssuing];

export const goals: readonly Goal[] = callers.flatMap((count): Goal[] => {
  const who = count === 1 ? 'one caller' : `${String(count)} callers`;
  return [
    {
      goal: `times the floor, ${who}`,
      bound: 'at most',
      limit: 1.5,
      value: (cost) => cost('countersign', count) / cost('floor'),
    },
    {
      goal: `times as fast as @peculiar/x509, ${who}`,
      bound: 'at least',
      limit: 8,
      value: (cost) => cost('@peculiar/x509') / cost('countersign', count),
    },
  ];
});

export const notes: readonly string[] = [
  'n: callers at the same time; what one batch holds is prepared together, since each takes thrice the time right behind a signature',
  'the floor loads the key of each request, as whoever verifies a request must; beside it the same with a key loaded once',
];
