/** The signer of identities and its keys, for as long as the configuration leaves them as they are; keys that are made here outlive a restart. */
import type { Clock } from '../../../ground/clock/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { writeFileAtomically } from '../../../runtime/config/index.ts';
import {
  type CheckedCaller,
  givenKeys,
  identitySigner,
  type IdentitySigner,
  type KeptKeys,
  rotatingKeys,
  type SignedFor,
  type SigningKeys,
} from '../../forwarded-identity/index.ts';
import type { LoadedConfiguration } from '../configuration/load-configuration.ts';
import { signingStateText } from './signing-state.ts';

export type OnUnkept = (refusal: Refusal) => void;

interface Signing {
  readonly settings: string;
  readonly keys: SigningKeys;
  readonly signer: IdentitySigner;
}

export class IdentitySigning {
  readonly #clock: Clock;
  readonly #onUnkept: OnUnkept;
  #signing: Signing | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(clock: Clock, onUnkept: OnUnkept) {
    this.#clock = clock;
    this.#onUnkept = onUnkept;
  }

  apply(configuration: LoadedConfiguration): void {
    const { signing: loaded, file } = configuration;
    const { signing: settings } = file;
    if (loaded === undefined || settings === undefined) {
      this.#signing = undefined;
      return;
    }
    const given = 'given' in loaded ? givenKeys(loaded.given) : undefined;
    const written = JSON.stringify([settings, given?.jwks()]);
    if (this.#signing?.settings === written) return;
    const { issuer, lifeMs, certificate } = settings;
    const keys =
      given ?? this.#rotating(loaded as { path: string; kept: KeptKeys | undefined }, settings.rotateEveryMs);
    const signer = identitySigner({ clock: this.#clock, keys, issuer, lifeMs, certificate });
    this.#signing = { settings: written, keys, signer };
  }

  sign(caller: CheckedCaller, request: SignedFor): string {
    if (this.#signing === undefined) throw new TypeError('the configuration was not checked: signed without signing');
    return this.#signing.signer.sign(caller, request);
  }

  jwks(): { readonly keys: readonly object[] } {
    return this.#signing?.keys.jwks() ?? { keys: [] };
  }

  settled(): Promise<void> {
    return this.#writing;
  }

  #rotating({ path, kept }: { path: string; kept: KeptKeys | undefined }, rotateEveryMs: number): SigningKeys {
    return rotatingKeys({ clock: this.#clock, rotateEveryMs, kept, onChange: (keys) => this.#keep(path, keys) });
  }

  /** One after the other, so that the last of them is what stays. */
  #keep(path: string, keys: KeptKeys): void {
    this.#writing = this.#writing.then(async () => {
      try {
        await writeFileAtomically(path, signingStateText(keys));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.#onUnkept(new Refusal('CS-GATEWAY-080', { path, reason }, { cause: error }));
      }
    });
  }
}
