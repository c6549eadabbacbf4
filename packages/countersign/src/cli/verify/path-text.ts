/** A path for people: each certificate with what was checked, from the end-entity up to the anchor. */
import { parseRfc3339 } from '../../ground/clock/index.ts';
import { printable } from '../../ground/errors/index.ts';
import type { PathCheck } from '../../identity/x509/index.ts';
import type { Paint } from '../output/paint.ts';
import { formatDuration } from '../text/duration.ts';
import { beside } from '../text/wrap.ts';
import type { PathStep } from './path-steps.ts';

export interface PathTextOptions {
  readonly checks: readonly PathCheck[];
  /** The moment judged at, milliseconds since 1970. */
  readonly at: number;
  /** Whether each check that passed is shown. */
  readonly steps: boolean;
  readonly paint: Paint;
}

const column = 20;

export function pathText(path: readonly PathStep[], options: PathTextOptions): string {
  return path.flatMap((step, index) => stepLines(step, index, options)).join('\n');
}

function stepLines(
  { role, subject, names, notBefore, notAfter }: PathStep,
  index: number,
  options: PathTextOptions,
): string[] {
  const own = options.checks.filter(({ certificate }) => certificate === index);
  return [
    ...beside(`${index + 1} ${role}`, printable(names.join(' ') || subject), 3, column),
    ...(names.length > 0 && subject !== '' ? beside('', printable(subject), 3, column) : []),
    ...beside('', lifeText(notBefore, notAfter, options.at), 3, column),
    ...checkLines(own, options),
  ];
}

function lifeText(notBefore: string, notAfter: string, at: number): string {
  const [from, until] = [parseRfc3339(notBefore) ?? 0, parseRfc3339(notAfter) ?? 0];
  if (at < from) return `from ${notBefore}: begins in ${formatDuration(from - at)}`;
  // notAfter is inclusive of its final second (RFC 5280, 4.1.2.5).
  const left = until + 1000 - at;
  return left > 0
    ? `until ${notAfter} (${formatDuration(left)} left)`
    : `until ${notAfter}: EXPIRED ${formatDuration(-left)} ago`;
}

function checkLines(checks: readonly PathCheck[], { steps, paint }: PathTextOptions): string[] {
  const passed = checks.filter((check) => check.passed);
  const line = ({ rule, clause, passed: good }: PathCheck): string[] => {
    const text = beside('', `${good ? 'passed' : 'REFUSED'}: ${printable(rule)} [${clause}]`, 3, column);
    return good ? text : text.map((one) => paint.bad(one));
  };
  if (steps) return checks.flatMap(line);
  const count = `passed ${passed.length} check${passed.length === 1 ? '' : 's'}`;
  return [
    ...(passed.length === 0 ? [] : beside('', count, 3, column)),
    ...checks.filter((check) => !check.passed).flatMap(line),
  ];
}

/** One line for a whole path: "web -> CN=Issuer -> CN=Root". */
export function pathLine(path: readonly PathStep[]): string {
  return path.map(({ subject, names }) => printable(subject || (names[0] ?? 'without a name'))).join(' -> ');
}
