/** `npm run -s conformance:pkits -- DIR`: how path validation answers NIST's PKITS. */
import { columns, wrap } from '../../../packages/countersign/src/cli/text/wrap.ts';
import { printable } from '../../../packages/countersign/src/ground/errors/index.ts';
import { readArguments, runCommand } from '../runner-command.ts';
import { differenceWithReason } from './known-differences.ts';
import { readPkitsFolder } from './pkits-folder.ts';
import { type PkitsRun, runPkits, summarizePkits } from './score.ts';

const usage = 'npm run -s conformance:pkits -- DIR [--json]';

const help = `usage: ${usage}

Runs the path-validation cases of PKITS (NIST, 1.0.1). DIR holds index.json and
certs/ (DER), plain or gzipped. Each row is run with the inputs that the
document names for it.

stdout is one JSON object: {"cases", "asExpected", "differing"}; differing
holds the names of cases. stderr tells people the reasons.

  --json               without the text on stderr
  --with-dsa-and-sha1  accept DSA keys and SHA-1 signatures, which rows 4.1.4
                       to 4.1.6 need and which the library refuses by default;
                       the npm script gives it, the bare program does not:
                       node --conditions=source tests/conformance/pkits/run.ts

Where a row names revocation lists (crls/, DER), each certificate of its path
must be good by them.

exit status: 0 the cases were run, whatever the score; 2 used wrongly; 3 DIR
cannot be read. (tests/conformance/pkits.test.ts fails on a difference.)
`;

runCommand('conformance:pkits', () => {
  const options = { json: { type: 'boolean' }, 'with-dsa-and-sha1': { type: 'boolean' } } as const;
  const given = readArguments(options, 'DIR', usage);
  if (given === undefined) {
    process.stdout.write(help);
    return;
  }
  const done = runPkits(readPkitsFolder(given.path), given.flag('with-dsa-and-sha1') ? ['dsa', 'sha1'] : []);
  if (!given.flag('json')) process.stderr.write(`${reportText(done)}\n`);
  process.stdout.write(`${JSON.stringify(summarizePkits(done))}\n`);
});

function reportText(done: PkitsRun): string {
  const { cases, asExpected, differing } = summarizePkits(done);
  return [
    ...done.results.filter((result) => !result.asExpected).flatMap((result) => differenceText(result)),
    `${cases} cases, ${asExpected} as expected, ${differing.length} differing`,
  ].join('\n');
}

function differenceText({ num, name, valid, because }: PkitsRun['results'][number]): string[] {
  const answered = because === '' ? 'accepted' : `rejected: ${because}`;
  const reason = differenceWithReason(name)?.reason ?? 'not known: see whether it is a fault';
  const paragraphs = [`the document says ${valid ? 'valid' : 'not valid'}; ${answered}`, `reason: ${reason}`];
  return [
    `${printable(num)} ${printable(name)}`,
    ...paragraphs.flatMap((text) => wrap(printable(text), columns - 4).map((line) => `    ${line}`)),
  ];
}
