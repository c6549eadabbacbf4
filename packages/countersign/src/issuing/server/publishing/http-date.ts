/** Dates in the headers of HTTP, in the one form that may be sent (IMF-fixdate, RFC 9110, 5.6.7). */

export function toHttpDate(ms: number): string {
  return new Date(ms).toUTCString();
}
