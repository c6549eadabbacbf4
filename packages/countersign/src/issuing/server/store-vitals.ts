/** The storage port of health: how the database is, and whether it can be written now. */

export interface StoreMeasure {
  /** Of those that are kept; revoked stays revoked after expiry. */
  readonly certificates: { readonly valid: number; readonly expired: number; readonly revoked: number };
  readonly databaseBytes: number;
  /** Of the write-ahead log, which is a file beside the database. */
  readonly walBytes: number;
  /** What may still be written where the database is. */
  readonly diskFreeBytes: number;
  readonly diskBytes: number;
  /** When the latest copy for a backup was taken; absent where none was. */
  readonly lastBackupMs?: number;
}

export interface StoreVitals {
  measure(nowMs: number): Promise<StoreMeasure>;
  /** Resolves when something small is on disk; refused where nothing can be written. */
  tryWriting(nowMs: number): Promise<void>;
  /** Resolves when it is on disk that a copy for a backup was taken. */
  noteBackup(atMs: number): Promise<void>;
}
