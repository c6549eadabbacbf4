/** `verify`: whether a peer would take a certificate, by which path, and what was checked. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import { isRefusal, printable, toCommandText, type Refusal } from '../../ground/errors/index.ts';
import { svidId } from '../../identity/spiffe/index.ts';
import { examinePaths, type ExaminedPath, type PathReport } from '../../identity/x509/index.ts';
import type { Call } from '../call.ts';
import type { Fields } from '../output/output.ts';
import { beside } from '../text/wrap.ts';
import { UnreadableHelp } from '../verify/load-certificates.ts';
import { fetchAnswers, isAddress } from '../verify/fetched.ts';
import { optionHint } from '../verify/option-hint.ts';
import { pathByNames, pathSteps, type PathStep } from '../verify/path-steps.ts';
import { pathLine, pathText } from '../verify/path-text.ts';
import { fetchingOf, type Question, readQuestion } from '../verify/question.ts';
import { decideRevocation, type RevocationReport } from '../verify/decide-revocation.ts';
import { revocationFields, revocationLines, unheardFields } from '../verify/revocation.ts';

export async function run(call: Call): Promise<number> {
  let question: Question;
  try {
    question = await readQuestion(call);
  } catch (error) {
    if (error instanceof UnreadableHelp) return noAnswer(call, error);
    // Status 1 is an answer about the certificate, also when it cannot even be read; all else is no answer.
    if (!isRefusal(error) || error.exit !== 1) throw error;
    return answerUnread(call, error);
  }
  const report = examinePaths(question.input);
  let found: RevocationReport | undefined;
  try {
    found = decideRevocation(await withAnswers(call, question, report), report.path);
  } catch (error) {
    if (error instanceof UnreadableHelp) return noAnswer(call, error);
    throw error;
  }
  return answer(call, question, { report, found }, report.refusal ?? svidRefusal(question) ?? found?.refusal);
}

/** With what the responders say that are to be asked. */
async function withAnswers(call: Call, question: Question, { path }: PathReport): Promise<Question> {
  const { revocation } = question;
  if (revocation === undefined || revocation.responders.length === 0) return question;
  const fetched = await fetchAnswers(revocation.responders, path, fetchingOf(call));
  return { ...question, revocation: { ...revocation, responses: [...revocation.responses, ...fetched] } };
}

/** Carrying a SPIFFE ID is not enough: who asks for one must also find an X509-SVID. */
function svidRefusal({ input, names }: Question): Refusal | undefined {
  if (!names.some((name) => name.startsWith('spiffe:'))) return undefined;
  try {
    svidId(input.leaf);
    return undefined;
  } catch (error) {
    if (isRefusal(error)) return error;
    throw error;
  }
}

/** Nothing was judged: the fault is in a file beside the certificate. */
function noAnswer({ output }: Call, { file, option, refusal }: UnreadableHelp): number {
  const where = isAddress(file) ? `from the address of ${option}` : `in the file of ${option}`;
  output.hint(` nothing was judged; ${where}, ${printable(file)}:`);
  output.refuse(refusal, { input: file, option });
  return 3;
}

function answerUnread({ output }: Call, refusal: Refusal): number {
  output.say(` ${output.paint.bad('not valid')}: it cannot be read`);
  output.say(toCommandText(refusal));
  output.result({ valid: false, ...refusalFields(refusal), path: [] });
  return 1;
}

/** Of path validation, and of revocation where it was asked about. */
interface Reports {
  readonly report: PathReport;
  readonly found: RevocationReport | undefined;
}

function answer(call: Call, question: Question, reports: Reports, refusal: Refusal | undefined): number {
  const { output, options } = call;
  const { report, found } = reports;
  const { input, names, allowed } = question;
  const { anchors } = input;
  const path = report.path?.certificates ?? pathByNames(input.leaf, input.intermediates, anchors);
  const steps = pathSteps(path, anchors);
  sayVerdict(call, question, refusal);
  const shown = { checks: report.path?.checks ?? [], at: input.at, steps: options.on('steps'), paint: output.paint };
  output.say(pathText(steps, shown));
  sayOtherPaths(call, question, report);
  sayNotes(call, question, reports, refusal === undefined);
  // Last, where a person looks first.
  const hint = refusal === undefined ? undefined : optionHint(refusal, question);
  if (refusal !== undefined) output.say(toCommandText(refusal));
  if (hint !== undefined) output.say(beside('or:', hint, 3, 8).join('\n'));
  output.result({
    valid: refusal === undefined,
    ...(refusal === undefined ? { code: null } : refusalFields(refusal)),
    path: steps,
    at: toRfc3339(input.at),
    purpose: input.purpose,
    profile: input.profile,
    names,
    dangerouslyAllowed: allowed,
    checks: report.path?.checks ?? [],
    paths: report.paths.map((one) => pathFields(one, pathSteps(one.certificates, anchors))),
    policies: report.policies,
    work: report.work,
    revocation: revocationFields(found, input.at),
    unheardFeed: unheardFields(question.revocation?.unheard),
    leftOut: question.leftOut.map(({ place, refusal: { code, evidence } }) => ({ place, code, evidence })),
  });
  return refusal === undefined ? 0 : 1;
}

function refusalFields({ code, title, evidence, remedy }: Refusal): Fields {
  return { code, title, evidence, remedy };
}

function pathFields({ refusal, checks }: ExaminedPath, path: readonly PathStep[]): Fields {
  return {
    valid: refusal === undefined,
    ...(refusal === undefined ? { code: null } : refusalFields(refusal)),
    path,
    checks,
  };
}

const purposeText = { client: 'for a client', server: 'for a server', any: 'for any purpose', feed: 'for the feed' };

function sayVerdict({ output }: Call, { input, names }: Question, refusal: Refusal | undefined): void {
  const verdict = refusal === undefined ? output.paint.good('valid') : output.paint.bad('not valid');
  const asked = names.length === 0 ? '' : ` as ${printable(names.join(', '))}`;
  output.say(` ${verdict} ${purposeText[input.purpose]}${asked}`);
  output.say(`   at ${toRfc3339(input.at)}, by the profile ${input.profile}`);
}

/** Why each of them failed; the one shown above is not told again. */
function sayOtherPaths({ output }: Call, { input }: Question, report: PathReport): void {
  const others = report.paths.filter((path) => path !== report.path && path.refusal !== undefined);
  if (others.length === 0) return;
  output.say(
    `   ${others.length === 1 ? 'another path that was tried' : `${others.length} other paths that were tried`}:`,
  );
  for (const { certificates, refusal } of others) {
    const text = `${pathLine(pathSteps(certificates, input.anchors))}: ${whyText(refusal)}`;
    output.say(beside('-', text, 5, 8).join('\n'));
  }
}

function whyText(refusal: Refusal | undefined): string {
  if (refusal === undefined) return 'valid';
  const facts = Object.entries(refusal.evidence).map(([name, fact]) => `${name} ${printable(String(fact))}`);
  return `${refusal.code} ${refusal.title} (${facts.join('; ')})`;
}

function sayNotes(
  { output }: Call,
  { allowed, leftOut, input, revocation }: Question,
  { report: { policies, work }, found }: Reports,
  valid: boolean,
): void {
  const note = (label: string, text: string): void => output.say(beside(label, text, 3, 20).join('\n'));
  for (const weakness of allowed) {
    output.say(output.paint.bad(beside('DANGEROUS', `allowed by --allow-${weakness}`, 3, 20).join('\n')));
  }
  if (valid) note('policies', policyText(policies));
  note('work', `${counted(work.signatures, 'signature')} verified, ${counted(work.paths, 'path')} looked at`);
  for (const line of found === undefined ? [] : revocationLines(found, input.at)) note('revocation', line);
  if (revocation?.unheard !== undefined) {
    const { socket, refusal } = revocation.unheard;
    note('not asked', `the feed at ${printable(socket)}: ${whyText(refusal)}`);
  }
  if (revocation === undefined)
    note(
      'not checked',
      'revocation: --crl FILE, --ocsp FILE and --socket PATH ask; else only the authority and its endpoints know',
    );
  if (leftOut.length === 0) return;
  const first = leftOut.slice(0, 3).map(({ place, refusal }) => `${place}: ${refusal.code} ${whyLeftOut(refusal)}`);
  note('left out', `${leftOut.length} that cannot be read; ${first.join('; ')}${leftOut.length > 3 ? '; ...' : ''}`);
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function whyLeftOut({ evidence }: Refusal): string {
  return printable(Object.values(evidence).map(String).join(', '));
}

function policyText(policies: readonly string[]): string {
  if (policies.length === 0) return 'none that the path is valid for; none was required';
  return policies.map((oid) => (oid === '2.5.29.32.0' ? 'any' : oid)).join(' ');
}
