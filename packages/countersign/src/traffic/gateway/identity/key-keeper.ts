/** Writes the keys that identities are signed with, so that they outlive a restart. */
import { Refusal } from '../../../ground/errors/index.ts';
import { writeFileAtomically } from '../../../runtime/config/index.ts';
import type { KeptKeys } from '../../forwarded-identity/index.ts';
import { signingStateText } from './signing-state.ts';

/** Told CS-GATEWAY-080. */
export type OnUnkept = (refusal: Refusal) => void;

export class KeyKeeper {
  readonly #onUnkept: OnUnkept;
  #writing: Promise<void> = Promise.resolve();

  constructor(onUnkept: OnUnkept) {
    this.#onUnkept = onUnkept;
  }

  /** One after the other, so that the last of them is what stays. */
  keep(path: string, keys: KeptKeys): void {
    this.#writing = this.#writing.then(async () => {
      try {
        await writeFileAtomically(path, signingStateText(keys));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.#onUnkept(new Refusal('CS-GATEWAY-080', { path, reason }, { cause: error }));
      }
    });
  }

  settled(): Promise<void> {
    return this.#writing;
  }
}
