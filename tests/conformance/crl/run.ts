/** `npm run -s conformance:crl -- DIR`: what revocation lists say, against what is expected of them. */
import { columns, wrap } from '../../../packages/countersign/src/cli/text/wrap.ts';
import { printable } from '../../../packages/countersign/src/ground/errors/index.ts';
import { readArguments, runCommand } from '../runner-command.ts';
import { readCrlFolder } from './crl-folder.ts';
import { type CrlResult, runCrl, summarizeCrl } from './score.ts';

const usage = 'npm run -s conformance:crl -- DIR [--json]';

const help = `usage: ${usage}

Asks the revocation lists of each file about its leaf. DIR holds expected.json
{"verifyTime", "maxAgeSeconds", "expected": {FILE: "good" | "revoked" |
"refused"}} and the files, plain or gzipped: PEM blocks "CRL" (any number), "CA
CERTIFICATE" ("CA CERTIFICATE 2", ...), which are trusted, and "CERTIFICATE",
the leaf. Refused is whatever is neither good nor revoked.

stdout is one JSON object: {"cases", "asExpected", "differing"}; differing
holds the names of files. stderr tells people the reasons.

  --json  without the text on stderr

exit status: 0 the cases were run, whatever the score; 2 used wrongly; 3 DIR
cannot be read. (tests/conformance/crl.test.ts fails on a difference.)
`;

runCommand('conformance:crl', () => {
  const given = readArguments({ json: { type: 'boolean' } }, 'DIR', usage);
  if (given === undefined) {
    process.stdout.write(help);
    return;
  }
  const results = runCrl(readCrlFolder(given.path));
  if (!given.flag('json')) process.stderr.write(`${reportText(results)}\n`);
  process.stdout.write(`${JSON.stringify(summarizeCrl(results))}\n`);
});

function reportText(results: readonly CrlResult[]): string {
  const { cases, asExpected, differing } = summarizeCrl(results);
  return [
    ...results.filter(({ answer, expected }) => answer !== expected).flatMap(differenceText),
    `${cases} cases, ${asExpected} as expected, ${differing.length} differing`,
  ].join('\n');
}

function differenceText({ name, expected, answer, because }: CrlResult): string[] {
  const text = `${expected} is expected; ${answer}${because === '' ? '' : `: ${because}`}`;
  return [printable(name), ...wrap(printable(text), columns - 4).map((line) => `    ${line}`)];
}
