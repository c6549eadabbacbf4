/** `authority ceremony sign`: on the machine of the root, shows what is asked for, and signs it where that is confirmed. */
import { basename, resolve } from 'node:path';
import { toRfc3339 } from '../../ground/clock/index.ts';
import { printable } from '../../ground/errors/index.ts';
import { planSigning, type SigningPlan } from '../../issuing/server/index.ts';
import { writeFileAtomically } from '../../runtime/config/index.ts';
import { sha256Hex } from '../../runtime/cryptography/index.ts';
import { rootPassphraseOf } from '../authority/root-passphrase.ts';
import { confirm } from '../ask.ts';
import type { Call } from '../call.ts';
import { readInputText } from '../input/read-input.ts';
import { beside } from '../text/wrap.ts';

/** The certificate is public. */
const publicMode = 0o644;

export async function run(call: Call): Promise<number> {
  const { options, output, world } = call;
  process.umask(0o077);
  const [file, out] = [options.needed('request'), options.needed('out')];
  const plan = await planSigning({
    folder: resolve(world.workingDirectory, options.needed('root')),
    passphrases: rootPassphraseOf(call),
    request: { name: basename(file), contents: await readInputText(file, world) },
    clock: world.clock,
  });
  output.say(planText(plan));
  if (!options.on('yes')) await confirm('compare the sums with those of the requester. Sign it?', world);
  const { answer, issuer, transcript } = await plan.sign(basename(out));
  const path = resolve(world.workingDirectory, out);
  await writeFileAtomically(path, answer, { mode: publicMode });
  output.say(` signed: ${out}, until ${toRfc3339(issuer.notAfter)}`);
  output.hint(` print and sign: ${transcript.text}`);
  output.hint(` carry ${out} back, and there: countersign authority ceremony accept FILE`);
  output.result({
    certificate: path,
    serial: issuer.serialNumber,
    subject: issuer.subject.text,
    notAfter: toRfc3339(issuer.notAfter),
    sha256: sha256Hex(issuer.raw),
    transcript,
  });
  return 0;
}

function planText({ root, trustDomain, request, requestSha256 }: SigningPlan): string {
  return [
    ' the root',
    ...beside('name', printable(root.certificate.subject.text), 3, 16),
    ...beside('SHA-256', sha256Hex(root.certificate.raw), 3, 16),
    ' is asked to certify as an issuer, with path length 0, for a year',
    ...beside('name', printable(request.subject.text), 3, 16),
    ...beside('trust domain', trustDomain, 3, 16),
    ...beside('key', request.publicKey.type, 3, 16),
    ...beside("key's SHA-256", sha256Hex(request.publicKey.raw), 3, 16),
    ...beside('request', requestSha256, 3, 16),
  ].join('\n');
}
