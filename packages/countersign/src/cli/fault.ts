/** What was not foreseen, as a refusal: the system's own errors by what they were about, all else as a fault of ours. */
import { getSystemErrorMessage } from 'node:util';
import { Refusal } from '../ground/errors/index.ts';

export function toRefusal(error: unknown): Refusal {
  return isSystemError(error)
    ? systemRefusal(error)
    : new Refusal('CS-RUN-001', { fault: firstLine(error) }, { cause: error });
}

interface SystemError extends Error {
  readonly code: string;
  readonly syscall: string;
  readonly errno?: number;
  readonly path?: string;
  readonly address?: string;
  readonly port?: number;
}

function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string';
}

function systemRefusal(error: SystemError): Refusal {
  const place = error.port === undefined ? error.address : `${error.address ?? ''}:${error.port}`;
  return new Refusal(
    'CS-RUN-002',
    { action: error.syscall, subject: error.path ?? place ?? 'not said', reason: systemReason(error) },
    { cause: error },
  );
}

/** The system's words with its code: "no such file or directory (ENOENT)". */
export function systemReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const errno = 'errno' in error && typeof error.errno === 'number' ? error.errno : undefined;
  if (code === undefined) return firstLine(error);
  return errno === undefined ? code : `${getSystemErrorMessage(errno)} (${code})`;
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.split('\n')[0]?.slice(0, 300) ?? '';
}
