/** Makes the key of an issuer and writes its request into a file for carrying. */
import { resolve } from 'node:path';
import { Refusal } from '../../ground/errors/index.ts';
import { parseNameText } from '../../identity/x509/index.ts';
import { requestIssuer } from '../../issuing/server/index.ts';
import { ensurePrivateDirectory, writeFileAtomically } from '../../runtime/config/index.ts';
import { sha256Hex } from '../../runtime/cryptography/index.ts';
import type { Call } from '../call.ts';
import { calledAs, shellWords } from '../called-as.ts';
import { KeyPassphrase, statePassphrase } from '../input/key-passphrase.ts';
import { existingStateDirectory, stateDirectoryOf } from '../local-authority.ts';
import { beside } from '../text/wrap.ts';

/** Public, and to be read by whoever certifies it. */
const publicMode = 0o644;

export const voidRequest = ' an earlier request is void now: its key is gone';

/** @param trustDomain of a new authority; absent: for the one that is there */
export async function requestToFile(call: Call, trustDomain?: string): Promise<number> {
  const { options, output, world } = call;
  const out = options.text('out') ?? 'issuer.request.pem';
  const dir = trustDomain === undefined ? existingStateDirectory(call) : stateDirectoryOf(call);
  await ensurePrivateDirectory(dir);
  const name = options.text('name');
  const passphrase = await new KeyPassphrase(options.text('passphrase-file'), statePassphrase, world).given();
  const made = await requestIssuer({
    dir,
    trustDomain,
    passphrase,
    subject: name === undefined ? undefined : subjectOf(name),
  });
  const path = resolve(world.workingDirectory, out);
  await writeFileAtomically(path, made.request, { mode: publicMode });
  const sha256 = sha256Hex(new TextEncoder().encode(made.request));
  output.say(
    [
      ...beside('request', out, 1, 12),
      ...beside('its SHA-256', sha256, 1, 14),
      ...beside("key's SHA-256", made.keySha256, 1, 16),
    ].join('\n'),
  );
  if (made.replaced) output.hint(voidRequest);
  const take =
    trustDomain === undefined
      ? `${calledAs(world.env)} authority ceremony accept FILE`
      : `${calledAs(world.env)} authority import FILE --anchor ROOT --dir ${shellWords([dir])}`;
  output.hint(` have it certified, then: ${take}`);
  output.result({ dir, trustDomain: made.trustDomain, request: path, sha256, keySha256: made.keySha256 });
  return 0;
}

function subjectOf(name: string): Uint8Array {
  const subject = parseNameText(name.includes('=') ? name : `CN=${name}`);
  if (subject.isEmpty) throw new Refusal('CS-USAGE-003', { option: '--name', value: name, expected: 'CN=...,O=...' });
  return subject.raw;
}
