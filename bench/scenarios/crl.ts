/** The authority's revocation lists with a million entries: made anew, published with one more, and looked up. Chosen by its name alone. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fillRevocations } from '../crl/fill-revocations.ts';
import { median } from '../frame/median.ts';
import type { Fact, Goal, Scenario } from '../frame/scenario.ts';
import { importingOptions } from '../issuing/built-package.ts';

export const scenario = 'crl';
export const slow = true;
export const subjects: Scenario['subjects'] = [];

const count = Number(process.env['COUNTERSIGN_REVOKED'] ?? 1_000_000);
const issuerKey = 'ab'.repeat(32);

/** In turns, as the machine is never the same for long. */
const rounds = 3;

const read = 'reading the rows (CPU)';
const rebuilt = 'lists made anew, the reading included (CPU)';
const rebuiltTimes = 'made anew, times reading';
const floor = 'hashing and writing the octets (CPU)';
const published = 'published with one entry more (CPU)';
const publishedTimes = 'published, times hashing and writing';
const stall = 'longest turn of the event loop (CPU)';
const resident = 'resident after it';
const peak = 'resident, at its highest';
const look = 'looked up';

export const facts: NonNullable<Scenario['facts']> = {
  names: [read, rebuilt, rebuiltTimes, floor, published, publishedTimes, stall, resident, peak, look],
  find: find,
};

export const goals: readonly Goal[] = [
  { goal: 'times reading the rows', bound: 'at most', limit: 1.2, value: (fact) => fact(rebuiltTimes) },
  { goal: 'times hashing and writing', bound: 'at most', limit: 3, value: (fact) => fact(publishedTimes) },
  { goal: 'MB of memory, at its highest', bound: 'at most', limit: 300, value: (fact) => fact(peak) },
  { goal: 'ms of the longest turn', bound: 'at most', limit: 20, value: (fact) => fact(stall) },
  { goal: 'us to look one up', bound: 'at most', limit: 1, value: (fact) => fact(look) },
];

export const notes: readonly string[] = [
  `${String(count)} entries, one shard: the complete list and its delta (COUNTERSIGN_REVOKED is another number)`,
  'the reading is one statement over all rows, each handed to JavaScript, in a thread that does nothing else; the store has SQLite put 5,000 rows into one',
  'making the lists anew has the start of its thread in it',
];

async function find(): Promise<Fact[]> {
  const dir = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  try {
    await fillRevocations(join(dir, 'authority.db'), issuerKey, count);
    const runs: Partial<Readonly<Record<string, number>>>[] = [];
    for (let round = 0; round < rounds; round++) {
      const { cpuMs: readMs = Number.NaN } = measured('read', dir);
      runs.push({ readMs, ...measured('publish', dir), ...measured('turns', dir) });
    }
    const { microseconds = Number.NaN } = measured('look', dir);
    const of = (name: string): number => median(runs.map((run) => run[name] ?? Number.NaN));
    const most = (name: string): number => Math.max(...runs.map((run) => run[name] ?? Number.NaN));
    const times = median(runs.map(({ rebuildMs = Number.NaN, readMs = Number.NaN }) => rebuildMs / readMs));
    return [
      { name: read, unit: 'ms', value: of('readMs') },
      { name: rebuilt, unit: 'ms', value: of('rebuildMs') },
      { name: rebuiltTimes, unit: 'count', value: times },
      { name: floor, unit: 'ms', value: of('floorMs') },
      { name: published, unit: 'ms', value: of('publishMs') },
      { name: publishedTimes, unit: 'count', value: of('times') },
      { name: stall, unit: 'ms', value: most('stallMs') },
      { name: resident, unit: 'MB', value: most('residentMb') },
      { name: peak, unit: 'MB', value: most('peakMb') },
      { name: look, unit: 'us', value: microseconds },
    ];
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function measured(mode: 'read' | 'publish' | 'turns' | 'look', dir: string): Partial<Readonly<Record<string, number>>> {
  const program = join(import.meta.dirname, '../crl/list-process.ts');
  const said = execFileSync(process.execPath, [...importingOptions(), program, mode, dir, issuerKey], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(said) as Partial<Readonly<Record<string, number>>>;
}
