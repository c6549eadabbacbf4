/** Files of a state directory in one encrypted file: written whole or not at all, read to the end or refused. */
export type { BackedUpFile, BackupManifest } from './manifest.ts';
export { type BackupQuestion, type FileSink, readBackup } from './read-backup.ts';
export { type BackupOrder, type FileToBackUp, writeBackup } from './write-backup.ts';
