/** A table for people: columns as wide as they must be, and below each row what has no fixed width. */
import { columns, wrap } from './wrap.ts';

export interface Row {
  readonly cells: readonly string[];
  /** Words of any length, on lines of their own. */
  readonly below: string;
}

const indent = 3;

export function table(head: readonly string[], rows: readonly Row[]): string {
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map(({ cells }) => cells[at]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    ` ${widths.map((width, at) => (cells[at] ?? '').padEnd(width + 2)).join('')}`.trimEnd();
  const below = (text: string): string[] => wrap(text, columns - indent).map((part) => ' '.repeat(indent) + part);
  return [line(head), ...rows.flatMap((row) => [line(row.cells), ...below(row.below)])].join('\n');
}
