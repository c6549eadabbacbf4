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

/** A file of the state that is missing or cut off is not put right by starting anew beside the certificates that were issued. */
export function asDamagedState(error: unknown): unknown {
  if (!isRefusal(error)) return error;
  const file = String(error.evidence['path'] ?? '');
  if (error.code === 'CS-FILE-001') return damagedState(file, 'the file is missing', error);
  if (error.code !== 'CS-FILE-003') return error;
  const { place, problem } = error.evidence;
  return damagedState(file, `cut off or changed: ${String(place)}, ${String(problem)}`, error);
}

export function damagedState(file: string, rule: string, cause?: Refusal): Refusal {
  return new Refusal('CS-STATE-002', { file, rule }, { cause });
}
