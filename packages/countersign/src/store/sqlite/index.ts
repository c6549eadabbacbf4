/** The storage ports of the issuing side on SQLite: one file, one process, one thread of its own. */
export { beginNewLife, checkDatabase, type DatabaseFacts, type NewLife } from './restore-database.ts';
export { type AuditFile, openAuditFile } from './open-audit-file.ts';
export { openSqliteStore, type SqliteStore, type SqliteStoreOptions } from './open-sqlite-store.ts';
export { migrate } from './migrate.ts';
export type { Migration } from './migrations/migration.ts';
export { migrations } from './migrations/migrations.ts';
