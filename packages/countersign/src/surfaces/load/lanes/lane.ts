/** One connection's worth of load: operations one after the other. */

export interface Lane {
  /** What need not be measured, before the first operation: a connection that is kept. */
  open(): Promise<void>;
  /** Answers the octets of the application that were received; rejects where it failed, and can be called again then. */
  operate(): Promise<number>;
  /** Ends what is under way, which rejects with `error`. */
  abort(error: Error): void;
}
