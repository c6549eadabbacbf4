/** The page of scores: what the runners say of this library, beside what others score on the same suites. */
import type { ProfileChoice } from '../../tests/conformance/limbo/ask.ts';
import { knownDifferences as limboDifferences } from '../../tests/conformance/limbo/known-differences.ts';
import type { CaseResult, Outcome } from '../../tests/conformance/limbo/score.ts';
import { knownDifferences as pkitsDifferences } from '../../tests/conformance/pkits/known-differences.ts';
import type { PkitsRun } from '../../tests/conformance/pkits/score.ts';

export interface Scores {
  readonly limbo: ReadonlyMap<ProfileChoice, readonly CaseResult[]>;
  readonly pkits: PkitsRun;
}

/** Measured on one machine in August 2026, on the whole of the suite: 208 limbo cases and 9,572 of bettertls. */
const others: readonly (readonly string[])[] = [
  ['OpenSSL 3.0.19, strict', '145', '47', '6', '10', '9,389 of 9,572'],
  ['GnuTLS 3.7.9', '106', '58', '20', '24', 'not run'],
  ['pyca/cryptography 48', '147', '14', '0', '47', '9,572 of 9,572'],
  ['node:tls 20.20.2, bare', '102', '51', '7', '48', 'not run'],
  ['pkijs 4.0.0', '92', '99', '2', '10, and 5 never end', '22 of 81 of path building, 33 never end'],
  ['rustls-webpki', '60 declared differences, 55 of them accepts', '', '', '', ''],
];

const profiles: readonly (readonly [ProfileChoice, string])[] = [
  ['asked', 'countersign, each case by the rules that it asks for'],
  ['rfc5280', 'countersign, all by `rfc5280`'],
  ['webpki', 'countersign, all by `webpki`'],
];

export function scoresPage({ limbo, pkits }: Scores): string {
  const asked = limbo.get('asked') ?? [];
  const [own, web] = [asked.filter(({ id }) => !isBettertls(id)), asked.filter(({ id }) => isBettertls(id))];
  return [
    '<!-- written by `npm run scores` from the runners of tests/conformance -->',
    '',
    '# How `countersign/x509` scores',
    '',
    'Suites that others wrote, each case once. What a validator accepts and must not is what counts most: such a case is a stranger who is let in.',
    '',
    '## x509-limbo and bettertls',
    '',
    `Ours on the open part of the suite, ${count(own.length)} limbo cases and ${count(web.length)} of bettertls: \`npm run -s conformance:limbo -- FILE\`. The others were measured on the whole of it, 208 and 9,572 cases, on one machine in August 2026: compare the shares, not the counts.`,
    '',
    ...table(
      ['validator', 'as expected', 'unexpected accept', 'unexpected reject', 'skipped', 'bettertls'],
      [...profiles.map(([choice, name]) => limboRow(name, limbo.get(choice) ?? [])), ...others],
    ),
    '',
    'By `rfc5280` alone the rules of the public Web are not asked, so cases that are about them (`webpki::`) are accepted; outside these nothing is. By `webpki` alone, cases whose certificates the Web does not have are skipped by name.',
    '',
    'What differs where each case is judged as it asks, and why:',
    '',
    ...limboDifferences
      .filter(({ profiles: runs }) => runs.includes('asked'))
      .map(({ id, direction, reason }) => `- \`${id}\`, ${direction}ed: ${reason}.`),
    '',
    'No case takes more than 250 ms.',
    '',
    '## PKITS',
    '',
    ...pkitsText(pkits),
    '',
    'OpenSSL 3.0.19 gets 157 of the 159 rows right that need no policy inputs with `-extended_crl -use_deltas`, and 143 without.',
    '',
    '## Against other programs, case by case',
    '',
    'Suites of our own compare with OpenSSL, Go and @peculiar/x509 on thousands of made chains (`npm run conformance:differential`), and each difference stands in a list with its reason; damaged inputs by the hundred thousand are refused by name (`npm run conformance:mutations`).',
    '',
  ].join('\n');
}

function isBettertls(id: string): boolean {
  return id.startsWith('bettertls::');
}

function limboRow(name: string, results: readonly CaseResult[]): string[] {
  const own = results.filter(({ id }) => !isBettertls(id));
  const web = results.filter(({ id }) => isBettertls(id));
  const of = (outcome: Outcome, list: readonly CaseResult[]): number =>
    list.filter((result) => result.outcome === outcome).length;
  const skipped = of('skipped', web);
  return [
    `**${name}**`,
    count(of('as expected', own)),
    count(of('unexpected accept', own)),
    count(of('unexpected reject', own)),
    count(of('skipped', own)),
    `${count(of('as expected', web))} of ${count(web.length)}${skipped === 0 ? '' : `, ${count(skipped)} skipped`}`,
  ];
}

function pkitsText({ results }: PkitsRun): string[] {
  const differing = results.filter(({ asExpected }) => !asExpected);
  return [
    `${count(results.length - differing.length)} of ${count(results.length)} cases as expected, the policy sections with the inputs that the document names: \`npm run -s conformance:pkits -- DIR\`. Where a row names revocation lists, each certificate of its path must be good by them.`,
    '',
    ...differing.map(({ num, name }) => {
      const reason = pkitsDifferences.find((difference) => difference.name === name)?.reason ?? 'not known';
      return `- ${num}: ${reason}.`;
    }),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}
