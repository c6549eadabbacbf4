/** The keys with which all workers sign: made, kept and exchanged by the primary alone, and handed on with the contents of the files. */
import type { Clock, Timer } from '../../../ground/clock/index.ts';
import { generatePrivateKey } from '../../../runtime/cryptography/index.ts';
import { type KeptKeys, rotatingKeys, type SigningKeys } from '../../forwarded-identity/index.ts';
import type { Contents, LoadedConfiguration } from '../configuration/load-configuration.ts';
import { KeyKeeper, type OnUnkept } from '../identity/key-keeper.ts';
import { signingStateText } from '../identity/signing-state.ts';

export interface PrimarySigningParts {
  readonly clock: Clock;
  readonly onUnkept: OnUnkept;
  /** There are others than before. */
  readonly onKeys: (text: string) => void;
}

interface Running {
  readonly path: string;
  readonly rotateEveryMs: number;
  readonly keys: SigningKeys;
}

/** How late keys are exchanged at most: the next has been published for as long as one signs. Own choice. */
const lookEveryMs = 60_000;

export class PrimarySigning {
  readonly #parts: PrimarySigningParts;
  readonly #keeper: KeyKeeper;
  readonly #kept = new Map<string, KeptKeys>();
  #running: Running | undefined;
  #timer: Timer | undefined;

  constructor(parts: PrimarySigningParts) {
    this.#parts = parts;
    this.#keeper = new KeyKeeper(parts.onUnkept);
  }

  /** What the files hold, with the keys as they are now: those in use, of an earlier run, or new ones, which are in use after `take`. */
  contentsOf({ contents, signing }: LoadedConfiguration): Contents {
    if (contents === undefined) throw new TypeError('a configuration for workers comes with the contents of its files');
    if (signing === undefined || 'given' in signing) return contents;
    const { path, kept } = signing;
    const keys = this.#kept.get(path) ?? kept ?? this.#new();
    this.#kept.set(path, keys);
    return new Map([...contents, [path, signingStateText(keys)]]);
  }

  /** From now on these are used. Nothing fails. */
  take({ signing, file }: LoadedConfiguration): void {
    const path = signing !== undefined && 'path' in signing ? signing.path : undefined;
    const rotateEveryMs = file.signing?.rotateEveryMs ?? 0;
    for (const known of this.#kept.keys()) if (known !== path) this.#kept.delete(known);
    if (this.#running?.path === path && this.#running?.rotateEveryMs === rotateEveryMs) return;
    this.#timer?.cancel();
    this.#running = undefined;
    const kept = this.#kept.get(path ?? '');
    if (path === undefined || kept === undefined) return;
    const { clock } = this.#parts;
    const keys = rotatingKeys({ clock, rotateEveryMs, kept, onChange: (changed) => this.#change(path, changed) });
    this.#running = { path, rotateEveryMs, keys };
    this.#keeper.keep(path, kept);
    this.#look();
  }

  /** Of a configuration that is in force: as workers take it. */
  get text(): string | undefined {
    const kept = this.#kept.get(this.#running?.path ?? '');
    return kept && signingStateText(kept);
  }

  /** Resolves when what there is was written. */
  close(): Promise<void> {
    this.#timer?.cancel();
    return this.#keeper.settled();
  }

  #new(): KeptKeys {
    const make = (): KeptKeys['current'] => generatePrivateKey('P-256');
    return { current: make(), next: make(), sinceMs: this.#parts.clock.now() };
  }

  #change(path: string, keys: KeptKeys): void {
    this.#kept.set(path, keys);
    this.#keeper.keep(path, keys);
    this.#parts.onKeys(signingStateText(keys));
  }

  /** Who asks for the one that signs exchanges it where it is time. */
  #look(): void {
    this.#running?.keys.current();
    this.#timer = this.#parts.clock.after(lookEveryMs, () => this.#look(), { unref: true });
  }
}
