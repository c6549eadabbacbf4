/** Reads a file that holds a key or another secret, and refuses one that other users may read. */
import { Refusal } from '../../ground/errors/index.ts';
import { octal, shellWord } from './file-failure.ts';
import { readTextFile } from './read-text-file.ts';

/** The mode is that of the opened file, so it cannot be exchanged between the check and the reading. */
export function readPrivateFile(path: string): Promise<string> {
  return readTextFile(path, {
    maximumBytes: 65_536,
    check: async (file) => {
      const { mode } = await file.stat();
      if ((mode & 0o077) === 0) return;
      throw new Refusal('CS-KEY-001', { path, mode: octal(mode), type: `chmod 600 ${shellWord(path)}` });
    },
  });
}
