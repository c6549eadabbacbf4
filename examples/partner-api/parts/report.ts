/** What was tried, what came of it, and the code: a line each as it happens, a table at the end, and an end at the first that was not as expected. */

export interface Row {
  readonly tried: string;
  /** A status, or what happened in words. */
  readonly came: string;
  /** Of the registry of refusals. */
  readonly code?: string | undefined;
}

export class NotAsExpected extends Error {
  readonly row: Row;
  readonly expected: string;

  constructor(row: Row, expected: string) {
    super(`${row.tried}: ${outcome(row)}; expected: ${expected}`);
    this.row = row;
    this.expected = expected;
  }
}

export class Report {
  readonly rows: Row[] = [];
  readonly #told: (row: Row) => void;

  constructor(told: (row: Row) => void) {
    this.#told = told;
  }

  /** @param expected what came of it, with the code: `401 CS-BEARER-013`, or a pattern. @throws NotAsExpected */
  expect(row: Row, expected: string | RegExp): void {
    const fits = typeof expected === 'string' ? outcome(row) === expected : expected.test(outcome(row));
    if (!fits) throw new NotAsExpected(row, String(expected));
    this.rows.push(row);
    this.#told(row);
  }
}

export function outcome({ came, code }: Row): string {
  return code === undefined ? came : `${came} ${code}`;
}

export function lineOf(row: Row): string {
  return ` ${row.tried}: ${outcome(row)}`;
}

export function tableOf(rows: readonly Row[]): string {
  const all = [{ tried: 'TRIED', came: 'CAME OF IT', code: 'CODE' }, ...rows];
  const wide = (of: (row: Row) => string): number => Math.max(...all.map((row) => of(row).length));
  const [tried, came] = [wide((row) => row.tried), wide((row) => row.came)];
  return all
    .map((row) => ` ${row.tried.padEnd(tried)}  ${row.came.padEnd(came)}  ${row.code ?? ''}`.trimEnd())
    .join('\n');
}
