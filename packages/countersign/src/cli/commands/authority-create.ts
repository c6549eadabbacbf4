/** `authority create`: an authority before its first start: under a root of its own, here or carried away, or under a corporate one. */
import { resolve } from 'node:path';
import { Refusal } from '../../ground/errors/index.ts';
import type { OwnHierarchy } from '../../issuing/authority/index.ts';
import { encodePem } from '../../ground/encoding/index.ts';
import {
  carryRoot,
  createOwnAuthority,
  defaultTrustDomain,
  type KeptTranscript,
  step,
} from '../../issuing/server/index.ts';
import { sha256Hex } from '../../runtime/cryptography/index.ts';
import { chainFields, chainText } from '../authority/chain-text.ts';
import { chosenRootPassphrase } from '../authority/root-passphrase.ts';
import { requestToFile } from '../authority/request-to-file.ts';
import { withState } from '../authority/with-state.ts';
import type { Call } from '../call.ts';
import { calledAs, shellWords } from '../called-as.ts';
import { KeyPassphrase, statePassphrase } from '../input/key-passphrase.ts';
import { stateDirectoryOf } from '../local-authority.ts';

export async function run(call: Call): Promise<number> {
  const { options, command } = call;
  process.umask(0o077);
  options.exclude('issuer', 'offline-root', 'an issuer under a corporate root has no root of its own');
  if (!options.on('issuer')) {
    const given = ['out', 'name'].filter((name) => options.given(name)).map((name) => `--${name}`);
    if (given.length > 0) throw new Refusal('CS-USAGE-006', { given, rule: 'a root of its own needs no request' });
    return createOwn(call);
  }
  options.exclude('issuer', 'root-passphrase-file', 'the root is not made here');
  const trustDomain = options.text('trust-domain');
  if (trustDomain === undefined)
    throw new Refusal('CS-USAGE-004', { missing: '--trust-domain NAME', example: command.examples[2]?.line ?? '' });
  return requestToFile(call, trustDomain);
}

async function createOwn(call: Call): Promise<number> {
  const { options, world, output } = call;
  const { clock } = world;
  const dir = stateDirectoryOf(call);
  const trustDomain = options.text('trust-domain') ?? defaultTrustDomain;
  const passphrase = await new KeyPassphrase(options.text('passphrase-file'), statePassphrase, world).given();
  const away = options.text('offline-root');
  const folder = away === undefined ? undefined : resolve(world.workingDirectory, away);
  const rootPassphrase = folder === undefined ? undefined : await chosenRootPassphrase(call, folder);
  let transcript: KeptTranscript | undefined;
  const carryAway = async ({ root: made, issuer: certified }: OwnHierarchy): Promise<void> => {
    if (folder === undefined || rootPassphrase === undefined) return;
    const steps = [step(clock, 'Root and issuer were made on this machine, and the root certified the issuer.')];
    const files = [{ name: 'issuer.pem', contents: encodePem('CERTIFICATE', certified.certificate.raw) }];
    const title = 'an authority was created, and its root carried away';
    const away = { folder, passphrase: rootPassphrase, clock };
    transcript = await carryRoot(away, made, { trustDomain, title, steps, files, issued: [certified.certificate] });
  };
  const { root, issuer } = await withState(dir, clock, async ({ ledgerId, record }) => {
    const order = { dir, ledgerId, trustDomain, passphrase, clock };
    const made = await createOwnAuthority({ ...order, carryAway: folder === undefined ? undefined : carryAway });
    const facts = { trustDomain, root: sha256Hex(made.root.certificate.raw), rootHere: folder === undefined };
    await record('authority.create', facts);
    return made;
  });
  const chain = { issuer: issuer.certificate, above: [], anchor: root.certificate };
  output.say(` ${output.paint.good(`authority ${trustDomain} is ready`)}\n${chainText(chain, clock.now())}`);
  if (folder !== undefined)
    output.hint(` the root is in ${folder}, and not here: carry it away; print and sign ${transcript?.text ?? ''}`);
  output.hint(` start it with: ${calledAs(world.env)} up --dir ${shellWords([dir])}`);
  output.result({ dir, trustDomain, ...chainFields(chain), root: folder ?? null, transcript: transcript ?? null });
  return 0;
}
