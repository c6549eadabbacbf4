/** What a scenario is: one act, the subjects that do it, measured against each other, and what their costs should be. */

export interface Subject {
  /** Who does it: "countersign", or another program or library. */
  readonly name: string;
  /** How large the input is, where the scenario is done at several sizes. */
  readonly size?: number;
  /** Makes everything ready that is not to be measured. */
  start(): Promise<Running>;
}

export interface Running {
  /** How often one `operation` does the act, where callers at the same time are part of the scenario; default once. */
  readonly acts?: number;
  /** Makes what so many operations will use up, unmeasured. */
  prepare?(operations: number): void | Promise<void>;
  /** The act, once, or `acts` times at the same time. */
  operation(): Promise<void>;
  /** Microseconds of CPU time so far of what is measured, where that is another process than the one that asks; default this one's. */
  cpuUs?(): number;
  close(): Promise<void>;
}

/** A number about one subject that is not the cost of an act: memory, bytes on disk, how long a start takes, how many requests failed. */
export interface Fact {
  readonly name: string;
  readonly size?: number;
  readonly unit: 'us' | 'ms' | 'MB' | 'bytes' | 'count' | 'times';
  readonly value: number;
}

/** Who cannot do the scenario, and why: so that nobody is missing in silence. */
export interface AbsentSubject {
  readonly name: string;
  readonly absent: string;
}

/** What a subject, at a size where there are several, cost an operation in one round. */
export type CostOf = (subject: string, size?: number) => number;

/** A number that the costs of each round give, whose median should keep within a limit. */
export interface Goal {
  readonly goal: string;
  readonly bound: 'at least' | 'at most';
  readonly limit: number;
  value(cost: CostOf): number;
}

/** A number that nothing is to be met by: said in a note, as the median of the rounds. */
export interface Remark {
  readonly remark: string;
  value(cost: CostOf): number;
}

/** A file in bench/scenarios exports these by these names. */
export interface Scenario {
  /** What is done: "handshake", "issue-memory". */
  readonly scenario: string;
  /** What it belongs to, and is chosen by too: "x509". */
  readonly group?: string;
  readonly subjects: readonly Subject[];
  /** Instead of subjects: finds facts out, once. */
  readonly facts?: { readonly names: readonly string[]; find(): Promise<readonly Fact[]> };
  /** Takes minutes: chosen by its whole name alone. */
  readonly slow?: boolean;
  /** Wall time of one round; default 200. */
  readonly roundMs?: number;
  /** Operations of one round at the least, where a busy machine would get too few into its time. */
  readonly leastOperations?: number;
  readonly absent?: readonly AbsentSubject[];
  readonly goals?: readonly Goal[];
  readonly remarks?: readonly Remark[];
  /** What a reader of the numbers must know. */
  readonly notes?: readonly string[];
}

export interface Measurement {
  readonly scenario: string;
  readonly subject: string;
  readonly size?: number;
  /** `us`: microseconds of CPU time, user and system, for one act; others for facts. */
  readonly unit: Fact['unit'];
  readonly min: number;
  readonly median: number;
  readonly max: number;
  /** How many times the cost of countersign, at the same size: the median over the rounds. */
  readonly timesCountersign?: number;
}

export interface Absence extends AbsentSubject {
  readonly scenario: string;
}

export interface Outcome {
  readonly scenario: string;
  readonly goal: string;
  readonly bound: Goal['bound'];
  readonly limit: number;
  readonly value: number;
  readonly met: boolean;
}

export interface Results {
  readonly measurements: readonly Measurement[];
  readonly outcomes: readonly Outcome[];
  readonly absences: readonly Absence[];
  readonly notes: readonly string[];
}
