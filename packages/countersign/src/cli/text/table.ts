/** A table for people: columns as wide as they must be, in 80 columns. */
import { columns } from './wrap.ts';

/**
 * The last column may hold several words, one a line; one that does not fit beside the row gets a line of its own.
 * @param rows the last cell of each is its list of words
 */
export function table(
  head: readonly string[],
  rows: readonly { cells: readonly string[]; last: readonly string[] }[],
): string {
  const widths = head
    .slice(0, -1)
    .map((title, at) => Math.max(title.length, ...rows.map((row) => row.cells[at]?.length ?? 0)));
  const start = widths.reduce((sum, width) => sum + width + 2, 1);
  const line = (cells: readonly string[]): string =>
    ` ${widths.map((width, at) => (cells[at] ?? '').padEnd(width + 2)).join('')}`;
  const lines = [line(head) + (head.at(-1) ?? '')];
  for (const row of rows) lines.push(...rowLines(line(row.cells), row.last, start));
  return lines.map((text) => text.trimEnd()).join('\n');
}

function rowLines(first: string, words: readonly string[], start: number): string[] {
  const fits = words.filter((word) => start + word.length <= columns);
  const long = words.filter((word) => start + word.length > columns);
  return [
    first + (fits[0] ?? ''),
    ...fits.slice(1).map((word) => ' '.repeat(start) + word),
    ...long.map((word) => `   ${word}`),
  ];
}
