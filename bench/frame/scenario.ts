/** What a scenario is: one act, and the subjects that do it, measured against each other. */

export interface Subject {
  /** Who does it: "countersign", or another program or library. */
  readonly name: string;
  /** Makes everything ready that is not to be measured. */
  start(): Promise<Running>;
}

export interface Running {
  /** The act, once. */
  operation(): Promise<void>;
  close(): Promise<void>;
}

/** A file in bench/scenarios exports these two by these names. */
export interface Scenario {
  /** What is done: "handshake", "issue-memory". */
  readonly scenario: string;
  readonly subjects: readonly Subject[];
}

export interface Measurement {
  readonly scenario: string;
  readonly subject: string;
  /** Microseconds of this process's CPU time, user and system, for one operation. */
  readonly unit: 'us';
  readonly min: number;
  readonly median: number;
  readonly max: number;
}
