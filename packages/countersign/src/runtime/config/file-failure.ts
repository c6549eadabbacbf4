/** What the operating system says of a file, as a refusal that names the path. */
import { isRefusal, Refusal } from '../../ground/errors/index.ts';

export function readFailure(error: unknown, path: string): Refusal {
  if (isRefusal(error)) return error;
  const code = systemCode(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return new Refusal('CS-FILE-001', { path }, { cause: error });
  return new Refusal('CS-FILE-002', { path, reason: code }, { cause: error });
}

export function writeFailure(error: unknown, path: string): Refusal {
  return isRefusal(error) ? error : new Refusal('CS-FILE-004', { path, reason: systemCode(error) }, { cause: error });
}

/** The `code` of a system error (`EACCES`), else its message. */
export function systemCode(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}

/** Permission bits as `ls` and `chmod` users write them: 0644. */
export function octal(mode: number): string {
  return `0${(mode & 0o777).toString(8)}`;
}

/** A path as one word of a shell command that can be pasted. */
export function shellWord(path: string): string {
  return /^[\w./:@%+=-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
