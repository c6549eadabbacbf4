/** The authority killed again and again while clients ask everything of it, and held to its word after each restart. */
import assert from 'node:assert/strict';
import { watch } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HeldCredential } from '../../../packages/countersign/src/traffic/enrollment/index.ts';
import {
  backingUp,
  type Client,
  enrolling,
  recruit,
  recruiting,
  renewing,
  requireRefused,
  requireRevoked,
  retry,
  revoking,
} from './clients.ts';
import { commandMoments, dieInCommand } from './commands.ts';
import { carryBack, stepsFromFirst } from './first-version.ts';
import { arm, dead, type Place, type Running, start, startAndDie, startAndKill } from './process.ts';
import { everything, requireAcknowledged, requireAllRevoked, requireRecords, requireWhole } from './promises.ts';
import { ListReader } from './published-lists.ts';
import { steps } from './steps.ts';
import { Witness } from './witness.ts';

export interface Death {
  /** A step, or `random`, or `starting`. */
  readonly moment: string;
  /** Whether it died at the step; else the step was not passed often enough, and it died with nothing under way. */
  readonly reached: boolean;
  readonly acknowledged: number;
  readonly asked: number;
  /** How long the restart took until it served. */
  readonly restartMs: number;
}

export interface Campaign {
  readonly kills: number;
  /** Taken in turn. */
  readonly moments: readonly string[];
  readonly onDeath?: (death: Death) => void;
}

/** Enough of each for a batch, and few enough for a thousand rounds. */
const enrolments = 5;
const renewals = 3;
const revocations = 2;

/** After so many a new state directory, so that looking at all of it stays cheap and first runs are among the rounds. */
const killsOfOneDirectory = 25;

/** How long the work of a round takes before that was measured once; a random kill comes within it. */
const firstGuessMs = 200;

/** All of them: the named ones in turn, a random one after every second, two while it starts, and two of the commands that back it up and restore it. */
export const everyMoment: readonly string[] = [
  ...steps.flatMap((step, index) => (index % 2 === 0 ? [step] : [step, 'random'])),
  'backing-up',
  'starting',
  'backing-up',
  'starting',
  ...commandMoments,
];

export async function campaign({ kills, moments, onDeath }: Campaign): Promise<Death[]> {
  const deaths: Death[] = [];
  const next = (): string => moments[deaths.length % moments.length] ?? 'random';
  while (deaths.length < kills) {
    const dir = await mkdtemp(join(tmpdir(), 'countersign-'));
    const place = { dir: join(dir, 'state'), port: 0, signedLog: join(dir, 'signed') };
    const directory = await Directory.open(place);
    try {
      const end = Math.min(kills, deaths.length + killsOfOneDirectory);
      while (deaths.length < end) {
        const death = await directory.round(deaths.length, next());
        deaths.push(death);
        onDeath?.(death);
      }
    } catch (error) {
      await directory.close();
      throw new Error(`kill ${String(deaths.length)}, ${next()}; left as it is: ${dir}`, {
        cause: error,
      });
    }
    await directory.close();
    await rm(dir, { recursive: true, force: true });
  }
  return deaths;
}

class Directory {
  readonly #place: Place;
  readonly #acknowledged: HeldCredential[] = [];
  readonly #revokedNames = new Set<string>();
  readonly #witness: Witness;
  readonly #lists = new ListReader();
  #running: Running;
  #workMs = firstGuessMs;
  #veterans: Client[] = [];
  /** Tokens that were acknowledged in a round before, and not used yet. */
  #spare: Client[] = [];

  private constructor(place: Place, running: Running, witness: Witness) {
    this.#place = place;
    this.#running = running;
    this.#witness = witness;
  }

  static async open(place: Place): Promise<Directory> {
    const running = await start(place);
    const watcher = await recruit(running.local, 'witness');
    const held = await enrolling(watcher);
    assert.ok(held);
    // Renewed authorities keep their port: it is in every token.
    const directory = new Directory({ ...place, port: running.port }, running, new Witness(held));
    directory.#acknowledged.push(held);
    return directory;
  }

  async round(number: number, moment: string): Promise<Death> {
    const { local, url } = this.#running;
    const name = (index: number): string => `service-${String(number)}-${String(index)}`;
    const clients = [
      ...this.#spare,
      ...(await Promise.all(Array.from({ length: enrolments }, (_, index) => recruit(local, name(index))))),
    ];
    await this.#witness.follow(url);
    if (isInService(moment)) await arm(this.#running, moment, Math.random() < 0.7 ? 1 : 2);

    const victims = this.#veterans.slice(0, revocations);
    const spared = this.#veterans.slice(1, 1 + renewals);
    const work: Promise<HeldCredential | undefined>[] = [
      ...clients.map((client) => enrolling(client)),
      ...spared.map((client) => renewing(client)),
    ];
    const revoked = Promise.all(victims.map((client) => revoking(local, client)));
    const made = Promise.all([recruiting(local, name(enrolments)), recruiting(local, name(enrolments + 1))]);
    const began = performance.now();
    const before = [...this.#acknowledged];
    const copied = moment === 'backing-up' || moment === 'random' ? backingUp(local) : Promise.resolve(undefined);
    const all = Promise.all([...work, revoked, made, copied, this.#witness.lookIn(url)]);
    const limit =
      moment === 'random'
        ? within(Math.random() * this.#workMs)
        : moment === 'backing-up'
          ? snapshotBegun(this.#place.dir, all)
          : all;
    const reached = await dead(this.#running, limit);
    if (!reached && moment !== 'random') this.#workMs = performance.now() - began;
    const told = (await Promise.all(work)).filter((held) => held !== undefined);
    await revoked;
    this.#spare = (await made).filter((client) => client !== undefined);
    this.#acknowledged.push(...told);
    const snapshot = await copied;
    if (snapshot !== undefined) requireWhole(join(this.#place.dir, snapshot), before);
    await requireRecords(this.#place.dir, this.#place.signedLog);

    const inCommand =
      commandMoments.includes(moment) && (await dieInCommand(moment, this.#place.dir, this.#acknowledged));
    const inTheStart = await this.#dieInTheStart(moment);
    this.#running = await start(this.#place);
    // The very first that it is asked.
    for (const client of victims) await requireRefused(client);
    const left = (await readdir(this.#place.dir)).filter((file) => file.startsWith('.'));
    assert.deepEqual(left, [], 'what a dead process left half made is cleared away');
    const kept = await this.#requireKept(victims.filter(({ revocation }) => revocation === 'acknowledged'));
    await this.#lists.requireAll(this.#running.published, this.#place.dir, [...kept, ...this.#witness.told]);
    for (const client of clients) this.#acknowledged.push(...(await retry(client)));
    const { local: restarted } = this.#running;
    await Promise.all(victims.map((client) => requireRevoked(restarted, client)));
    await this.#requireKept(victims);
    await this.#requireOneEach(clients);
    this.#veterans = clients;
    return {
      moment,
      reached: reached || inCommand || inTheStart || moment === 'random' || moment === 'backing-up',
      acknowledged: told.length,
      asked: work.length,
      restartMs: this.#running.startMs,
    };
  }

  /** Moments of which a running authority knows nothing: it is dead already, and its next process dies before it serves. */
  async #dieInTheStart(moment: string): Promise<boolean> {
    if (moment === 'starting') await startAndKill(this.#place, Math.random() * this.#running.startMs);
    if (!moment.startsWith('migration-')) return moment === 'starting';
    carryBack(join(this.#place.dir, 'authority.db'));
    return startAndDie(this.#place, moment, 1 + Math.floor(Math.random() * stepsFromFirst));
  }

  /** Answers the serial numbers of all that is revoked. */
  async #requireKept(revoked: readonly Client[]): Promise<readonly string[]> {
    const { local, url } = this.#running;
    for (const { name } of revoked) this.#revokedNames.add(name);
    const listed = await everything(local);
    requireAcknowledged(listed, this.#acknowledged);
    const serials = requireAllRevoked(listed, this.#revokedNames);
    await this.#witness.requireEverything(url, serials);
    return serials;
  }

  async #requireOneEach(clients: readonly Client[]): Promise<void> {
    const listed = await everything(this.#running.local);
    for (const { name } of clients) assert.equal(listed.filter(({ names }) => names.includes(name)).length, 1, name);
  }

  async close(): Promise<void> {
    await dead(this.#running, Promise.resolve()).catch(() => undefined);
  }
}

function isInService(moment: string): boolean {
  return steps.includes(moment) && !moment.startsWith('migration-');
}

/** Some milliseconds after a snapshot's file has appeared; where none does, when all is done. */
async function snapshotBegun(dir: string, done: Promise<unknown>): Promise<void> {
  const watcher = watch(dir);
  const begun = new Promise<void>((resolve) => {
    watcher.on('change', (_, name) => {
      if (String(name).startsWith('.snapshot-')) resolve();
    });
  });
  await Promise.race([begun.then(() => within(Math.random() * 5)), done]);
  watcher.close();
}

function within(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
