/** Who is told at a moment of the wall clock, once; many at the same moment in slices. */
import type { Clock } from '../../../ground/clock/index.ts';
import { tell } from '../tell.ts';
import { type Due, ExpiryQueue } from './expiry-queue.ts';
import { type Sliceable, SlicedWork } from './sliced-work.ts';

/** Called at `dueAt`, once. */
export interface Reminder extends Due, Sliceable {
  remind(): void;
}

export function reminderQueue(clock: Clock): ExpiryQueue<Reminder> {
  const reminding = new SlicedWork<Reminder>(clock, (reminder) => {
    tell(() => reminder.remind());
    return 'seen';
  });
  return new ExpiryQueue(clock, (due) => {
    reminding.add(due, 'urgent');
    reminding.begin();
  });
}
