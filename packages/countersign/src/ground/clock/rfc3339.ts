/** Times as text: RFC 3339 in UTC, to the second. */

const form = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.\d+)?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

/** @param ms milliseconds since 1970; cut, not rounded, to the second: a certificate's times have no fraction. */
export function toRfc3339(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** Milliseconds since 1970, or `undefined` where the text is no RFC 3339 time. */
export function parseRfc3339(text: string): number | undefined {
  const match = form.exec(text);
  if (match === null) return undefined;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) return undefined;
  // Date.parse takes 31 February as 3 March; the day must come back as it was written.
  const offsetMs =
    match[7] === undefined ? 0 : (match[7] === '-' ? -1 : 1) * (Number(match[8]) * 60 + Number(match[9])) * 60_000;
  return new Date(ms + offsetMs).toISOString().slice(0, 10) === `${match[1]}-${match[2]}-${match[3]}` ? ms : undefined;
}
