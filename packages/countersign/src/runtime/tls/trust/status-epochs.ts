/** In which epoch what is known of whose status changed last, so that a change concerns those alone whom it may concern. */
import type { StatusChange } from './status-check.ts';

/** Keys that are told apart; beyond them a change concerns everybody. Own choice: about 150 bytes each. */
const mostKeys = 10_000;

export class StatusEpochs {
  #ofEverything = 0;
  readonly #ofIssuer = new Map<string, number>();
  readonly #ofCertificate = new Map<string, number>();

  note(change: StatusChange, epoch: number): void {
    if (change.kind === 'issuers') for (const key of change.issuerKeys) this.#ofIssuer.set(key, epoch);
    else if (change.kind === 'certificates')
      for (const key of change.revocationKeys) this.#ofCertificate.set(key, epoch);
    else this.#forEverybody(epoch);
    if (this.#ofIssuer.size + this.#ofCertificate.size > mostKeys) this.#forEverybody(epoch);
  }

  /** @param revocationKeys of each certificate of a path below its anchor */
  latestOf(revocationKeys: readonly string[]): number {
    let latest = this.#ofEverything;
    if (this.#ofIssuer.size + this.#ofCertificate.size === 0) return latest;
    for (const key of revocationKeys) {
      latest = Math.max(latest, this.#ofCertificate.get(key) ?? 0);
      latest = Math.max(latest, this.#ofIssuer.get(key.slice(0, key.indexOf(':'))) ?? 0);
    }
    return latest;
  }

  #forEverybody(epoch: number): void {
    this.#ofEverything = epoch;
    this.#ofIssuer.clear();
    this.#ofCertificate.clear();
  }
}
