/** Keeps `process.nextTick` as fast as it was when the process was young. */
import { executionAsyncResource } from 'node:async_hooks';

let kept: object | undefined;

/**
 * Node makes an object for each tick, whose shape nothing keeps alive while no tick waits. After a few full collections in such moments V8 has lost it, and
 * the code that makes these objects takes its slow way from then on, for as long as the process lives. Measured (Node 26): 0.13 us for a tick before, 0.55 us
 * after; a request has several. One such object, held for good, keeps the shape. To be called early: a shape that was lost is not found again.
 */
export function keepTickShape(): void {
  if (kept !== undefined) return;
  process.nextTick(() => (kept = executionAsyncResource()));
}
