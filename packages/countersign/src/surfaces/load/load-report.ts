/** What a load came to. */

/** Milliseconds, of the operations that succeeded. */
export interface LoadLatency {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export interface LoadReport {
  /** Those that succeeded. */
  readonly operations: number;
  readonly failed: number;
  /** By the code of the refusal, the system's name of the error, or the answer's status (`HTTP 503`). */
  readonly failures: Readonly<Record<string, number>>;
  /** From the first start to the last end. */
  readonly elapsedMs: number;
  /** Operations that succeeded. */
  readonly perSecond: number;
  readonly latencyMs: LoadLatency;
  /** Counts of operations whose latency was below each of these milliseconds and not below the one before. */
  readonly distribution: readonly { readonly belowMs: number; readonly count: number }[];
  /** Of the application, received. */
  readonly bytes: number;
  /** CPU time, user and system, of the process named in the plan, for one operation; to the hundredth of a second in all. */
  readonly cpuUsPerOperation?: number;
  /** CPU time of the generator itself for each second: near 1 it is the generator that sets the rate, and its own waits are in the latencies. */
  readonly generatorBusy: number;
}

export interface LoadProgress {
  readonly elapsedMs: number;
  readonly operations: number;
  readonly failed: number;
  /** Since the last progress. */
  readonly perSecond: number;
}
