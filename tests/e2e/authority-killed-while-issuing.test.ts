/**
 * The authority ended with `kill -9` while it issues, at each named step and at random moments, and started again: what clients were told holds.
 * No serial number twice, no acknowledged certificate missing, and a retry with the same token and key gets the certificate of that token.
 * `COUNTERSIGN_KILLS=50` for the long run (npm run crash).
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { test } from 'node:test';

import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { isRefusal } from '../../packages/countersign/src/ground/errors/index.ts';
import {
  type ListedCertificate,
  type AdministeredAuthority,
  openLocalAuthority,
} from '../../packages/countersign/src/runtime/api/index.ts';
import { generatePrivateKey, type PrivateKey } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { enroll, type HeldCredential, renew } from '../../packages/countersign/src/traffic/enrollment/index.ts';

const moments = ['token-claimed', 'intent-recorded', 'signed', 'stored', 'random'] as const;
const kills = Number(process.env['COUNTERSIGN_KILLS'] ?? 2 * moments.length);
/** Enrolments and renewals under way in each round. */
const enrolments = 12;
const renewals = 3;

interface Client {
  readonly name: string;
  readonly token: string;
  readonly key: PrivateKey;
  /** What the authority acknowledged. */
  held?: HeldCredential;
}

test(`killed ${String(kills)} times`, { timeout: 30_000 + kills * 10_000 }, async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'countersign-'));
  let running = await start(dir, 0);
  t.after(async () => {
    await end(running);
    await rm(dir, { recursive: true, force: true });
  });
  const acknowledged: HeldCredential[] = [];
  let veterans: Client[] = [];
  const deaths: string[] = [];

  for (let round = 0; round < kills; round++) {
    const moment = moments[round % moments.length]!;
    const clients = await recruits(running.local, round);
    if (moment !== 'random') await arm(running, moment, 1 + Math.floor(Math.random() * 3));
    const work = [
      ...clients.map((client) => enrolling(client)),
      ...veterans.slice(0, renewals).map((client) => renewing(client)),
    ];
    const [told] = await Promise.all([Promise.all(work), dying(running, moment)]);
    deaths.push(
      `${moment}: ${String(told.filter((held) => held !== undefined).length)} of ${String(work.length)} acknowledged`,
    );
    acknowledged.push(...told.filter((held) => held !== undefined));

    running = await start(dir, running.port);
    await requireConsistent(running.local, acknowledged);
    for (const client of clients) acknowledged.push(...(await retry(client)));
    await requireConsistent(running.local, acknowledged);
    await requireOneEach(running.local, clients);
    veterans = clients;
  }
  for (const death of deaths) t.diagnostic(death);
  // A run in which nothing was under way would show nothing.
  assert.ok(acknowledged.length >= kills * enrolments);
});

async function recruits(local: AdministeredAuthority, round: number): Promise<Client[]> {
  const names = Array.from({ length: enrolments }, (_, index) => `service-${String(round)}-${String(index)}`);
  return Promise.all(
    names.map(async (name) => ({
      name,
      token: (await local.createToken({ names: [name], lifeSeconds: 600 })).token,
      key: generatePrivateKey('P-256'),
    })),
  );
}

/** What was acknowledged; nothing, where the authority died before. Any refusal of its own would be a fault. */
async function enrolling(client: Client): Promise<HeldCredential | undefined> {
  client.held = await unlessDead(enroll({ token: client.token, privateKey: client.key }));
  return client.held;
}

async function renewing({ held }: Client): Promise<HeldCredential | undefined> {
  return held === undefined ? undefined : unlessDead(renew({ held }));
}

async function unlessDead(asking: Promise<HeldCredential>): Promise<HeldCredential | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (isRefusal(error) && /^CS-(?:NET|TLS)-/.test(error.code)) return undefined;
    throw error;
  }
}

/** The same token with the same key: the certificate that was acknowledged, or the one that was not, or a first one. */
async function retry(client: Client): Promise<HeldCredential[]> {
  const again = await enroll({ token: client.token, privateKey: client.key });
  if (client.held !== undefined)
    assert.deepEqual(Buffer.from(again.leaf.raw), Buffer.from(client.held.leaf.raw), client.name);
  const fresh = client.held === undefined ? [again] : [];
  client.held = again;
  return fresh;
}

async function requireConsistent(local: AdministeredAuthority, acknowledged: readonly HeldCredential[]): Promise<void> {
  const listed = await everything(local);
  const bySerial = new Map(listed.map((certificate) => [certificate.serial, certificate]));
  assert.equal(bySerial.size, listed.length, 'a serial number twice on record');
  const serials = acknowledged.map(({ leaf }) => leaf.serialNumber);
  assert.equal(new Set(serials).size, serials.length, 'a serial number acknowledged twice');
  for (const { leaf } of acknowledged) {
    const names = bySerial.get(leaf.serialNumber)?.names;
    assert.deepEqual(
      names,
      [...leaf.subjectAltName.dns, ...leaf.subjectAltName.uri],
      `acknowledged and missing: ${leaf.serialNumber}`,
    );
  }
}

async function requireOneEach(local: AdministeredAuthority, clients: readonly Client[]): Promise<void> {
  const listed = await everything(local);
  for (const { name } of clients) assert.equal(listed.filter(({ names }) => names.includes(name)).length, 1, name);
}

async function everything(local: AdministeredAuthority): Promise<ListedCertificate[]> {
  const all: ListedCertificate[] = [];
  for (let after: string | undefined; ;) {
    const { certificates, next } = await local.listCertificates({
      limit: 1000,
      ...(after === undefined ? {} : { after }),
    });
    all.push(...certificates);
    if (next === undefined) return all;
    after = next;
  }
}

interface Running {
  readonly child: ChildProcess;
  readonly lines: Interface;
  readonly port: number;
  readonly local: AdministeredAuthority;
}

async function start(dir: string, port: number): Promise<Running> {
  const script = resolve(import.meta.dirname, 'authority-crash-child.ts');
  const child = spawn(process.execPath, [script, dir, String(port)], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.on('error', () => undefined);
  const lines = createInterface({ input: child.stdout });
  const [line] = (await Promise.race([
    once(lines, 'line'),
    once(child, 'exit').then(() => Promise.reject(new Error('the authority did not start'))),
  ])) as [string];
  const ready = JSON.parse(line) as { port: number };
  return { child, lines, port: ready.port, local: openLocalAuthority(dir, systemClock) };
}

async function arm({ child, lines }: Running, step: string, count: number): Promise<void> {
  const armed = once(lines, 'line');
  child.stdin?.write(`${step} ${String(count)}\n`);
  await armed;
}

/** By its own hand at a step, by ours at a moment that nobody chose. */
async function dying(running: Running, moment: string): Promise<void> {
  const { child } = running;
  const gone =
    child.exitCode !== null || child.signalCode !== null
      ? Promise.resolve()
      : once(child, 'exit').then(() => undefined);
  if (moment === 'random') setTimeout(() => child.kill('SIGKILL'), Math.random() * 150);
  await gone;
  assert.equal(child.signalCode, 'SIGKILL');
  await running.local.close();
}

async function end({ child, local }: Running): Promise<void> {
  await local.close();
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
