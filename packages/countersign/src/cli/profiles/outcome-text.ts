/** A dry run for people: each decision with its rule, then what would come of it. */
import { printable } from '../../ground/errors/index.ts';
import type { Decision } from '../../issuing/authority/index.ts';
import { extensionWords } from '../inspect/extension-words.ts';
import type { Paint } from '../output/paint.ts';
import { beside, columns, wrap } from '../text/wrap.ts';
import type { Outcome, OutcomeCertificate } from './describe-outcome.ts';

/** Where what is checked begins, and where its rule does. */
const whatColumn = 14;
const ruleColumn = 46;

/** Four columns; a rule that does not fit beside what it decides stands below it. */
export function decisionTable(decisions: readonly Decision[], paint: Paint): string {
  const head = ` ${'CHECK'.padEnd(whatColumn - 1)}${'OF'.padEnd(ruleColumn - whatColumn)}RULE`;
  return [head, ...decisions.flatMap((decision) => decisionLines(decision, paint))].join('\n');
}

function decisionLines({ check, of, allowed, rule }: Decision, paint: Paint): string[] {
  const mark = allowed ? paint.good('ok') : paint.bad('NO');
  const [first = '', ...others] = wrap(printable(of), columns - whatColumn);
  const begin = ` ${mark} ${check.padEnd(whatColumn - 4)}`;
  const words = printable(rule);
  const fits = others.length === 0 && whatColumn + first.length < ruleColumn && ruleColumn + words.length <= columns;
  if (fits) return [`${begin}${first.padEnd(ruleColumn - whatColumn)}${words}`];
  const below = [...others, ...wrap(words, columns - whatColumn)];
  return [`${begin}${first}`, ...below.map((line) => ' '.repeat(whatColumn) + line)];
}

export function outcomeText(outcome: Outcome): string {
  if (outcome.wouldIssue) return [' would be issued:', ...certificateLines(outcome.certificate)].join('\n');
  const { code, title, evidence, remedy } = outcome;
  const facts = Object.entries(evidence).map(([name, value]) => `${name} ${printable(String(value))}`);
  return [
    ` would be refused: ${code} ${title}`,
    ...beside('', facts.join('; '), 2, 4),
    ...beside('', remedy, 2, 4),
  ].join('\n');
}

/** Wide enough for authorityKeyIdentifier. */
const valueColumn = 27;

function certificateLines(certificate: OutcomeCertificate): string[] {
  const { subject, notBefore, notAfter, key, issuer, extensions } = certificate;
  const row = (label: string, ...values: readonly string[]): string[] =>
    values.flatMap((value, at) => beside(at === 0 ? label : '', printable(value), 3, valueColumn));
  return [
    ...row('subject', subject === '' ? 'empty' : subject),
    ...row('valid', `from  ${notBefore}`, `until ${notAfter}`),
    ...row('key', key),
    ...row('issuer', issuer),
    ...extensions.flatMap((extension) =>
      row(
        extension.name ?? extension.oid,
        ...(extension.critical ? ['critical'] : []),
        ...extensionWords(extension, false),
      ),
    ),
  ];
}
