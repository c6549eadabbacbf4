/** What one caller has used of its limits. */
export interface Usage {
  readonly key: string;
  /**
   * The moment, in monotonic milliseconds, at which the burst is whole again: the one number of a token bucket ("generic cell rate algorithm").
   * In the past: it is whole.
   */
  wholeAt: number;
  /** Requests of the day that `day` counts. */
  today: number;
  day: number;
  connections: number;
  /** Not yet told to others who count for the same callers. */
  untold: number;
}

/** As it is told to other workers, and kept. */
export interface ToldUsage {
  readonly key: string;
  readonly requests: number;
}
