/** Keeps systemd told while the authority serves: that it is ready, how it is, that it lives, that it reads its settings again, that it ends. */
import { type Clock, kernelMonotonicUs, type Timer } from '../../ground/clock/index.ts';
import type { ReadinessAnswer } from '../../issuing/server/index.ts';
import type { Notifier } from './notify.ts';

export interface SystemTeller {
  reloading(): void;
  reloaded(): void;
  stopping(): void;
}

export interface TellSystemOptions {
  readonly notifier: Notifier;
  readonly assess: () => Promise<ReadinessAnswer>;
  /** What it serves, for people who ask `systemctl status`. */
  readonly serves: string;
  readonly clock: Clock;
}

/** Where there is no watchdog, the words of `systemctl status` are renewed this often. Own choice. */
const statusEveryMs = 30_000;

export function tellSystem({ notifier, assess, serves, clock }: TellSystemOptions): SystemTeller {
  const { watchdogMs } = notifier;
  let ended = false;
  let timer: Timer | undefined;
  let said: string | undefined;

  const look = async (): Promise<void> => {
    const { ready, alive, reasons } = await assess();
    if (ended) return;
    const status = ready
      ? `ready; ${serves}`
      : `not ready: ${reasons.map(({ code, title }) => `${code} ${title}`).join('; ')}`;
    // Unready for a reason that a new start does not mend (a full disk, an expired issuer), it goes on, and says why.
    notifier.tell(
      ...(alive && watchdogMs !== undefined ? ['WATCHDOG=1'] : []),
      ...(status === said ? [] : [`STATUS=${status}`]),
    );
    said = status;
    arm();
  };
  const arm = (): void => {
    timer = clock.after(Math.min(watchdogMs ?? statusEveryMs, statusEveryMs), () => void look(), { unref: true });
  };
  notifier.tell('READY=1', `STATUS=ready; ${serves}`);
  void look();

  return {
    // systemd.service(5), Type=notify-reload: with the time, so that it is not taken for an earlier reload's.
    reloading: () => notifier.tell('RELOADING=1', `MONOTONIC_USEC=${String(kernelMonotonicUs())}`),
    reloaded: () => notifier.tell('READY=1'),
    stopping: () => {
      ended = true;
      timer?.cancel();
      notifier.tell('STOPPING=1', 'STATUS=ending');
    },
  };
}
