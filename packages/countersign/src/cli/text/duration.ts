/** Durations as people type and read them: 90s, 15m, 24h, 7d, 1h30m. */

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const part = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/gy;

/** 365.25 days. */
const yearMs = 31_557_600_000;

/** A number alone is no duration: its unit would be guessed. */
export const durationForm = 'a number with its unit: 90s, 15m, 24h, 7d';

/** Milliseconds, or `undefined` where the text is no duration longer than nothing. */
export function parseDuration(text: string): number | undefined {
  part.lastIndex = 0;
  let total = 0;
  let end = 0;
  for (let match = part.exec(text); match !== null; match = part.exec(text)) {
    total += Number(match[1]) * (unitMs[match[2] ?? ''] ?? NaN);
    end = part.lastIndex;
  }
  return end === text.length && end > 0 && total > 0 && Number.isSafeInteger(Math.round(total))
    ? Math.round(total)
    : undefined;
}

/** One figure with its unit, cut, never rounded up: what is left of a life must not be promised longer. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.trunc(ms)} ms`;
  if (ms < 120_000) return `${Math.trunc(ms / 1000)} s`;
  if (ms < 7_200_000) return `${Math.trunc(ms / 60_000)} min`;
  if (ms < 2 * 86_400_000) return `${Math.trunc(ms / 3_600_000)} h`;
  if (ms < 2 * yearMs) return `${Math.trunc(ms / 86_400_000)} d`;
  return `${Math.trunc((ms / yearMs) * 10) / 10} years`;
}
