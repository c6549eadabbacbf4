/** Where an endpoint keeps what it remembers of the authority's audit log. */

/** A head of the log with the signed message that said so. */
export interface RememberedHead {
  /** Lower-case hex SHA-256 of the authority's root. */
  readonly authority: string;
  readonly sequence: number;
  /** Lower-case hex SHA-256. */
  readonly hash: string;
  /** When the authority said so, milliseconds since 1970. */
  readonly atMs: number;
  /** As it came from the feed. */
  readonly message: string;
}

/** Two messages of one authority that cannot both be true. */
export interface AuditEvidence {
  readonly earlier: string;
  readonly later: string;
}

export interface AuditMemory {
  load(): Promise<RememberedHead | undefined>;
  save(head: RememberedHead): Promise<void>;
  keepEvidence(evidence: AuditEvidence, atMs: number): Promise<void>;
}
