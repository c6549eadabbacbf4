/** `authority ceremony list`: on the machine of the root, shows which issuers its revocation list will have, and signs it where that is confirmed. */
import { basename, resolve } from 'node:path';
import { toRfc3339 } from '../../ground/clock/index.ts';
import { printable } from '../../ground/errors/index.ts';
import { type ListPlan, planRootList, type RootReason } from '../../issuing/server/index.ts';
import { writeFileAtomically } from '../../runtime/config/index.ts';
import { rootPassphraseOf } from '../authority/root-passphrase.ts';
import { confirm } from '../ask.ts';
import type { Call } from '../call.ts';
import { readInputText } from '../input/read-input.ts';
import { beside } from '../text/wrap.ts';

/** A quarter: as often as people meet for it. Own choice; it lists issuers, which are not revoked every day. */
const defaultLifeMs = 90 * 86_400_000;

/** The list is public. */
const publicMode = 0o644;

export async function run(call: Call): Promise<number> {
  const { options, output, world } = call;
  process.umask(0o077);
  const [file, out] = [options.text('revoke'), options.needed('out')];
  const plan = await planRootList({
    folder: resolve(world.workingDirectory, options.needed('root')),
    passphrases: rootPassphraseOf(call),
    revoke: file === undefined ? undefined : { name: basename(file), contents: await readInputText(file, world) },
    reason: (options.text('reason') ?? 'unspecified') as RootReason,
    lifeMs: options.milliseconds('life') ?? defaultLifeMs,
    clock: world.clock,
  });
  output.say(planText(plan));
  if (!options.on('yes')) await confirm('sign it?', world);
  const ocsp = options.text('ocsp');
  const { list, answers, number, transcript } = await plan.sign(basename(out), ocsp && basename(ocsp));
  const path = resolve(world.workingDirectory, out);
  await writeFileAtomically(path, list, { mode: publicMode });
  const answersPath = ocsp === undefined ? null : resolve(world.workingDirectory, ocsp);
  if (answersPath !== null) await writeFileAtomically(answersPath, answers, { mode: publicMode });
  const nextUpdate = toRfc3339(plan.nextUpdateMs);
  output.say(` signed: ${out}, until ${nextUpdate}`);
  output.hint(` print and sign: ${transcript.text}`);
  output.hint(
    ` carry ${out} to the authority, and there: countersign authority publish-crl FILE${ocsp === undefined ? '' : ' --ocsp FILE'}`,
  );
  output.result({
    ...{ list: path, ocsp: answersPath, number: String(number), revoked: plan.revoked.length, nextUpdate, transcript },
  });
  return 0;
}

function planText({ root, revoked, revokes, answeredFor, nextUpdateMs }: ListPlan): string {
  return [
    ' the root',
    ...beside('name', printable(root.certificate.subject.text), 3, 16),
    ' is asked for its revocation list',
    ...beside('until', toRfc3339(nextUpdateMs), 3, 16),
    ...(revokes === undefined ? [] : beside('revokes', printable(revokes.subject.text), 3, 16)),
    ...revoked.flatMap(({ serialNumber, reason, atMs }) =>
      beside('revoked', `${serialNumber}, ${reason}, ${toRfc3339(atMs)}`, 3, 16),
    ),
    ...answeredFor.flatMap(({ serialNumber, subject }) =>
      beside('certified', `${serialNumber}, ${printable(subject.text)}`, 3, 16),
    ),
    ...(revoked.length === 0 ? beside('revoked', 'none', 3, 16) : []),
  ].join('\n');
}
