/** `authority export-crl`: the authority's revocation lists as files. */
import { resolve } from 'node:path';

import { toRfc3339 } from '../../ground/clock/index.ts';
import { exportLists } from '../../issuing/server/index.ts';
import type { Call } from '../call.ts';
import { KeyPassphrase, statePassphrase } from '../input/key-passphrase.ts';
import { existingStateDirectory } from '../local-authority.ts';

/** A month: long enough for a person who does it by hand. Own choice; it lists issuers, which are not revoked every day. */
const rootLifeMs = 30 * 86_400_000;

export async function run(call: Call): Promise<number> {
  const { options, output, world } = call;
  const dir = existingStateDirectory(call);
  const out = resolve(world.workingDirectory, options.needed('out'));
  const { lists, withoutRoot } = await exportLists({
    dir,
    out,
    passphrases: new KeyPassphrase(options.text('passphrase-file'), statePassphrase, world),
    rootLifeMs: options.milliseconds('root-life') ?? rootLifeMs,
    clock: world.clock,
  });
  for (const { file, revoked, nextUpdateMs } of lists)
    output.say(` ${file}\n   ${String(revoked)} revoked, until ${toRfc3339(nextUpdateMs)}`);
  output.say(` ${out}/crl.pem\n   for nginx (ssl_crl) and OpenSSL (-CRLfile)`);
  if (withoutRoot) {
    output.hint(" the root's key is not here: its list is missing,");
    output.hint(' and peers that check the whole chain will refuse without it');
  }
  const described = lists.map(({ nextUpdateMs, ...list }) => ({ ...list, nextUpdate: toRfc3339(nextUpdateMs) }));
  output.result({ out, lists: described, withoutRoot });
  return 0;
}
