/** The passphrase of a root that is carried: needed, and never the machine's choice. */
import { Refusal } from '../../ground/errors/index.ts';
import type { GivenPassphrase } from '../../issuing/server/index.ts';
import type { Call } from '../call.ts';
import { KeyPassphrase, rootPassphrase } from '../input/key-passphrase.ts';

export function rootPassphraseOf({ options, world }: Call): KeyPassphrase {
  return new KeyPassphrase(options.text('root-passphrase-file'), rootPassphrase, world);
}

/** For a root that is about to be written. @throws CS-CEREMONY-004 */
export async function chosenRootPassphrase(call: Call, folder: string): Promise<GivenPassphrase> {
  const passphrase = await rootPassphraseOf(call).choosing('the root');
  if (passphrase === undefined) throw new Refusal('CS-CEREMONY-004', { folder });
  return passphrase;
}
