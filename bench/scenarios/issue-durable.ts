/** Issuing with the record on disk: an intent is durable before its signature, a certificate before its answer. 64 callers in the process at once. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority, openAuthority, serviceProfile } from 'countersign/authority';
import { systemClock } from 'countersign/clock';
import { verifyOnce } from 'countersign/cryptography';
import { openSqliteStore } from 'countersign/sqlite';
import { parseCertificationRequest, verifyCertificationRequest } from 'countersign/x509';
import type { Goal, Subject } from '../frame/scenario.ts';
import { floor } from '../issuing/floor.ts';
import { opensslCa } from '../issuing/openssl-ca.ts';
import { makeRequest } from '../issuing/request.ts';

export const scenario = 'issue-durable';

const names = ['spiffe://bench.internal/web', 'web.internal'];
const callers = 64;
/** Certificates of one operation: a caller asks for the next as soon as it has one, so that the callers drift apart as those of a service do. */
const acts = 512;

/** The CPU time of `openssl ca` is known to the hundredth of a second. */
export const roundMs = 800;

export const subjects: readonly Subject[] = [
  {
    name: 'countersign',
    start: async () => {
      const dir = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
      const store = await openSqliteStore({ file: join(dir, 'authority.db'), clock: systemClock });
      const keys = createAuthority({ trustDomain: 'bench.internal', clock: systemClock });
      const authority = await openAuthority({ keys, ledger: store.issuance, clock: systemClock });
      // A key each, as callers have.
      const requests = Array.from({ length: callers }, () => makeRequest('web.internal', names[0]).der);
      let issued = 0;
      const call = async (request: Uint8Array): Promise<void> => {
        for (let done = 0; done < acts / callers; done++) {
          issued += 1;
          const parsed = parseCertificationRequest(request);
          verifyCertificationRequest(parsed, verifyOnce);
          const publicKey = parsed.publicKey.raw;
          await authority.issue({ profile: serviceProfile, names, publicKey, origin: `token:${issued}` });
        }
      };
      return {
        acts,
        operation: async () => {
          await Promise.all(requests.map(call));
        },
        close: async () => {
          await store.close();
          rmSync(dir, { recursive: true, force: true });
        },
      };
    },
  },
  floor,
  opensslCa,
];

export const goals: readonly Goal[] = [
  {
    goal: 'times the floor',
    bound: 'at most',
    limit: 1.8,
    value: (cost) => cost('countersign') / cost('floor'),
  },
];

export const notes: readonly string[] = [
  "the floor writes nothing; see issue-memory for what it is. The database's thread counts with the process's",
  'openssl-ca is a process for each certificate, whose time counts, and syncs nothing to disk',
];
