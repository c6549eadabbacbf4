/** The word under which a failed operation is counted. */
import { isRefusal } from '../../ground/errors/index.ts';

/** A failure of this room itself: an answer that is no success, a wait that was too long. */
export class LoadFailure extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

export function failureCode(error: unknown): string {
  if (isRefusal(error)) return error.code;
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return 'unknown';
}
