/** A file's cases run and counted. */
import { ask, type ProfileChoice } from './ask.ts';
import { decide } from './decide.ts';
import { isUnreadable, type LimboCase, type UnreadableCase } from './limbo-file.ts';

export type Outcome = 'as expected' | 'unexpected accept' | 'unexpected reject' | 'skipped';

export interface CaseResult {
  readonly id: string;
  readonly outcome: Outcome;
  /** Why it was rejected or skipped. */
  readonly because: string;
  /** 0 where it did not run. */
  readonly ms: number;
}

/** The object that --json prints: `cases` is the sum of the other counts. */
export interface Summary {
  readonly cases: number;
  readonly asExpected: number;
  readonly unexpectedAccepts: readonly string[];
  /** Also those for which the library threw what is no refusal, whatever was expected. */
  readonly unexpectedRejects: readonly string[];
  readonly skipped: readonly string[];
  readonly slowestMs: number;
}

/** @param now the moment of cases that name none, milliseconds since 1970. */
export function runCases(
  cases: readonly (LimboCase | UnreadableCase)[],
  choice: ProfileChoice,
  now: number,
): CaseResult[] {
  return cases.map((item) => {
    if (isUnreadable(item)) return skipped(item.id, `the case cannot be read: ${item.unreadable}`);
    const asked = ask(item, choice, now);
    if ('skip' in asked) return skipped(item.id, asked.skip);
    const { answer, because, ms } = decide(item, asked);
    return { id: item.id, outcome: outcomeOf(answer, item.valid), because, ms };
  });
}

export function summarize(results: readonly CaseResult[]): Summary {
  const ids = (outcome: Outcome): string[] =>
    results.filter((result) => result.outcome === outcome).map(({ id }) => id);
  return {
    cases: results.length,
    asExpected: ids('as expected').length,
    unexpectedAccepts: ids('unexpected accept'),
    unexpectedRejects: ids('unexpected reject'),
    skipped: ids('skipped'),
    slowestMs: Math.round(results.reduce((most, { ms }) => Math.max(most, ms), 0) * 10) / 10,
  };
}

function skipped(id: string, because: string): CaseResult {
  return { id, outcome: 'skipped', because, ms: 0 };
}

function outcomeOf(answer: 'accepted' | 'rejected' | 'failed', valid: boolean): Outcome {
  if (answer === 'failed') return 'unexpected reject';
  if ((answer === 'accepted') === valid) return 'as expected';
  return answer === 'accepted' ? 'unexpected accept' : 'unexpected reject';
}
