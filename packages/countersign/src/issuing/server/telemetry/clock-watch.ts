/** Notices that the machine's clock went back, also where nothing is issued just then. */
import type { Clock, Timer } from '../../../ground/clock/index.ts';

/** Own choice: a step of NTP is noticed before many requests meet it. */
const everyMs = 10_000;

/** Less is how NTP slews and how two readings differ. */
const toleranceMs = 1_000;

/** @returns ends the watching */
export function watchClock(clock: Clock, onWentBack: (byMs: number) => void): () => void {
  const offset = (): number => clock.now() - clock.monotonic();
  let before = offset();
  let timer: Timer | undefined;
  const look = (): void => {
    const now = offset();
    if (before - now > toleranceMs) onWentBack(before - now);
    before = now;
    timer = clock.after(everyMs, look, { unref: true });
  };
  look();
  return () => timer?.cancel();
}
