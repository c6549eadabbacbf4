/** A run's results as text for people. */
import { columns, wrap } from '../../../packages/countersign/src/cli/text/wrap.ts';
import { printable } from '../../../packages/countersign/src/ground/errors/index.ts';
import type { ProfileChoice } from './ask.ts';
import { type CaseResult, type Outcome, summarize } from './score.ts';

/** How many of the slowest cases --times shows. */
const mostTimes = 20;

export function reportText(results: readonly CaseResult[], profile: ProfileChoice, times: boolean): string {
  const { cases, asExpected, unexpectedAccepts, unexpectedRejects, skipped, slowestMs } = summarize(results);
  return [
    ...listed('unexpected accepts', results, 'unexpected accept'),
    ...listed('unexpected rejects', results, 'unexpected reject'),
    ...listed('skipped', results, 'skipped'),
    ...(times ? slowest(results) : []),
    `profile ${profile}: ${cases} cases, the slowest ${slowestMs} ms`,
    `  as expected         ${asExpected}`,
    `  unexpected accepts  ${unexpectedAccepts.length}`,
    `  unexpected rejects  ${unexpectedRejects.length}`,
    `  skipped             ${skipped.length}`,
  ].join('\n');
}

function listed(title: string, results: readonly CaseResult[], outcome: Outcome): string[] {
  const found = results.filter((result) => result.outcome === outcome);
  if (found.length === 0) return [];
  return [
    title,
    ...found.flatMap(({ id, because }) => [
      `  ${printable(id)}`,
      ...(because === '' ? [] : wrap(printable(because), columns - 6).map((line) => `      ${line}`)),
    ]),
    '',
  ];
}

function slowest(results: readonly CaseResult[]): string[] {
  const ranked = [...results].sort((one, other) => other.ms - one.ms).slice(0, mostTimes);
  return ['slowest', ...ranked.map(({ id, ms }) => `${ms.toFixed(1).padStart(9)} ms  ${printable(id)}`), ''];
}
