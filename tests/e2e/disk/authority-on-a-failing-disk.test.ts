/**
 * A running authority whose disk fails at each write and each sync of what it is asked for: it refuses with cause and remedy, signs nothing that is not
 * recorded, and goes on by itself. `npm run disk` takes each step with each fault.
 */
import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { entryOf, isRefusal } from '../../../packages/countersign/src/ground/errors/index.ts';
import type { HeldCredential } from '../../../packages/countersign/src/traffic/enrollment/index.ts';
import { dead, type Place, type Running, start } from '../killed/process.ts';
import { everything, requireAcknowledged, requireAllRevoked, requireRecords } from '../killed/promises.ts';
import { all } from './errand.ts';
import { type FailingDisk, failingDisk, type Hit, noFailingDisk, type Operation } from './failing-disk.ts';
import { type Work, worksIn } from './works.ts';

const skip = noFailingDisk;
let folder: string;
let place: Place;
let disk: FailingDisk;
let running: Running;
const acknowledged = new Map<string, HeldCredential>();
const revoked = new Set<string>();
let names = 0;

before(async () => {
  if (skip !== undefined) return;
  folder = await realpath(await mkdtemp(join(tmpdir(), 'countersign-')));
  const dir = join(folder, 'state');
  disk = failingDisk(folder, dir);
  place = { dir, port: 0, signedLog: join(folder, 'signed'), env: disk.env };
  running = await start(place);
});

after(async () => {
  if (skip !== undefined) return;
  await dead(running, Promise.resolve());
  await rm(folder, { recursive: true, force: true });
});

const works = (): readonly Work[] =>
  worksIn(place.dir, ({ held }) => {
    if (held !== undefined) acknowledged.set(held.leaf.serialNumber, held);
  });

interface Asked {
  readonly name: string;
  readonly ask: () => Promise<unknown>;
}

async function prepared(work: Work): Promise<Asked> {
  const name = `service-${String(names++)}`;
  const ask = await work.prepare(running.local, name);
  return {
    name,
    ask: async () => {
      const answer = await ask();
      if (work.name === 'revoking') revoked.add(name);
      return answer;
    },
  };
}

/** The code of the refusal, or `done`. A refusal names its remedy; anything else is a fault of the authority. */
async function told({ ask }: Asked): Promise<string> {
  try {
    await ask();
    return 'done';
  } catch (error) {
    if (!isRefusal(error)) throw error;
    assert.match(error.code, /^CS-STORE-00[45]$/, error.message);
    assert.ok(entryOf(error.code).remedy.length > 20);
    return error.code;
  }
}

/** Without anybody's doing: within two seconds. */
async function requireGoesOn(asked: Asked): Promise<void> {
  const codes: string[] = [];
  for (let attempt = 0; attempt < 20; attempt++) {
    const code = await told(asked);
    if (code === 'done') return;
    codes.push(code);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail(`it does not go on: ${codes.join(' ')}`);
}

/** Where a run of equal operations begins and ends. */
function edges(operations: readonly Operation[]): number[] {
  const calls = operations.map(({ what, path }) => `${what} ${path}`);
  return calls
    .map((call, index) => ({ at: index + 1, edge: call !== calls[index - 1] || call !== calls[index + 1] }))
    .filter(({ edge }) => all || edge)
    .map(({ at }) => at);
}

async function stepsOf(work: Work): Promise<number[]> {
  const asked = await prepared(work);
  disk.arm();
  assert.equal(await told(asked), 'done');
  const operations = disk.operations();
  assert.ok(operations.length > 1, `${work.name} writes`);
  return edges(operations);
}

const faults = [
  { act: 'fail-once', error: 'EIO' },
  { act: 'fail-on', error: 'ENOSPC' },
] as const satisfies readonly Pick<Hit, 'act' | 'error'>[];

for (const index of [0, 1, 2, 3, 4]) {
  test(
    `work ${String(index)}: refused at each step where the disk fails, and carried out when it works again`,
    { skip, timeout: 600_000 },
    async (t) => {
      const work = works()[index];
      assert.ok(work);
      const codes: string[] = [];
      for (const at of await stepsOf(work)) {
        for (const fault of faults) {
          const asked = await prepared(work);
          disk.arm({ ...fault, at });
          codes.push(await told(asked));
          const struck = disk.hits() > 0;
          disk.disarm();
          await requireGoesOn(asked);
          if (struck) await requireRecords(place.dir, place.signedLog);
        }
      }
      t.diagnostic(
        `${work.name}: ${[...new Set(codes)].map((code) => `${code} ${String(codes.filter((one) => one === code).length)} times`).join(', ')}`,
      );
      assert.ok(
        codes.some((code) => code !== 'done'),
        'it was refused',
      );
    },
  );
}

test('a second fault while it comes back from the first', { skip, timeout: 600_000 }, async () => {
  const work = works()[1];
  assert.ok(work);
  for (let at = 1; at < 60; at += all ? 1 : 4) {
    const asked = await prepared(work);
    disk.arm({ at: 1, act: 'fail-on', error: 'EIO', of: ['write', 'sync'] });
    assert.notEqual(await told(asked), 'done');
    disk.arm({ at, act: 'fail-once', error: 'EIO', of: ['write', 'sync'] });
    // Until the pause between two attempts has passed.
    await new Promise((resolve) => setTimeout(resolve, 220));
    await told(asked);
    const struck = disk.hits() > 0;
    disk.disarm();
    await requireGoesOn(asked);
    await requireRecords(place.dir, place.signedLog);
    if (!struck) return;
  }
});

test(
  'as long as the disk fails everything that is written is refused, reading goes on, and afterwards everything',
  { skip, timeout: 120_000 },
  async () => {
    for (const error of ['EIO', 'ENOSPC'] as const) {
      const asked = await Promise.all(works().map(prepared));
      disk.arm({ at: 1, act: 'fail-on', error, of: ['write', 'sync', 'name'] });
      for (let round = 0; round < 3; round++) {
        for (const one of asked) assert.notEqual(await told(one), 'done', `${one.name} ${error}`);
        assert.ok((await everything(running.local)).length > 0);
      }
      disk.disarm();
      for (const one of asked) await requireGoesOn(one);
    }
  },
);

test(
  'killed after all of that: everything that was acknowledged is there, and nothing signed that is not on record',
  { skip },
  async () => {
    await dead(running, Promise.resolve());
    await requireRecords(place.dir, place.signedLog);
    running = await start({ ...place, port: running.port });
    const listed = await everything(running.local);
    requireAcknowledged(listed, [...acknowledged.values()]);
    assert.ok(requireAllRevoked(listed, revoked).length > 0);
  },
);
