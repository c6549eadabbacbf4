/** Signs the answers for what is on record before anybody asks, and anew at half of their lives, a little at a time. */
import type { Clock, Timer } from '../../ground/clock/index.ts';
import type { CertificateInventory } from '../authority/index.ts';
import { hashesAhead, type OcspResponder } from './ocsp-responder.ts';

export interface SigningAheadOptions {
  readonly responder: OcspResponder;
  readonly inventory: Pick<CertificateInventory, 'page'>;
  readonly issuerKey: string;
  readonly clock: Clock;
  readonly failed: (error: unknown) => void;
}

export interface SigningAhead {
  /** When all that is on record now is signed, or the next look at it failed. */
  once(): Promise<void>;
  close(): void;
}

/** How soon what was issued is signed; before that, who asks for it waits for the signature. Own choice. */
const lookMs = 5_000;

/** The most of the event loop at once. Own choice: as the slices of the trust epoch. */
const sliceMs = 5;

const mostAPage = 256;

export function signAhead(options: SigningAheadOptions): SigningAhead {
  const { responder, inventory, issuerKey, clock, failed } = options;
  let timer: Timer | undefined;
  let closed = false;
  let after: string | undefined;
  let running: Promise<void> | undefined;

  const pace = pacing(clock);
  const newOnes = async (): Promise<void> => {
    for (;;) {
      const { records, next } = await inventory.page(after, mostAPage);
      for (const record of records) {
        if (record.issuerKey !== issuerKey || record.notAfterMs < clock.now()) continue;
        for (const hash of hashesAhead) {
          responder.prepare(record, hash);
          await pace();
        }
        if (closed) return;
      }
      // The last page is read again the next time: it may have grown.
      if (next === undefined) return;
      after = next;
    }
  };
  const look = async (): Promise<void> => {
    try {
      await newOnes();
      for (const { record, hash } of [...responder.due()]) {
        if (closed) return;
        responder.prepare(record, hash);
        await pace();
      }
    } catch (error) {
      failed(error);
    }
  };
  const once = (): Promise<void> => (running ??= look().finally(() => (running = undefined)));
  const arm = (): void => {
    if (closed) return;
    timer = clock.after(lookMs, () => void once().then(arm), { unref: true });
  };
  void once().then(arm);
  return {
    once,
    close: () => {
      closed = true;
      timer?.cancel();
    },
  };
}

/** Lets others have a turn where the slice is used up. */
function pacing(clock: Clock): () => Promise<void> | undefined {
  let startedMs = clock.now();
  return () => {
    if (clock.now() - startedMs < sliceMs) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        startedMs = clock.now();
        resolve();
      });
    });
  };
}
