/** The only reader of time. */
export type { Clock, Timer } from './clock.ts';
export { manualClock, type ManualClock } from './manual-clock.ts';
export { parseRfc3339, toRfc3339 } from './rfc3339.ts';
export { sleep } from './sleep.ts';
export { kernelMonotonicUs, systemClock } from './system-clock.ts';
