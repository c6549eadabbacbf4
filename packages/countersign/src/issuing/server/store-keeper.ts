/** The storage port of tidying: what is of no use any more goes, in small steps, so that issuing is not held up. */

/** How long what is kept, in milliseconds after its last use, but for the feed's changes, which are counted. */
export interface TidyRules {
  /** Certificates, after they expired. */
  readonly certificatesMs: number;
  /** Revocations, after the certificate expired, and not before all of its line of renewals are gone. */
  readonly revocationsMs: number;
  /** Tokens, after they expired, used or not. */
  readonly tokensMs: number;
  /** Intents of which no certificate came, after they were recorded. */
  readonly intentsMs: number;
  /** Endpoints that do not follow the feed any more, after they were last heard of. */
  readonly endpointsMs: number;
  /** Changes of the feed that can be told one by one; who has missed more is told the whole state. */
  readonly feedChanges: number;
}

export interface TidyOrder {
  readonly nowMs: number;
  readonly keep: TidyRules;
  /** Rows of each kind, and pages, in this step. */
  readonly most: number;
  /** Where the step before ended. */
  readonly cursor?: string | undefined;
}

export interface TidyCounts {
  readonly certificates: number;
  readonly revocations: number;
  readonly tokens: number;
  readonly intents: number;
  readonly endpoints: number;
  readonly changes: number;
}

export interface TidyOutcome {
  readonly removed: TidyCounts;
  /** Pages of the file that were given back. */
  readonly pages: number;
  /** There is more to do: the cursor of the next step. */
  readonly next?: string;
}

export interface StoreKeeper {
  /** One step; resolves when it is on disk. */
  tidy(order: TidyOrder): Promise<TidyOutcome>;
}
