/** Files and where they live: the state directory, private files, atomic writes, JSON with a schema. */
export { durationMs, durationText } from './duration.ts';
export { readFailure, systemCode, writeFailure } from './file-failure.ts';
export { readJsonFile, writeJsonFile } from './json-file.ts';
export { ensurePrivateDirectory } from './private-directory.ts';
export { type PrivateFileRefusal, readPrivateFile, requirePrivateFile } from './read-private-file.ts';
export { readCheckedSettings } from './read-checked-settings.ts';
export { readSettingsFile } from './read-settings-file.ts';
export { readTextFile, type ReadOptions } from './read-text-file.ts';
export { socketPath, type SocketPath } from './socket-path.ts';
export { stateDirectory, type StateDirectoryQuestion } from './state-directory.ts';
export { removeUnfinished, unfinishedName } from './unfinished.ts';
export { syncDirectory, writeFileAtomically, type WriteOptions } from './write-file-atomically.ts';
export type { Place, ReadSettings, SettingsProblem, WrittenAt } from './written-settings.ts';
