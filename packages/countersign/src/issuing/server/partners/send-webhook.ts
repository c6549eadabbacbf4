/** A notice to a webhook: JSON, signed with HMAC-SHA256, tried a few times, never followed elsewhere. */
import { type Clock, sleep, toRfc3339 } from '../../../ground/clock/index.ts';
import { toHex } from '../../../ground/encoding/index.ts';
import { readPrivateFile } from '../../../runtime/config/index.ts';
import { hmacSha256 } from '../../../runtime/cryptography/index.ts';
import type { ExpiryNotice } from '../../partner-registry/index.ts';

export interface Webhook {
  readonly url: string;
  readonly secretFile: string;
}

/** Own choices: a receiver that restarts is back within them. */
const triesMs = [0, 5_000, 60_000, 600_000] as const;
const longestAnswerMs = 10_000;

/** `Countersign-Signature: t=SECONDS,v1=HEX`: HMAC-SHA256 over `SECONDS.BODY`, so that an old one is told from a new one. `ended` ends it without a word. Throws where no try succeeded. */
export async function sendWebhook(
  notice: ExpiryNotice,
  { url, secretFile }: Webhook,
  { clock, ended, fetch }: { clock: Clock; ended: AbortSignal; fetch: typeof globalThis.fetch },
): Promise<void> {
  const utf8 = new TextEncoder();
  let last: unknown;
  for (const waitMs of triesMs) {
    // A wait that is cut off is over.
    if (waitMs > 0) await sleep(clock, waitMs, ended).catch(() => undefined);
    if (ended.aborted) return;
    try {
      const { partner, serial, notAfterMs, contacts } = notice;
      const body = JSON.stringify({
        ...{ event: 'partner-certificate-expires', partner, serial, notAfter: toRfc3339(notAfterMs), contacts },
      });
      const secret = (await readPrivateFile(secretFile)).split(/\r?\n/, 1)[0] ?? '';
      if (secret.length < 16) throw new TypeError('the secret has fewer than 16 characters');
      const seconds = String(Math.floor(clock.now() / 1000));
      const signature = toHex(hmacSha256(utf8.encode(secret), utf8.encode(`${seconds}.${body}`)));
      const answer = await fetch(url, {
        ...{
          method: 'POST',
          body,
          redirect: 'error',
          signal: AbortSignal.any([ended, AbortSignal.timeout(longestAnswerMs)]),
        },
        headers: { 'Content-Type': 'application/json', 'Countersign-Signature': `t=${seconds},v1=${signature}` },
      });
      await answer.body?.cancel();
      if (answer.ok) return;
      last = new Error(`answered ${String(answer.status)}`);
    } catch (error) {
      last = error;
    }
  }
  if (!ended.aborted) throw last;
}
