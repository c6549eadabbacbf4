/** Takes the answer to an issuer's request in: all checks first, the chain shown, and then everything at once. */
import { isRefusal, type Refusal } from '../../ground/errors/index.ts';
import {
  type IssuerPlan,
  keepAnsweredKey,
  planIssuer,
  requireOnePerson,
  rotationFacts,
} from '../../issuing/server/index.ts';
import { openLocalAuthority } from '../../runtime/api/index.ts';
import { withAuthority } from '../administered-authority.ts';
import type { Call } from '../call.ts';
import { calledAs, shellWords } from '../called-as.ts';
import { KeyPassphrase, pkcs12Passphrase, statePassphrase } from '../input/key-passphrase.ts';
import { existingStateDirectory, socketDirectoryOf, stateDirectoryOf } from '../local-authority.ts';
import { askForIssuer } from './ask-for-issuer.ts';
import { chainFields, show } from './chain-text.ts';
import { confirmAnchor, findAnchor } from './find-anchor.ts';
import { type Answer, readAnswer } from './read-answer.ts';
import { voidRequest } from './request-to-file.ts';
import { type State, withState } from './with-state.ts';

/** @param foreign whether the answer may be of an authority that is not ours, with a root and a key of its own */
export async function importIssuer(call: Call, foreign: boolean): Promise<number> {
  const { options, world } = call;
  process.umask(0o077);
  const pkcs12 = new KeyPassphrase(
    foreign ? options.text('pkcs12-passphrase-file') : undefined,
    pkcs12Passphrase,
    world,
  );
  const answer = await readAnswer(call.arguments, world, pkcs12);
  if (options.given('credential') || options.given('authority'))
    return withAuthority(call, (authority) => askForIssuer(call, authority, answer, foreign));
  // A key of its own makes an authority; without one something must wait for the answer.
  const dir = foreign && answer.privateKey !== undefined ? stateDirectoryOf(call) : existingStateDirectory(call);
  try {
    return await withState(dir, world.clock, (state) => takeIn(call, state, answer, foreign));
  } catch (error) {
    if (!isRefusal(error) || error.code !== 'CS-STATE-001') throw error;
    return askTheOneThatRuns(call, { dir, answer, foreign, busy: error });
  }
}

async function takeIn(
  call: Call,
  { dir, ledgerId, settings, record }: State,
  answer: Answer,
  foreign: boolean,
): Promise<number> {
  const plan = await planned(call, { answer, dir, ledgerId, foreign });
  await requireOnePerson(dir, settings, plan);
  show(call, plan);
  // Before it is done, as an intent: what is in the log and was not done harms nobody.
  await record(plan.replaces ? 'issuer.rotate' : 'issuer.import', rotationFacts(plan));
  await plan.accept(answer.privateKey === undefined ? undefined : await passphraseOf(call).given());
  tell(call, plan, dir);
  return 0;
}

interface Running {
  readonly dir: string;
  readonly answer: Answer;
  readonly foreign: boolean;
  /** That something else has the directory in use. */
  readonly busy: Refusal;
}

/** On its socket, where whoever calls is the user of this process. */
async function askTheOneThatRuns(call: Call, { dir, answer, foreign, busy }: Running): Promise<number> {
  const { clock } = call.world;
  const authority = openLocalAuthority(socketDirectoryOf(dir), clock);
  try {
    // What holds the directory may be no authority that serves.
    await authority.listProposals().catch((error: unknown) => {
      throw isRefusal(error) && error.code === 'CS-NET-004' ? busy : error;
    });
    const { certificates, privateKey } = answer;
    if (privateKey !== undefined) {
      const passphrase = await passphraseOf(call).given();
      const kept = { dir, certificates, privateKey, passphrase, clock };
      if (await keepAnsweredKey(kept)) call.output.hint(voidRequest);
    }
    return await askForIssuer(call, authority, answer, foreign);
  } finally {
    await authority.close();
  }
}

function passphraseOf({ options, world }: Call): KeyPassphrase {
  return new KeyPassphrase(options.text('passphrase-file'), statePassphrase, world);
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

function tell({ output, world }: Call, plan: IssuerPlan, dir: string): void {
  const { trustDomain, replaces, warnings } = plan;
  output.say(` ${output.paint.good(replaces ? 'the issuer is replaced' : `authority ${trustDomain} is ready`)}`);
  output.hint(` start it with: ${calledAs(world.env)} up --dir ${shellWords([dir])}`);
  output.result({ dir, trustDomain, replaces, ...chainFields(plan), warnings, proposal: null });
}
