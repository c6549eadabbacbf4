/** What SQLite's result codes mean for the one who asked (https://sqlite.org/rescode.html). */

export type FailureKind =
  /** Another process holds the file. */
  | 'held'
  /** The file is damaged. */
  | 'damaged'
  /** The file is no database, or its first page is damaged. */
  | 'no database'
  /** The disk has no room. */
  | 'full'
  /** The disk, or what lies between, failed. */
  | 'disk'
  /** The statement was refused: a rule of the schema, a mistake of the caller's. */
  | 'statement';

const kinds: ReadonlyMap<number, FailureKind> = new Map([
  [5, 'held'],
  [11, 'damaged'],
  [26, 'no database'],
  [13, 'full'],
  // PERM, NOMEM, READONLY, IOERR, CANTOPEN, PROTOCOL, NOLFS
  ...[3, 7, 8, 10, 14, 15, 22].map((code) => [code, 'disk'] as const),
]);

/** The system's own, from files beside the database. */
const systemKinds: ReadonlyMap<string, FailureKind> = new Map([
  ['ENOSPC', 'full'],
  ['EDQUOT', 'full'],
  ['EIO', 'disk'],
  ['EROFS', 'disk'],
  ['EACCES', 'disk'],
]);

/** SQLITE_IOERR_WRITE and friends tell of a full disk only by the system's error, which is not handed on: they count as the disk's. */
export function failureKind(error: unknown): FailureKind {
  if (!(error instanceof Error)) return 'statement';
  // The lowest octet is the kind, what is above it the particular case.
  if ('errcode' in error) return kinds.get(Number(error.errcode) & 0xff) ?? 'statement';
  return ('code' in error ? systemKinds.get(String(error.code)) : undefined) ?? 'statement';
}
