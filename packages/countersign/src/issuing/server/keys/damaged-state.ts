/** What breaks a rule inside a file of the state, told with the file's path. */
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';

export function inStateFile<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw damagedState(file, `${error.code} ${error.title}`, error);
  }
}

export function damagedState(file: string, rule: string, cause?: Refusal): Refusal {
  return new Refusal('CS-STATE-002', { file, rule }, { cause });
}
