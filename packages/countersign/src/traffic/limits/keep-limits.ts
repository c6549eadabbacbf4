/** The use of limits in a file, written at intervals: a restart gives nobody a quota anew, but for what the last interval held. */
import { type Clock, type Timer, toRfc3339 } from '../../ground/clock/index.ts';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import { readTextFile, writeFileAtomically } from '../../runtime/config/index.ts';
import type { Limiter } from './limiter.ts';

export interface KeepLimitsOptions {
  readonly path: string;
  readonly clock: Clock;
  /** What a crash may lose. Default 5 s. */
  readonly everyMs?: number;
  /** The file could not be written; it is tried again. */
  readonly onFailure: (error: unknown) => void;
}

export interface KeptLimits {
  /** Writes what there is, and stops. */
  close(): Promise<void>;
}

const version = 1;
const everyDefaultMs = 5_000;

/** Accounts written in one go, between which requests have their turn. Own choice: some milliseconds. */
const atOnce = 2_000;

/** Octets of a file: 100,000 callers with names of 200 characters. */
const maximumBytes = 64 * 1024 * 1024;

/** @throws CS-GATEWAY-058 where the file holds something else */
export async function keepLimits(limiter: Limiter, options: KeepLimitsOptions): Promise<KeptLimits> {
  const { path, clock, everyMs = everyDefaultMs, onFailure } = options;
  await restore(limiter, path, clock);
  let timer: Timer | undefined;
  let writing: Promise<void> = Promise.resolve();
  let closed = false;
  const write = async (): Promise<void> => {
    if (!limiter.changed) return;
    limiter.changed = false;
    try {
      await writeFileAtomically(path, await contents(limiter, clock));
    } catch (error) {
      limiter.changed = true;
      onFailure(error);
    }
  };
  const later = (): void => {
    timer = clock.after(
      everyMs,
      () => {
        writing = write().then(() => {
          if (!closed) later();
        });
      },
      { unref: true },
    );
  };
  later();
  return {
    close: async () => {
      closed = true;
      timer?.cancel();
      await writing;
      await write();
    },
  };
}

const dayOf = (ms: number): string => toRfc3339(ms).slice(0, 10);

/** A line for each caller: name, requests of the day, milliseconds until the burst is whole, as JSON. */
async function contents(limiter: Limiter, clock: Clock): Promise<string> {
  const pieces = [`${JSON.stringify({ version, day: dayOf(clock.now()), at: clock.now() })}\n`];
  let lines: string[] = [];
  for (const { key, today, wholeInMs } of limiter.kept()) {
    lines.push(`${JSON.stringify([key, today, Math.ceil(wholeInMs)])}\n`);
    if (lines.length < atOnce) continue;
    pieces.push(lines.join(''));
    lines = [];
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return [...pieces, ...lines].join('');
}

async function restore(limiter: Limiter, path: string, clock: Clock): Promise<void> {
  const text = await readIfThere(path);
  if (text === undefined) return;
  const malformed = (rule: string): Refusal => new Refusal('CS-GATEWAY-058', { path, rule });
  const [head = '', ...lines] = text.split('\n');
  const { version: found, day, at } = (parsed(head) ?? {}) as Readonly<Record<string, unknown>>;
  if (found !== version || typeof day !== 'string' || typeof at !== 'number')
    throw malformed('its first line names version, day and time');
  if (lines.pop() !== '') throw malformed('its last line is whole');
  // A day that is still to come was written before the clock was set back: it is this one.
  const sameDay = day >= dayOf(clock.now());
  // A clock that was set makes it neither longer than it was nor negative.
  const passedMs = Math.max(0, clock.now() - at);
  for (const [place, line] of lines.entries()) {
    const row = parsed(line);
    if (!isRow(row)) throw malformed(`line ${place + 2} is a name and two numbers`);
    const [key, today, wholeInMs] = row;
    limiter.restore({ key, today: sameDay ? today : 0, wholeInMs: Math.max(0, wholeInMs - passedMs) });
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readTextFile(path, { maximumBytes });
  } catch (error) {
    if (isRefusal(error) && error.code === 'CS-FILE-001') return undefined;
    throw error;
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isRow(row: unknown): row is readonly [string, number, number] {
  return (
    Array.isArray(row) &&
    row.length === 3 &&
    typeof row[0] === 'string' &&
    row.slice(1).every((one) => typeof one === 'number' && one >= 0 && Number.isFinite(one))
  );
}
