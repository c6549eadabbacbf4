/** `npm run -s conformance:ocsp -- DIR`: how OCSP responses are checked. */
import { columns, wrap } from '../../../packages/countersign/src/cli/text/wrap.ts';
import { printable } from '../../../packages/countersign/src/ground/errors/index.ts';
import { readArguments, runCommand } from '../runner-command.ts';
import { lenient, strict } from './decide.ts';
import { readOcspFolder } from './ocsp-folder.ts';
import { type OcspResult, runOcsp, summarizeOcsp } from './score.ts';

const usage = 'npm run -s conformance:ocsp -- DIR [--json]';

const help = `usage: ${usage}

Checks OCSP responses. DIR holds expected.json (verifyTime, maxAgeSeconds, and
for each file good, revoked, or refused: why) and the files: PEM blocks CA
CERTIFICATE, CERTIFICATE and OCSP RESPONSE, with any text around them.

stdout is one JSON object: {"cases", "asExpected", "differing"}; differing
holds the names of files. stderr tells people the reasons.

  --json          without the text on stderr
  --with-old-ways accept SHA-1 signatures, and serial numbers with needless
                  zeros before them, which most of BoringSSL's cases need and
                  which the library refuses by default; the npm script gives
                  it, the bare program does not:
                  node --conditions=source tests/conformance/ocsp/run.ts

exit status: 0 the cases were run, whatever the score; 2 used wrongly; 3 DIR
cannot be read. (tests/conformance/ocsp.test.ts fails on a difference.)
`;

runCommand('conformance:ocsp', () => {
  const options = { json: { type: 'boolean' }, 'with-old-ways': { type: 'boolean' } } as const;
  const given = readArguments(options, 'DIR', usage);
  if (given === undefined) {
    process.stdout.write(help);
    return;
  }
  const results = runOcsp(readOcspFolder(given.path), given.flag('with-old-ways') ? lenient : strict);
  if (!given.flag('json')) process.stderr.write(`${reportText(results)}\n`);
  process.stdout.write(`${JSON.stringify(summarizeOcsp(results))}\n`);
});

function reportText(results: readonly OcspResult[]): string {
  const { cases, asExpected, differing } = summarizeOcsp(results);
  return [
    ...results.filter((result) => !result.asExpected).flatMap((result) => differenceText(result)),
    `${cases} cases, ${asExpected} as expected, ${differing.length} differing`,
  ].join('\n');
}

function differenceText({ name, expected, hint, answer, because }: OcspResult): string[] {
  const wanted = hint === '' ? expected : `${expected} (${hint})`;
  const text = `expected ${wanted}; answered ${answer}${because === '' ? '' : `: ${because}`}`;
  return [printable(name), ...wrap(printable(text), columns - 4).map((line) => `    ${line}`)];
}
