/** The HTTP Date header in the one form that may be sent (IMF-fixdate, RFC 9110, 5.6.7). */
import { parseRfc3339 } from '../../ground/clock/index.ts';

const form = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d{2}) (\w{3}) (\d{4}) (\d{2}:\d{2}:\d{2}) GMT$/;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Milliseconds since 1970, or `undefined` where the text is no such date. */
export function parseHttpDate(text: string | undefined): number | undefined {
  const match = form.exec(text ?? '');
  if (match === null) return undefined;
  const month = months.indexOf(match[2] ?? '') + 1;
  return parseRfc3339(`${match[3] ?? ''}-${String(month).padStart(2, '0')}-${match[1] ?? ''}T${match[4] ?? ''}Z`);
}
