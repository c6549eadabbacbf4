/**
 * Revoking one certificate over the local socket, with few and with very many revoked already: the CPU time of the authority's process. And revoking under a
 * thousand live connections of a hundred endpoints in ten processes: until the last is closed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLocalAuthority } from 'countersign/api';
import { systemClock } from 'countersign/clock';
import { openSqliteStore } from 'countersign/sqlite';
import {
  endpoints,
  live,
  liveRevocations,
  names,
  processes,
  rounds,
  untilLastClosed,
} from '../feed/live-revocations.ts';
import type { Fact, Goal, Scenario } from '../frame/scenario.ts';
import { startCountersign } from '../issuing/countersign-server.ts';
import { fillStore, revokeAll } from '../issuing/filled-store.ts';

export const scenario = 'revoke';

const few = 300;
const many = 100_000;

/** Before those that are counted: the compiler's work. */
const warmUp = 600;
const counted = 1000;

export const subjects: Scenario['subjects'] = [];

export const facts: NonNullable<Scenario['facts']> = {
  names: ['countersign', ...names],
  find: async () => [await cost(few), await cost(many), ...(await liveRevocations())],
};

export const goals: readonly Goal[] = [
  { goal: 'ms, with 100,000 revoked', bound: 'at most', limit: 1, value: (us) => us('countersign', many) / 1000 },
  {
    goal: 'with 100,000 revoked, times with 300',
    bound: 'at most',
    limit: 1.2,
    value: (us) => us('countersign', many) / us('countersign', few),
  },
  {
    goal: 'ms, p99 of revocations, until the last connection is closed',
    bound: 'at most',
    limit: 250,
    value: (fact) => fact(untilLastClosed),
  },
];

export const notes: readonly string[] = [
  `n: already revoked before the first of ${String(warmUp + counted)}, of which the last ${String(counted)} count; nobody follows the feed`,
  `${String(rounds)} revocations, each of one client of ${String(live)} live connections, which has one to each of ${String(endpoints)} endpoints in ${String(processes)} processes; counted from before it is asked for, so that the time of the authority's acknowledgement is in it`,
];

async function cost(revoked: number): Promise<Fact> {
  const dir = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  try {
    await (await startCountersign(dir)).stop();
    const store = await openSqliteStore({ file: join(dir, 'authority.db'), clock: systemClock });
    const serials = await fillStore(store, revoked + warmUp + counted);
    await revokeAll(store, serials.splice(0, revoked));
    await store.close();
    const server = await startCountersign(dir);
    const local = openLocalAuthority(dir);
    const revokeSome = async (count: number): Promise<void> => {
      for (const serial of serials.splice(0, count)) await local.revoke({ serial });
    };
    await revokeSome(warmUp);
    const before = server.cpuUs();
    await revokeSome(counted);
    const value = (server.cpuUs() - before) / counted;
    await local.close();
    await server.stop();
    return { name: 'countersign', size: revoked, unit: 'us', value };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
