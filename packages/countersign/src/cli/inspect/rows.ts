/** Labelled lines for people: a label in its column, what it says beside it, everything printable. */
import { printable } from '../../ground/errors/index.ts';
import { beside, columns, wrap } from '../text/wrap.ts';

/** Absent values leave their row out; each of several begins on a line of its own. */
export type Row = readonly [label: string, value: string | readonly string[] | null | undefined];

const indent = 3;
/** Leaves room for the 64 digits of a SHA-256. */
export const column = 16;

export function rowLines(rows: readonly Row[]): string[] {
  return rows.flatMap(([label, value]) => {
    if (value === undefined || value === null) return [];
    const values = typeof value === 'string' ? [value] : value;
    return values.flatMap((one, at) => beside(at === 0 ? label : '', safe(one), indent, column));
  });
}

/** A line of its own for each, under a label of its own width. */
export function indented(text: string, by: number, hanging: number = by): string[] {
  const [first = '', ...rest] = wrap(safe(text), columns - hanging);
  return [`${' '.repeat(by)}${first}`, ...rest.map((line) => ' '.repeat(hanging) + line)];
}

/** Printable, and broken where nothing else lets it break: a peer chooses these words. */
function safe(text: string): string {
  return printable(text).replaceAll(/[^ ]{161,}/g, (word) => word.replaceAll(/.{64}(?=.)/g, '$& '));
}

/** Octets in groups that fit the column: 64 digits a line. */
export function octetLines(hex: string): string {
  return hex.replaceAll(/.{64}(?=.)/g, '$& ');
}

/** "256 octets: 3045 ... 9c1f": enough to compare, all of it only where asked for. */
export function octetText(hex: string, whole: boolean): string {
  if (whole || hex.length <= 64) return octetLines(hex);
  return `${hex.slice(0, 16)}...${hex.slice(-16)} (${hex.length / 2} octets)`;
}
