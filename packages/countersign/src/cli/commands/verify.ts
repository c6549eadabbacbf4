/** `verify`: whether a peer would take a certificate, and by which path. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import { isRefusal, printable, toCommandText, type Refusal } from '../../ground/errors/index.ts';
import { svidId } from '../../identity/spiffe/index.ts';
import { certificateCarriesName, validatePath, type Certificate } from '../../identity/x509/index.ts';
import { verifySignature } from '../../runtime/cryptography/index.ts';
import type { Call } from '../call.ts';
import { beside } from '../text/wrap.ts';
import { loadCertificates, loadChain } from '../verify/load-certificates.ts';
import { pathByNames, pathSteps, type PathStep } from '../verify/path-steps.ts';

export async function run(call: Call): Promise<number> {
  try {
    return await verify(call);
  } catch (error) {
    // Status 1 is an answer about the certificate, also when it cannot even be read; all else is no answer.
    if (!isRefusal(error) || error.exit !== 1) throw error;
    return answerNo(call, error, []);
  }
}

interface Question {
  readonly leaf: Certificate;
  readonly intermediates: readonly Certificate[];
  readonly anchors: readonly Certificate[];
  readonly at: number;
  readonly purpose: 'client' | 'server';
  readonly name: string | undefined;
}

async function verify(call: Call): Promise<number> {
  const question = await readQuestion(call);
  const { leaf, intermediates, anchors, at } = question;
  let path: readonly Certificate[];
  try {
    path = validPath(question);
  } catch (error) {
    if (!isRefusal(error) || error.exit !== 1) throw error;
    return answerNo(call, error, pathSteps(pathByNames(leaf, intermediates, anchors), anchors));
  }
  const { output, options } = call;
  const steps = pathSteps(path, anchors);
  output.say(` ${output.paint.good('valid')} for a ${question.purpose} at ${toRfc3339(at)}`);
  output.say(stepsText(steps));
  const carried = question.name === undefined ? '' : `, the name ${question.name}`;
  output.say(beside('checked', `signatures, times, authorities, purpose${carried}`, 3, 16).join('\n'));
  output.say(beside('not checked', 'revocation: only the authority and its endpoints know', 3, 16).join('\n'));
  output.result({ valid: true, code: null, path: steps, at: toRfc3339(at), purpose: options.text('purpose') });
  return 0;
}

async function readQuestion({ arguments: [file = ''], options, output, world }: Call): Promise<Question> {
  const { leaf, others } = await loadChain(file, world);
  const extra = options.text('intermediates');
  const more = extra === undefined ? undefined : await loadCertificates(extra, world);
  const roots = await loadCertificates(options.needed('roots'), world);
  const skipped = others.skipped + (more?.skipped ?? 0) + roots.skipped;
  if (skipped > 0) output.hint(` left out: ${skipped} with a key or signature of a kind that is not accepted here`);
  return {
    leaf,
    intermediates: [...others.certificates, ...(more?.certificates ?? [])],
    anchors: roots.certificates,
    at: options.time('at') ?? world.clock.now(),
    purpose: options.text('purpose') === 'server' ? 'server' : 'client',
    name: options.text('name'),
  };
}

function validPath({ leaf, intermediates, anchors, at, purpose, name }: Question): readonly Certificate[] {
  const { certificates } = validatePath({ leaf, intermediates, anchors, at, purpose, verifySignature });
  if (name !== undefined) {
    certificateCarriesName(leaf, name);
    // Carrying a SPIFFE ID is not enough: the certificate must also be an X509-SVID.
    if (name.startsWith('spiffe:')) svidId(leaf);
  }
  return certificates;
}

function answerNo({ output }: Call, refusal: Refusal, steps: readonly PathStep[]): number {
  output.say(` ${output.paint.bad('not valid')}`);
  if (steps.length > 0) output.say(stepsText(steps));
  output.say(toCommandText(refusal));
  const { code, title, evidence, remedy } = refusal;
  output.result({ valid: false, code, title, evidence, remedy, path: steps });
  return 1;
}

function stepsText(steps: readonly PathStep[]): string {
  return steps
    .flatMap(({ role, subject, names, notBefore, notAfter }, at) => [
      ...beside(`${at + 1} ${role}`, printable(names.join(' ') || subject), 3, 20),
      `${' '.repeat(20)}${notBefore} to ${notAfter}`,
    ])
    .join('\n');
}
