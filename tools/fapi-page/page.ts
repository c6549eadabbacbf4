/** The page of FAPI 2.0's clauses, made from the table that names a test for each. */
import type { Clause } from '../../tests/fapi/clauses.ts';

export function fapiPage(clauses: readonly Clause[]): string {
  return [
    '# FAPI 2.0',
    '',
    'The clauses of the FAPI 2.0 Security Profile (final, February 2025) in our words, who of this house they concern, and the test that shows each. A test of',
    'the table requires that each of these tests exists; `npm run docs` writes this page. It is no certification.',
    '',
    '| section | asks | of | shown by |',
    '| --- | --- | --- | --- |',
    ...clauses.map(row),
    '',
  ].join('\n');
}

function row({ section, asks, who, shown }: Clause): string {
  const by =
    typeof shown === 'string'
      ? `not here: ${shown}`
      : shown.map(({ file, test }) => `"${test}" (\`${file.split('/').at(-1) ?? file}\`)`).join('; ');
  return `| ${[section, asks, who, by].map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
}
