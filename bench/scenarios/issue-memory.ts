/** Issuing one certificate, with the record kept in memory: profile, names, lint, intent, signature. Beside it, what cannot be saved: the signature alone. */
import { systemClock } from 'countersign/clock';
import { createAuthority, memoryLedger, openAuthority, serviceProfile } from 'countersign/authority';
import { generatePrivateKey } from 'countersign/cryptography';
import type { Subject } from '../frame/scenario.ts';

export const scenario = 'issue-memory';

export const subjects: readonly Subject[] = [
  {
    name: 'countersign',
    start: async () => {
      const keys = createAuthority({ trustDomain: 'bench.internal', clock: systemClock });
      const authority = await openAuthority({ keys, ledger: memoryLedger(), clock: systemClock });
      const publicKey = generatePrivateKey('P-256').publicKey.raw;
      let issued = 0;
      return {
        operation: async () => {
          issued += 1;
          const names = ['spiffe://bench.internal/web', 'web.internal'];
          await authority.issue({ profile: serviceProfile, names, publicKey, origin: `bench:${issued}` });
        },
        close: async () => undefined,
      };
    },
  },
  {
    name: 'p256-signature-alone',
    start: async () => {
      const key = generatePrivateKey('P-256');
      // As long as the part of a service's certificate that is signed.
      const toBeSigned = new Uint8Array(450);
      return {
        operation: async () => {
          key.sign(toBeSigned);
        },
        close: async () => undefined,
      };
    },
  },
];
