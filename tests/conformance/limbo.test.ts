/** Path validation against the part of x509-limbo that is open, its bettertls cases included. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { type ProfileChoice, profileOf } from './limbo/ask.ts';
import { type ForeignDifference, foreignDifferences, knownDifferences } from './limbo/known-differences.ts';
import { readLimboFile } from './limbo/limbo-file.ts';
import { type CaseResult, runCases, summarize } from './limbo/score.ts';
import { vectors } from './vectors.ts';

const { path, skip } = vectors('x509-limbo.json.gz', '2,044');

/** What one peer may cost one core with the worst that it can send; own choice. */
const longestMs = 250;

const mostDifferences = 0.02;

const choices: readonly ProfileChoice[] = ['asked', 'rfc5280', 'webpki'];

describe('x509-limbo', { skip }, () => {
  const runs = new Map<ProfileChoice, readonly CaseResult[]>();
  before(() => {
    const cases = readLimboFile(path);
    for (const choice of choices) runs.set(choice, runCases(cases, choice, Date.now()));
  });

  for (const choice of choices) {
    test(`profile ${choice}: what differs is listed with its reason, and what is listed differs`, () => {
      const own = differences(runs.get(choice)!).filter((result) => foreign(result, choice) === undefined);
      const listed = knownDifferences.filter(({ profiles }) => profiles.includes(choice));
      const expected = listed.map(({ id, direction }) => `unexpected ${direction}: ${id}`);
      assert.deepEqual(own.map(nameOf).sort(), expected.sort());
    });

    test(`profile ${choice}: the slowest case takes at most ${longestMs} ms`, () => {
      const slow = runs.get(choice)!.filter(({ ms }) => ms > longestMs);
      assert.deepEqual(slow, []);
    });

    test(`profile ${choice}: nothing is accepted that must not be`, () => {
      const { unexpectedAccepts } = summarize(runs.get(choice)!);
      // Rules of the public Web alone are no rules of RFC 5280.
      const inQuestion = unexpectedAccepts.filter((id) => choice !== 'rfc5280' || !id.startsWith('webpki::'));
      assert.deepEqual(inQuestion, []);
    });
  }

  for (const choice of choices) {
    test(`profile ${choice}: no more than 2 of 100 differ`, () => {
      const results = runs.get(choice)!;
      assert.ok(differences(results).length <= results.length * mostDifferences);
    });
  }

  test('what is listed for cases of another profile applies to some', () => {
    for (const entry of foreignDifferences) {
      const found = differences(runs.get(entry.profile)!).some((result) => foreign(result, entry.profile) === entry);
      assert.ok(found, `${entry.profile}: ${entry.prefix}`);
    }
  });

  test('bettertls: all as expected', () => {
    const results = runs.get('asked')!.filter(({ id }) => id.startsWith('bettertls::'));
    assert.equal(results.length, 1908);
    assert.deepEqual(
      results.filter(({ outcome }) => outcome !== 'as expected'),
      [],
    );
  });

  test('none is skipped when each is run in the profile that it asks for, and those with revocation lists are as expected', () => {
    const asked = runs.get('asked')!;
    assert.deepEqual(
      asked.filter(({ outcome }) => outcome === 'skipped'),
      [],
    );
    assert.deepEqual(
      asked.filter(({ id }) => id.startsWith('crl::')).map(({ outcome }) => outcome),
      Array.from({ length: 4 }, () => 'as expected'),
    );
  });
});

function differences(results: readonly CaseResult[]): readonly CaseResult[] {
  return results.filter(({ outcome }) => outcome === 'unexpected accept' || outcome === 'unexpected reject');
}

/** Only where a case is run in a profile that its id does not ask for. */
function foreign({ id, outcome }: CaseResult, choice: ProfileChoice): ForeignDifference | undefined {
  if (choice === 'asked' || profileOf(id) === choice) return undefined;
  return foreignDifferences.find(
    ({ prefix, profile, direction }) =>
      profile === choice && id.startsWith(prefix) && outcome === `unexpected ${direction}`,
  );
}

function nameOf({ id, outcome }: CaseResult): string {
  return `${outcome}: ${id}`;
}
