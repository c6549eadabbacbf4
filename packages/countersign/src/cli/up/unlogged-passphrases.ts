/** Passphrases that the log's last filter knows from the moment on in which this process does: a passphrase looks like nothing. */
import type { GivenPassphrase, KeyPassphrases } from '../../issuing/server/index.ts';
import type { Redactor } from '../../runtime/telemetry/index.ts';

export function unloggedPassphrases(passphrases: KeyPassphrases, redactor: Redactor): KeyPassphrases {
  const remember = (passphrase: GivenPassphrase | undefined): GivenPassphrase | undefined => {
    if (passphrase !== undefined) redactor.remember(passphrase.text);
    return passphrase;
  };
  return {
    given: async () => remember(await passphrases.given()),
    opening: async (file, wrong) => remember(await passphrases.opening(file, wrong)),
  };
}
