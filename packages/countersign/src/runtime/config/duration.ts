/** Durations as settings hold them: `90s`, `15m`, `24h`, `7d`, `1h30m`; a number alone is none, since its unit would be guessed. */
import { z } from 'zod';

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const described = 'a number with its unit: 90s, 15m, 24h, 7d';

/** For editors, and for the refusal of what is none. */
const form = /^(?:0|(?:\d{1,9}d)?(?:\d{1,9}h)?(?:\d{1,9}m)?(?:\d{1,9}s)?)$/;

export const durationText: z.ZodType<string> = z.string(described).regex(form, described).min(1);

/** Milliseconds of a text that `durationText` has let through; `0` is nothing. */
export function durationMs(text: string): number {
  let total = 0;
  for (const [, count = '', unit = ''] of text.matchAll(/(\d+)([smhd])/g)) total += Number(count) * (unitMs[unit] ?? 0);
  return total;
}
