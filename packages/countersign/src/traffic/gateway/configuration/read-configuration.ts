/** The text of a file of configuration: one of some ten thousand routes is larger than other files of settings have reason to be. */
import { readTextFile } from '../../../runtime/config/index.ts';

/** A line each for 100,000 routes; own choice. */
const maximumBytes = 16 * 1024 * 1024;

/** @throws CS-FILE-... */
export function readConfiguration(path: string): Promise<string> {
  return readTextFile(path, { maximumBytes });
}
