/** The clock as everything else sees it: a port, so that a test can hold time still or let a laptop sleep. */

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
  /** Milliseconds since an arbitrary start; never goes back. */
  monotonic(): number;
  /**
   * Calls `callback` once, `delayMs` from now.
   * @param options.unref whether the process may end while this is pending; default false
   */
  after(delayMs: number, callback: () => void, options?: { unref?: boolean }): Timer;
}
