/** What went wrong with an upstream, as a refusal with its code. */
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import { defaultAnswerBounds, type FailureKind, ProgramFailure } from '../relay/index.ts';

export interface Where {
  readonly upstream: string;
  readonly target: string;
  readonly headBytes?: number | undefined;
}

export function failureOf(
  error: unknown,
  { upstream, target, headBytes = defaultAnswerBounds.headBytes }: Where,
): Refusal {
  const cause = error instanceof ProgramFailure && error.cause !== undefined ? error.cause : error;
  // Named already; or the endpoints of TLS have named it.
  if (isRefusal(cause)) {
    if (cause.code.startsWith('CS-GATEWAY-')) return cause;
    return new Refusal('CS-GATEWAY-041', { upstream, target, code: cause.code, reason: cause.title }, { cause });
  }
  const reason = error instanceof Error ? error.message : String(error);
  const where = { upstream, target };
  switch (kindOf(error)) {
    case 'unreachable':
      return new Refusal('CS-GATEWAY-030', { ...where, reason }, { cause: error });
    case 'no-answer':
      return new Refusal('CS-GATEWAY-032', { ...where, reason }, { cause: error });
    case 'not-http':
      return new Refusal('CS-GATEWAY-034', { ...where, reason }, { cause: error });
    case 'too-large':
      return new Refusal('CS-GATEWAY-035', { ...where, mostBytes: headBytes }, { cause: error });
    case 'interim-flood':
      return new Refusal('CS-GATEWAY-036', where, { cause: error });
    case 'cut-off':
      return new Refusal('CS-GATEWAY-033', { ...where, reason }, { cause: error });
  }
}

/** Errors of node:http2 have a code alone. */
export function kindOf(error: unknown): FailureKind {
  if (error instanceof ProgramFailure) return error.kind;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(?:ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ENOENT)$/.test(code)
    ? 'unreachable'
    : 'no-answer';
}
