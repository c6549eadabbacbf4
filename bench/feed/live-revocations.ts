/** Revocations under live connections of many endpoints in several processes: how long after it was asked for the last connection is closed. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AdministeredAuthority, openLocalAuthority } from 'countersign/api';
import { kernelMonotonicUs } from 'countersign/clock';
import type { HeldCredential } from 'countersign/enrollment';
import type { Fact } from '../frame/scenario.ts';
import { importingOptions } from '../issuing/built-package.ts';
import { startCountersign } from '../issuing/countersign-server.ts';
import { Clients } from '../live/clients.ts';
import { enrolled, pemOfHeld, rootsOfHeld } from './credentials.ts';
import type { Order, Ready } from './endpoint-process.ts';

export const live = 1_000;
export const endpoints = 100;
export const processes = 10;

/** Each with a connection to every endpoint, all of which end with it. */
const clientsAtOnce = live / endpoints;

/** Their p99 is the slowest; the first ones, which the compiler slows, are among them. `COUNTERSIGN_REVOCATIONS` is another number of them. */
export const rounds: number = Number(process.env['COUNTERSIGN_REVOCATIONS'] ?? 50);

export const untilLastClosed = 'p99 from asking to the last close';
export const untilAnswered = 'p99 from asking to the answer that all have enforced it';
const notEnforced = 'revocations that were not enforced on all endpoints when answered';

export const names: readonly string[] = [untilLastClosed, untilAnswered, notEnforced];

export async function liveRevocations(): Promise<readonly Fact[]> {
  const dir = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  const children: ChildProcess[] = [];
  try {
    const server = await startCountersign(dir);
    const local = openLocalAuthority(dir);
    const ports = await startEndpoints(local, children);
    const facts = await revokeInTurns(local, ports);
    await local.close();
    for (const child of children.splice(0)) child.disconnect();
    await server.stop();
    return facts;
  } finally {
    for (const child of children) child.disconnect();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function startEndpoints(local: AdministeredAuthority, children: ChildProcess[]): Promise<readonly number[]> {
  const ports: number[] = [];
  for (let nth = 0; nth < processes; nth++) {
    const child = fork(join(import.meta.dirname, 'endpoint-process.ts'), { execArgv: [...importingOptions()] });
    children.push(child);
    const names = Array.from({ length: endpoints / processes }, (_, index) => `orders-${String(nth)}-${String(index)}`);
    const made = names.map((name) => local.createToken({ names: [name], lifeSeconds: 3600 }));
    const tokens = (await Promise.all(made)).map(({ token }) => token);
    child.send({ tokens } satisfies Order);
    const [ready] = (await once(child, 'message')) as [Ready];
    ports.push(...ready.ports);
  }
  return ports;
}

async function revokeInTurns(local: AdministeredAuthority, ports: readonly number[]): Promise<readonly Fact[]> {
  const clients = new Clients();
  try {
    const held: HeldCredential[] = [];
    for (let nth = 0; nth < clientsAtOnce; nth++) held.push(await connected(local, ports, clients));
    const [closedMs, answeredMs]: [number[], number[]] = [[], []];
    let short = 0;
    for (let round = 0; round < rounds; round++) {
      const next = held.shift();
      if (next === undefined) throw new TypeError('there is one for each round');
      const before = clients.closedAtUs.length;
      const beganUs = Number(kernelMonotonicUs());
      const { enforced, of } = await local.revoke({ serial: next.leaf.serialNumber });
      answeredMs.push((Number(kernelMonotonicUs()) - beganUs) / 1000);
      if (enforced !== of || of !== endpoints) short++;
      await clients.closed(before + endpoints);
      closedMs.push((Math.max(...clients.closedAtUs.slice(before)) - beganUs) / 1000);
      held.push(await connected(local, ports, clients));
    }
    return [
      { name: untilLastClosed, unit: 'ms', value: p99(closedMs) },
      { name: untilAnswered, unit: 'ms', value: p99(answeredMs) },
      { name: notEnforced, unit: 'count', value: short },
    ];
  } finally {
    clients.close();
  }
}

/** A client with a certificate of its own, and an upload under way at every endpoint. */
async function connected(
  local: AdministeredAuthority,
  ports: readonly number[],
  clients: Clients,
): Promise<HeldCredential> {
  const held = await enrolled(local, 'web');
  const as = { ca: rootsOfHeld(held), credentials: [pemOfHeld(held)] };
  await clients.open({ port: ports, count: ports.length, upload: true, ...as });
  return held;
}

function p99(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.NaN;
}
