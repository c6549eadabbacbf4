/** What an authority weighs: how soon it is ready, its memory, what a certificate takes on disk, how long a look-up takes among a million. Minutes long. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLocalAuthority } from 'countersign/api';
import { systemClock } from 'countersign/clock';
import { openSqliteStore, type SqliteStore } from 'countersign/sqlite';
import type { Fact, Goal, Scenario } from '../frame/scenario.ts';
import { rootOf, startCountersign } from '../issuing/countersign-server.ts';
import { certificateBytes, fillStore, madeUpName } from '../issuing/filled-store.ts';
import { openCaller } from '../issuing/https-callers.ts';
import { makeRequest } from '../issuing/request.ts';
import { residentMegabytes } from '../frame/server-process.ts';

export const scenario = 'footprint';
export const slow = true;

const ready = 'ready, after the first run';
const idle = 'resident, idle';
const busy = 'resident, after 100,000 certificates';
const onDisk = 'on disk beyond its own octets';
const look = 'look-up by serial number among 1,000,000';
const lookByName = 'look-up by name among 1,000,000';

export const subjects: Scenario['subjects'] = [];

export const facts: NonNullable<Scenario['facts']> = {
  names: [ready, idle, busy, onDisk, look, lookByName],
  find: async () => [...(await inTemporary(whileRunning)), ...(await inTemporary(withAMillion))],
};

export const goals: readonly Goal[] = [
  { goal: 'ms until it is ready', bound: 'at most', limit: 1000, value: (fact) => fact(ready) },
  { goal: 'MB of memory, idle', bound: 'at most', limit: 120, value: (fact) => fact(idle) },
  { goal: 'MB of memory after 100,000 certificates', bound: 'at most', limit: 150, value: (fact) => fact(busy) },
  { goal: 'octets of a certificate beyond its own', bound: 'at most', limit: 1536, value: (fact) => fact(onDisk) },
  { goal: 'ms of a look-up by serial number', bound: 'at most', limit: 1, value: (fact) => fact(look) },
  { goal: 'ms of a look-up by name', bound: 'at most', limit: 1, value: (fact) => fact(lookByName) },
];

const issued = 100_000;
const callers = 16;

/** Long enough for what was allocated at the start to be collected. */
const idleMs = 10_000;

async function whileRunning(dir: string): Promise<Fact[]> {
  await (await startCountersign(dir)).stop();
  const server = await startCountersign(dir);
  await new Promise((resolve) => setTimeout(resolve, idleMs));
  const idleMegabytes = residentMegabytes(server.pid);
  await enrolMany(dir, server.port);
  const busyMegabytes = residentMegabytes(server.pid);
  await server.stop();
  return [
    { name: ready, unit: 'ms', value: server.readyMs },
    { name: idle, unit: 'MB', value: idleMegabytes },
    { name: busy, unit: 'MB', value: busyMegabytes },
  ];
}

async function enrolMany(dir: string, port: number): Promise<void> {
  const local = openLocalAuthority(dir);
  const ca = await rootOf(port);
  const names = ['web.internal'];
  const call = async (): Promise<void> => {
    const caller = openCaller({ port, ca, kept: true });
    const request = makeRequest('web.internal').pem;
    for (let done = 0; done < issued / callers; done++) {
      const { token } = await local.createToken({ names, lifeSeconds: 3600 });
      await caller.call({ path: '/v1/enroll', body: JSON.stringify({ token, request }) });
    }
    caller.close();
  };
  await Promise.all(Array.from({ length: callers }, call));
  await local.close();
}

const million = 1_000_000;
const lookUps = 2000;
/** Of the two hundred that carry one name: a first page. */
const ofOneName = 20;

async function withAMillion(dir: string): Promise<Fact[]> {
  const file = join(dir, 'authority.db');
  const open = (): Promise<SqliteStore> => openSqliteStore({ file, clock: systemClock });
  const filled = await open();
  const serials = await fillStore(filled, million);
  await filled.close();
  const store = await open();
  const { inventory } = store;
  const lookMs = await millisecondsEach((nth) =>
    inventory.bySerialNumber([serials[Math.floor((nth * million) / lookUps)] ?? '']),
  );
  const lookByNameMs = await millisecondsEach((nth) => inventory.byName(madeUpName(nth), undefined, ofOneName));
  await store.close();
  return [
    { name: onDisk, unit: 'bytes', value: statSync(file).size / million - certificateBytes },
    { name: look, unit: 'ms', value: lookMs },
    { name: lookByName, unit: 'ms', value: lookByNameMs },
  ];
}

async function millisecondsEach(lookUp: (nth: number) => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  for (let done = 0; done < lookUps; done++) await lookUp(done);
  return (performance.now() - begun) / lookUps;
}

async function inTemporary(find: (dir: string) => Promise<Fact[]>): Promise<Fact[]> {
  const dir = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  try {
    return await find(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
