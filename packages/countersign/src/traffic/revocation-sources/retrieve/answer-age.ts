/** How long an answer says that it stays fresh (RFC 9111, 4.2 and 5.2). */

export type ReadHeader = (name: string) => string | undefined;

/** A year: more is not believed. Own choice. */
const mostSeconds = 366 * 86_400;

/** @param now milliseconds since 1970, where the answer does not say when it was made */
export function answerAgeMs(header: ReadHeader, now: number): number | undefined {
  const directives = (header('cache-control') ?? '')
    .toLowerCase()
    .split(',')
    .map((one) => one.trim());
  if (directives.some((one) => /^no-(?:store|cache)\b/.test(one))) return 0;
  const spent = 1000 * seconds(header('age') ?? '0');
  const maxAge = directives.find((one) => one.startsWith('max-age='))?.slice('max-age='.length);
  if (maxAge !== undefined) return Math.max(0, 1000 * seconds(maxAge) - spent);
  const expires = header('expires');
  if (expires === undefined) return undefined;
  const made = Date.parse(header('date') ?? '');
  const lifetime = Date.parse(expires) - (Number.isNaN(made) ? now : made);
  // An invalid date, "0" above all, has expired (RFC 9111, 5.3).
  if (Number.isNaN(lifetime)) return 0;
  return Math.max(0, Math.min(lifetime, 1000 * mostSeconds) - spent);
}

function seconds(text: string): number {
  const plain = text.replaceAll('"', '');
  return /^\d{1,12}$/.test(plain) ? Math.min(Number(plain), mostSeconds) : 0;
}
