/** `npm run -s conformance:limbo -- FILE`: how path validation answers the cases of a file in the form of x509-limbo. */
import { CannotRun, readArguments, runCommand } from '../runner-command.ts';
import type { ProfileChoice } from './ask.ts';
import { readLimboFile } from './limbo-file.ts';
import { reportText } from './report.ts';
import { runCases, summarize } from './score.ts';

const usage = 'npm run -s conformance:limbo -- FILE [--json] [--profile PROFILE]';

const help = `usage: ${usage}
                                       [--only PREFIX] [--times]

Runs the path-validation cases of FILE (the form of x509-limbo's limbo.json,
plain or gzipped) and says how many were answered as expected.

  --json             one JSON object on stdout, and nothing else: {"cases",
                     "asExpected", "unexpectedAccepts", "unexpectedRejects",
                     "skipped", "slowestMs"}; lists hold the cases' ids
  --profile PROFILE  asked (default): each case in the profile that its id
                     asks for: webpki::* and online::* in webpki, all others
                     in rfc5280
                     rfc5280, webpki: all cases in this one; a case whose
                     expectation contradicts it is skipped
  --only PREFIX      only cases whose id starts with PREFIX
  --times            the 20 slowest cases, too (text only)

A case that names no time is judged as of now; one that names no extended key
usage is asked for a server or a client, by its validation_kind. "cases" counts
the skipped ones, each of which is listed by name: text shows the reason. A time
is the best of three where the first was longer than 20 ms, from PEM text to
answer.

exit status: 0 the cases were run, whatever the score; 2 used wrongly; 3 FILE
cannot be read. (tests/conformance/limbo.test.ts fails on a difference.)

example: npm run -s conformance:limbo -- limbo.json.gz --only rfc5280::nc
`;

const profiles: readonly ProfileChoice[] = ['asked', 'rfc5280', 'webpki'];

runCommand('conformance:limbo', () => {
  const given = readArguments(
    {
      json: { type: 'boolean' },
      profile: { type: 'string' },
      only: { type: 'string' },
      times: { type: 'boolean' },
    },
    'FILE',
    usage,
  );
  if (given === undefined) {
    process.stdout.write(help);
    return;
  }
  const profile = readProfile(given.text('profile') ?? 'asked');
  const prefix = given.text('only') ?? '';
  const cases = readLimboFile(given.path).filter(({ id }) => id.startsWith(prefix));
  if (cases.length === 0 && prefix !== '') {
    throw new CannotRun(
      2,
      `no case of ${given.path} starts with "${prefix}"`,
      'Give the beginning of an id: rfc5280::',
    );
  }
  const results = runCases(cases, profile, Date.now());
  const text = given.flag('json')
    ? JSON.stringify(summarize(results))
    : reportText(results, profile, given.flag('times'));
  process.stdout.write(`${text}\n`);
});

function readProfile(given: string): ProfileChoice {
  const found = profiles.find((profile) => profile === given);
  if (found === undefined) throw new CannotRun(2, `no profile "${given}"`, `Give one of ${profiles.join(', ')}.`);
  return found;
}
