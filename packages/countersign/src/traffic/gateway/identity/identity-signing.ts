/** The signer of identities and its keys, for as long as the configuration leaves them as they are; keys that are made here outlive a restart. */
import type { Clock } from '../../../ground/clock/index.ts';
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
import type { SigningSettings } from '../configuration/gateway-file.ts';
import { KeyKeeper, type OnUnkept } from './key-keeper.ts';
import { keysOf, parseSigningState } from './signing-state.ts';

interface Signing {
  readonly settings: SigningSettings;
  readonly written: string;
  readonly keys: SigningKeys;
  readonly signer: IdentitySigner;
}

export class IdentitySigning {
  readonly #clock: Clock;
  readonly #keeper: KeyKeeper;
  #signing: Signing | undefined;

  constructor(clock: Clock, onUnkept: OnUnkept) {
    this.#clock = clock;
    this.#keeper = new KeyKeeper(onUnkept);
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
    if (this.#signing?.written === written) return;
    const keys =
      given ?? this.#rotating(loaded as { path: string; kept: KeptKeys | undefined }, settings.rotateEveryMs);
    this.#use(settings, written, keys);
  }

  /** Those of now, of whoever exchanges them for several processes. @param text as the state holds them */
  hand(text: string): void {
    if (this.#signing === undefined) return;
    const { settings } = this.#signing;
    const keys = givenKeys(keysOf(parseSigningState(text)));
    this.#use(settings, JSON.stringify([settings, keys.jwks()]), keys);
  }

  sign(caller: CheckedCaller, request: SignedFor): string {
    if (this.#signing === undefined) throw new TypeError('the configuration was not checked: signed without signing');
    return this.#signing.signer.sign(caller, request);
  }

  jwks(): { readonly keys: readonly object[] } {
    return this.#signing?.keys.jwks() ?? { keys: [] };
  }

  settled(): Promise<void> {
    return this.#keeper.settled();
  }

  #rotating({ path, kept }: { path: string; kept: KeptKeys | undefined }, rotateEveryMs: number): SigningKeys {
    return rotatingKeys({ clock: this.#clock, rotateEveryMs, kept, onChange: (keys) => this.#keeper.keep(path, keys) });
  }

  #use(settings: SigningSettings, written: string, keys: SigningKeys): void {
    const { issuer, lifeMs, certificate } = settings;
    const signer = identitySigner({ clock: this.#clock, keys, issuer, lifeMs, certificate });
    this.#signing = { settings, written, keys, signer };
  }
}
