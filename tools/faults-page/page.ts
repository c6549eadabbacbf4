/** The page of faults, made from the table that the tests bring about one by one, and from the registry. */
import { entryOf } from '../../packages/countersign/src/ground/errors/index.ts';
import type { Fault } from '../../tests/e2e/faults/fault.ts';

export function faultsPage(faults: readonly Fault[]): string {
  return [
    '# Faults',
    '',
    'What goes wrong with an authority and at those who ask it, and what is then said. Each row is brought about for real by',
    '`tests/e2e/faults`, which also takes the fault away again and requires that nothing was lost by it; `npm run docs` writes this page.',
    'Codes are explained in [refusals.md](refusals.md).',
    '',
    '| fault | met by | said | shown with it | what to do |',
    '| --- | --- | --- | --- | --- |',
    ...faults.map(row),
    '',
  ].join('\n');
}

function row({ name, typed, code, instead, status, told }: Fault): string {
  const entry = code === undefined ? undefined : entryOf(code);
  const how = typed.startsWith('POST') ? `HTTP ${String(status)}` : `exit status ${String(status)}`;
  const said = code === undefined ? (instead ?? '') : `${code} ${entry?.title ?? ''}, ${how}`;
  return `| ${[name, `\`${typed}\``, said, told, entry?.remedy ?? 'nothing'].map(cell).join(' | ')} |`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
