/** When the certificates of the partners end, as far as they were seen: told ahead, and as a metric, one for each partner. */
import { type Clock, type Timer, toRfc3339 } from '../../../ground/clock/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { parseCertificate } from '../../../identity/x509/index.ts';
import type { Metrics } from '../../../runtime/telemetry/index.ts';
import type { CheckedCaller } from '../../forwarded-identity/index.ts';

const dayMs = 86_400_000;

/** Own choices, as the authority's example: a month, a week, a day ahead; looked at each hour. */
const noticesBeforeMs = [30 * dayMs, 7 * dayMs, dayMs] as const;
const everyMs = 3_600_000;

interface Seen {
  readonly serialNumber: string;
  readonly notBefore: number;
  readonly notAfter: number;
  /** The nearest notice that was given. */
  toldBeforeMs: number;
}

export class PartnerExpiries {
  readonly #clock: Clock;
  readonly #onExpiring: (notice: Refusal) => void;
  readonly #seen = new Map<string, Seen>();
  #timer: Timer | undefined;

  /** @param onExpiring hears of CS-GATEWAY-068, once for each certificate and time ahead */
  constructor(clock: Clock, onExpiring: (notice: Refusal) => void) {
    this.#clock = clock;
    this.#onExpiring = onExpiring;
  }

  /** Of several certificates that one partner shows, that counts which ends last: whoever has renewed needs no notice. */
  met(partner: string, { serialNumber, notAfter, certificate }: CheckedCaller): void {
    const before = this.#seen.get(partner);
    if (before !== undefined && before.notAfter >= notAfter) return;
    const { notBefore } = parseCertificate(certificate);
    const seen = { serialNumber, notBefore, notAfter, toldBeforeMs: Number.POSITIVE_INFINITY };
    this.#seen.set(partner, seen);
    this.#look(partner, seen);
    this.#timer ??= this.#clock.after(everyMs, () => this.#lookAtAll(), { unref: true });
  }

  /** Those that are partners no more are forgotten. */
  keepOnly(partners: { has(name: string): boolean }): void {
    for (const name of this.#seen.keys()) if (!partners.has(name)) this.#seen.delete(name);
  }

  observe(metrics: Metrics): void {
    const expires = metrics.gauge<'partner'>({
      name: 'countersign_gateway_partner_certificate_expires_seconds',
      help: 'Until the certificate ends that a partner showed last, of several the one that ends last; negative once it has ended.',
      unit: 'seconds',
      labels: { partner: () => [...this.#seen.keys()] },
    });
    metrics.beforeRead(() => {
      for (const [partner, { notAfter }] of this.#seen)
        expires.set({ partner }, Math.round((notAfter - this.#clock.now()) / 1000));
    });
  }

  close(): void {
    this.#timer?.cancel();
  }

  #lookAtAll(): void {
    for (const [partner, seen] of this.#seen) this.#look(partner, seen);
    this.#timer = this.#clock.after(everyMs, () => this.#lookAtAll(), { unref: true });
  }

  #look(partner: string, seen: Seen): void {
    const { serialNumber, notBefore, notAfter } = seen;
    const leftMs = notAfter - this.#clock.now();
    // One that lives for a day is renewed each day, and nobody wants to hear of that.
    const come = noticesBeforeMs.filter((beforeMs) => leftMs <= beforeMs && beforeMs < (notAfter - notBefore) / 2);
    const nearest = Math.min(...come);
    if (come.length === 0 || seen.toldBeforeMs <= nearest) return;
    seen.toldBeforeMs = nearest;
    const evidence = { partner, serial: serialNumber, notAfter: toRfc3339(notAfter) };
    this.#onExpiring(new Refusal('CS-GATEWAY-068', evidence));
  }
}
