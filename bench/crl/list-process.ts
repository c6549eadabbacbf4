/** What lists cost, in a process of their own: one kind of measurement a process, told as a line of JSON. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createOwnHierarchy, KeyCertificate, keySigner } from 'countersign/authority';
import { systemClock } from 'countersign/clock';
import { EntryStore, ListPublisher, type RevokedRows, type RowsCursor } from 'countersign/crl';
import { openSqliteStore } from 'countersign/sqlite';
import { median } from '../frame/median.ts';
import { costOf } from '../live/tasks.ts';

const [, , mode = '', dir = '', issuerKey = ''] = process.argv;
const file = join(dir, 'authority.db');
const day = 86_400_000;
const rounds = 7;

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** Each row once, as little as can be done with it. */
function readRows(): { cpuMs: number } {
  const database = new DatabaseSync(file, { readOnly: true });
  const rows = database.prepare(
    'SELECT serial, not_after, revoked_at, reason, number FROM revocation WHERE issuer = 1 AND serial > ? ORDER BY serial',
  );
  // The cheapest way in which node:sqlite hands over rows.
  rows.setReturnArrays(true);
  const began = cpuMs();
  let octets = 0;
  for (const row of rows.iterate(Buffer.alloc(0))) octets += (row as unknown as [Uint8Array])[0].length;
  const cost = cpuMs() - began;
  database.close();
  if (octets === 0) throw new Error('no rows');
  return { cpuMs: cost };
}

/** @param looksAtTurns for stalls and memory, without the floor, which takes memory of its own */
async function publishing(looksAtTurns: boolean): Promise<Record<string, number>> {
  const clock = systemClock;
  const store = await openSqliteStore({ file, clock });
  const { root, issuer } = createOwnHierarchy({ trustDomain: 'dev.internal', clock });
  const held = new KeyCertificate(issuer.certificate, keySigner(issuer.privateKey), [root.certificate]);
  let number = (await store.revocations.feedState(clock.now() + 400 * day)).number;
  const added: { number: number; serialNumber: string }[] = [];
  // Rows under another key than the one that signs here, and those that are revoked while it runs.
  const rows: RevokedRows = {
    all: (_, since, after, limit) => store.revokedRows.all(issuerKey, since, after, limit),
    since: async (_, after) => onePage(added.filter((row) => row.number > after.number)),
    released: () => Promise.resolve([]),
  };
  const failures: string[] = [];
  let made: ListPublisher | undefined;
  let ready = false;
  const beganMs = cpuMs();
  const begin = (): void => {
    made = new ListPublisher({
      ...{ rows, clock, issuer: held, feedNumber: () => number, folder: join(dir, 'crl'), url: 'http://crl.example' },
      ...{ shards: 1, lifeMs: day, deltaLifeMs: day, failed: (_: string, why: string) => void failures.push(why) },
    });
    void made.ready.then(() => (ready = true));
  };
  const revokeOne = (): void => {
    number++;
    added.push({ number, serialNumber: `01${number.toString(16).padStart(30, '0')}`.toUpperCase() });
    made?.changed();
  };
  const stalls: number[] = [];
  // Looking at each turn costs more than what is measured, so it is done in a process of its own.
  const found = async (act: () => void, isOver: () => boolean): Promise<void> => {
    if (looksAtTurns) {
      stalls.push((await costOf(act, isOver)).longestTurnMs);
      return;
    }
    act();
    while (!isOver()) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  await found(begin, () => ready || failures.length > 0);
  const rebuildMs = cpuMs() - beganMs;
  const publisher = made;
  if (publisher === undefined || failures.length > 0) throw new Error(failures.join());
  const [times, publish, floor]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < rounds; round++) {
    const floorMs = looksAtTurns ? 0 : hashAndWrite(publisher.shelf.all.map((list) => list.file));
    let settled = false;
    const began = cpuMs();
    await found(
      () => {
        revokeOne();
        void publisher.settled().then(() => (settled = true));
      },
      () => settled,
    );
    const spent = cpuMs() - began;
    publish.push(spent);
    floor.push(floorMs);
    times.push(spent / floorMs);
  }
  const residentMb = process.memoryUsage().rss / 1024 / 1024;
  const peakMb = process.resourceUsage().maxRSS / 1024;
  await publisher.close();
  await store.close();
  if (looksAtTurns) return { stallMs: Math.max(...stalls), residentMb, peakMb };
  return { rebuildMs, publishMs: median(publish), floorMs: median(floor), times: median(times) };
}

/** The floor of publishing: what is written has been hashed once, and is written. */
function hashAndWrite(files: readonly string[]): number {
  let cost = 0;
  for (const [at, path] of files.entries()) {
    const octets = readFileSync(path);
    mkdirSync(join(dir, 'floor'), { recursive: true });
    const began = cpuMs();
    createHash('sha256').update(octets).digest();
    writeFileSync(join(dir, 'floor', String(at)), octets);
    cost += cpuMs() - began;
  }
  return cost;
}

function onePage(added: readonly RowsCursor[]): Awaited<ReturnType<RevokedRows['since']>> {
  const last = added.at(-1);
  return {
    serials: Uint8Array.from(added.flatMap(({ serialNumber }) => [16, ...Buffer.from(serialNumber, 'hex')])),
    revokedAt: Float64Array.from(added, () => systemClock.now()),
    notAfter: Float64Array.from(added, () => systemClock.now() + day),
    reasons: Uint8Array.from(added, () => 1),
    ...(last === undefined ? {} : { last }),
    more: false,
  };
}

async function lookUps(): Promise<{ microseconds: number }> {
  const store = await openSqliteStore({ file, clock: systemClock });
  const entries = new EntryStore();
  const wanted: Uint8Array[] = [];
  let after: RowsCursor | undefined;
  for (let more = true; more;) {
    const page = await store.revokedRows.all(issuerKey, 0, after, 5_000);
    entries.add(page, false);
    for (let from = 0; from < page.serials.length; from += 17 * 50)
      wanted.push(page.serials.slice(from + 1, from + 17));
    ({ last: after, more } = page);
  }
  await store.close();
  // In no order that the segments have; half of them are not there.
  wanted.sort((one, other) => (one[9] ?? 0) - (other[9] ?? 0) || (one[7] ?? 0) - (other[7] ?? 0));
  // As who asks has it at hand: not scattered over memory by the sorting.
  for (const [at, serial] of wanted.entries()) wanted[at] = serial.slice();
  const missing = wanted.map((serial) => serial.map((octet, at) => (at === 3 ? octet ^ 0xff : octet)));
  const each = (): void => {
    for (const serial of wanted) if (entries.find(serial) === undefined) throw new Error('not found');
    for (const serial of missing) if (entries.find(serial) !== undefined) throw new Error('found');
  };
  each();
  const costs = Array.from({ length: rounds }, () => {
    const began = cpuMs();
    for (let time = 0; time < 10; time++) each();
    return ((cpuMs() - began) * 1000) / (20 * wanted.length);
  });
  return { microseconds: median(costs) };
}

const measured = mode === 'read' ? readRows() : mode === 'look' ? await lookUps() : await publishing(mode === 'turns');
process.stdout.write(`${JSON.stringify(measured)}\n`);
process.exit(0);
