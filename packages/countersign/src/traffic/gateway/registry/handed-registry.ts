/** The partners of a registry as a worker has them: the primary follows it, and hands on who they are. */
import type { FollowedPartner } from '../../../runtime/api/index.ts';
import type { LoadedConfiguration } from '../configuration/load-configuration.ts';
import { type HandedPartners, mergedPartners } from './registered-partners.ts';
import { type Closed, keyOfRegistry } from './registry.ts';

export class HandedRegistry {
  /** Of the configuration in force, and of the one that is prepared. */
  readonly #handed = new Map<string, readonly FollowedPartner[]>();
  #onPartners: () => Closed = () => ({ connections: 0, requests: 0 });

  /** To be put into force at once. */
  set onPartners(listener: () => Closed) {
    this.#onPartners = listener;
  }

  /** Known from now on; in force with the next configuration, or by `hand`. */
  offer({ key, partners }: HandedPartners): void {
    if (key !== undefined) this.#handed.set(key, partners);
  }

  /** @returns what that closed */
  hand(handed: HandedPartners): Closed {
    this.offer(handed);
    return this.#onPartners();
  }

  whole(written: LoadedConfiguration): LoadedConfiguration {
    const registered = this.#handed.get(keyOfRegistry(written) ?? '') ?? [];
    if (registered.length === 0) return written;
    return { ...written, file: { ...written.file, partners: mergedPartners(written.file, registered).partners } };
  }

  /** Of others nothing is kept. */
  take(written: LoadedConfiguration): void {
    const key = keyOfRegistry(written);
    for (const known of this.#handed.keys()) if (known !== key) this.#handed.delete(known);
  }

  begin(): void {
    // The primary follows.
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** The primary says it. */
  get status(): undefined {
    return undefined;
  }

  observe(): void {
    // The primary does.
  }
}
