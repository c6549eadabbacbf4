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

export const subjects: readonly Subject[] = [
  {
    name: 'countersign',
    start: async () => {
      const keys = createAuthority({ trustDomain: 'bench.internal', clock: systemClock });
      const authority = await openAuthority({ keys, ledger: memoryLedger(), clock: systemClock });
      const request = makeRequest('web.internal', 'spiffe://bench.internal/web').der;
      let issued = 0;
      return {
        operation: async () => {
          issued += 1;
          const parsed = parseCertificationRequest(request);
          verifyCertificationRequest(parsed, verifyOnce);
          const publicKey = parsed.publicKey.raw;
          await authority.issue({ profile: serviceProfile, names, publicKey, origin: `bench:${issued}` });
        },
        close: async () => undefined,
      };
    },
  },
  floor,
  floorWithLoadedKey,
  peculiarIssuing,
];

export const goals: readonly Goal[] = [
  {
    goal: 'times the floor',
    bound: 'at most',
    limit: 1.5,
    value: (cost) => cost('countersign') / cost('floor'),
  },
  {
    goal: 'times as fast as @peculiar/x509',
    bound: 'at least',
    limit: 8,
    value: (cost) => cost('@peculiar/x509') / cost('countersign'),
  },
];

export const notes: readonly string[] = [
  'the floor loads the key of each request, as whoever verifies a request must; beside it the same with a key loaded once',
];
