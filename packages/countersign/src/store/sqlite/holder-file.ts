/** The file beside the database that says which process holds it, since SQLite does not tell; left behind, it says that the last one did not end well. */
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';

import { Refusal } from '../../ground/errors/index.ts';
import { processLife } from './process-life.ts';

/** How versions before the fifth schema wrote it: they never removed it, so of them it says nothing. */
const openMark = 'open';

/** Closed again before it was served, after an end that was not clean: the log is gone by that, and the check is still owed. */
const uncheckedMark = 'unchecked';

/** One that is gone holds nothing, whatever the file says: then it is somebody who is not noted, such as a reader. */
export function holderOf(file: string): string {
  const pid = notedProcess(file);
  return pid === undefined || processLife(pid) === 'gone' ? 'not known' : `process ${String(pid)}`;
}

/** Whether there is a holder that has no mind to let go. */
export function holderStays(file: string): boolean {
  const pid = notedProcess(file);
  return pid !== undefined && processLife(pid) === 'lives';
}

function notedProcess(file: string): number | undefined {
  const pid = read(file)?.split(/\s/, 1)[0] ?? '';
  return /^[1-9]\d*$/.test(pid) ? Number(pid) : undefined;
}

/** From the moment that the write-ahead log exists. */
export function writeHolder(file: string): void {
  writeFileSync(path(file), `${String(process.pid)} ${openMark}\n`, { mode: 0o600 });
}

/**
 * Before the database is closed, not after: whoever is killed in between leaves a write-ahead log, which tells of it as well, while a holder without a
 * log would look as if the log had been taken away.
 */
export function removeHolder(file: string): void {
  rmSync(path(file), { force: true });
}

/**
 * Before the database is closed, as above; `unclean`: it was not served, or the disk failed. What the disk does not take is not worth a refusal: why it is
 * closed is what is told. But a mark that it is open must not stay, since the log goes with the closing.
 */
export function leaveHolder(file: string, unclean: boolean): void {
  try {
    if (unclean) writeFileSync(path(file), `${String(process.pid)} ${uncheckedMark}\n`, { mode: 0o600 });
    else removeHolder(file);
  } catch {
    removeAtAnyRate(file);
  }
}

function removeAtAnyRate(file: string): void {
  try {
    removeHolder(file);
  } catch {
    // Then the next start says that the log is missing.
  }
}

/** Whether the last process that had the database ended without closing it. Asked before it is opened, which recovers the log. */
export function endedUncleanly(file: string): boolean {
  const log = statSync(`${file}-wal`, { throwIfNoEntry: false });
  const left = read(file) ?? '';
  const held = left.includes(openMark);
  // From when a process holds it until it closes it there is a log: what it had committed last is in there alone.
  if (held && log === undefined && existsSync(file)) throw new Refusal('CS-STORE-007', { file: `${file}-wal` });
  return held || left.includes(uncheckedMark) || (log?.size ?? 0) > 0;
}

function path(file: string): string {
  return `${file}.holder`;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(path(file), 'utf8');
  } catch {
    return undefined;
  }
}
