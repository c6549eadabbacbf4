/** Takes the answer to an issuer's request in: all checks first, the chain shown, and then everything at once. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import { isRefusal } from '../../ground/errors/index.ts';
import { type IssuerPlan, planIssuer } from '../../issuing/server/index.ts';
import { sha256Hex } from '../../runtime/cryptography/index.ts';
import type { Call } from '../call.ts';
import { calledAs, shellWords } from '../called-as.ts';
import { KeyPassphrase, pkcs12Passphrase, statePassphrase } from '../input/key-passphrase.ts';
import { existingStateDirectory, stateDirectoryOf } from '../local-authority.ts';
import { refuseHostileProcess } from '../process/refuse-hostile-process.ts';
import { columns, wrap } from '../text/wrap.ts';
import { chainFields, chainText } from './chain-text.ts';
import { confirmAnchor, findAnchor } from './find-anchor.ts';
import { type Answer, readAnswer } from './read-answer.ts';
import { withState } from './with-state.ts';

/** @param foreign whether the answer may be of an authority that is not ours, with a root and a key of its own */
export async function importIssuer(call: Call, foreign: boolean): Promise<number> {
  const { options, world } = call;
  refuseHostileProcess(world);
  process.umask(0o077);
  const pkcs12 = new KeyPassphrase(
    foreign ? options.text('pkcs12-passphrase-file') : undefined,
    pkcs12Passphrase,
    world,
  );
  const answer = await readAnswer(call.arguments, world, pkcs12);
  // A key of its own makes an authority; without one something must wait for the answer.
  const dir = foreign && answer.privateKey !== undefined ? stateDirectoryOf(call) : existingStateDirectory(call);
  return withState(dir, world.clock, async ({ ledgerId, record }) => {
    const plan = await planned(call, { answer, dir, ledgerId, foreign });
    show(call, plan);
    const passphrases = new KeyPassphrase(options.text('passphrase-file'), statePassphrase, world);
    // Before it is done, as an intent: what is in the log and was not done harms nobody.
    await record(plan.replaces ? 'issuer.rotate' : 'issuer.import', {
      issuer: sha256Hex(plan.issuer.raw),
      anchor: sha256Hex(plan.anchor.raw),
      notAfter: toRfc3339(plan.issuer.notAfter),
    });
    await plan.accept(answer.privateKey === undefined ? undefined : await passphrases.given());
    tell(call, plan, dir);
    return 0;
  });
}

interface Importing {
  readonly answer: Answer;
  readonly dir: string;
  readonly ledgerId: string;
  readonly foreign: boolean;
}

async function planned(call: Call, { answer, dir, ledgerId, foreign }: Importing): Promise<IssuerPlan> {
  const { options, world } = call;
  const trustDomain = foreign ? options.text('trust-domain') : undefined;
  const question = { dir, ledgerId, ...answer, trustDomain, clock: world.clock };
  const anchor = foreign ? await findAnchor(call, answer.certificates) : undefined;
  try {
    return await planIssuer({ ...question, anchor });
  } catch (error) {
    if (!foreign || !isRefusal(error) || error.code !== 'CS-ISSUER-009' || anchor !== undefined) throw error;
    return planIssuer({ ...question, anchor: await confirmAnchor(call, answer.certificates) });
  }
}

function show({ output, world }: Call, plan: IssuerPlan): void {
  output.say(chainText(plan, world.clock.now()));
  for (const warning of plan.warnings) output.hint(` ${wrap(`note: ${warning}`, columns - 7).join('\n       ')}`);
}

function tell({ output, world }: Call, plan: IssuerPlan, dir: string): void {
  const { trustDomain, replaces, warnings } = plan;
  output.say(` ${output.paint.good(replaces ? 'the issuer is replaced' : `authority ${trustDomain} is ready`)}`);
  output.hint(` start it with: ${calledAs(world.env)} up --dir ${shellWords([dir])}`);
  output.result({ dir, trustDomain, replaces, ...chainFields(plan), warnings });
}
