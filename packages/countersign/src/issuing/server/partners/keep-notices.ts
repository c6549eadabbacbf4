/** Looks each hour whose certificate ends soon, and tells: to the log, and to a webhook where one is set. Off unless the settings say otherwise. */
import type { Clock, Timer } from '../../../ground/clock/index.ts';
import { durationMs } from '../../../runtime/config/index.ts';
import type { CertificateInventory } from '../../authority/index.ts';
import { dueNotices, type PartnerBook } from '../../partner-registry/index.ts';
import type { ServerLog } from '../server-event.ts';
import type { PartnersSection } from '../settings/partners-section.ts';
import { sendWebhook } from './send-webhook.ts';

export interface NoticesOptions {
  readonly book: PartnerBook;
  readonly inventory: CertificateInventory;
  readonly trustDomain: string;
  /** Asked for at each round, since settings can change. */
  readonly settings: () => PartnersSection | undefined;
  readonly clock: Clock;
  readonly log: ServerLog;
}

/** Own choices: nobody waits for it, and times before an end are days. */
const firstMs = 60_000;
const everyMs = 3_600_000;

/** More than these wait for nobody: the rest is in the log. */
const mostWebhooks = 100;

export function keepNotices(options: NoticesOptions): { close(): void } {
  const { clock, log } = options;
  let timer: Timer | undefined;
  const end = new AbortController();
  const failed = (why: unknown): void => log({ event: 'failed', what: 'notices to partners', why: String(why) });
  const arm = (ms: number): void => {
    if (!end.signal.aborted)
      timer = clock.after(
        ms,
        () =>
          void round()
            .catch(failed)
            .then(() => arm(everyMs)),
        { unref: true },
      );
  };
  const round = async (): Promise<void> => {
    const notices = options.settings()?.notices;
    if (notices === undefined) return;
    const before = notices.before.map(durationMs);
    const due = await dueNotices({ ...options, before, nowMs: clock.now() });
    for (const { partner, serial, notAfterMs } of due) log({ event: 'partner-expires', partner, serial, notAfterMs });
    const { webhook } = notices;
    if (webhook === undefined) return;
    const means = { clock, ended: end.signal, fetch: globalThis.fetch };
    for (const notice of due.slice(0, mostWebhooks)) void sendWebhook(notice, webhook, means).catch(failed);
  };
  arm(firstMs);
  return {
    close: () => {
      end.abort();
      timer?.cancel();
    },
  };
}
