/** Where `--since` begins: a number of the log, or the first entry from a time on. */
import { parseRfc3339 } from '../../ground/clock/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import type { AuditLog } from './audit-log.ts';

export async function sequenceSince(log: AuditLog, text: string | undefined): Promise<number> {
  if (text === undefined) return 1;
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  const ms = parseRfc3339(text);
  const expected = 'a number of the log, or a time as RFC 3339 writes it: 2026-01-31T12:00:00Z';
  if (ms === undefined) throw new Refusal('CS-USAGE-003', { option: '--since', value: text, expected });
  return firstSince(log, ms);
}

/** By halves, since times rise with numbers but for steps of the clock, which are smaller than a minute. */
async function firstSince(log: AuditLog, ms: number): Promise<number> {
  let low = 1;
  let high = (await log.read(1, 1)).head.sequence + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [entry] = (await log.read(middle, 1)).entries;
    if (entry !== undefined && entry.atMs < ms) low = entry.sequence + 1;
    else high = middle;
  }
  return low;
}
