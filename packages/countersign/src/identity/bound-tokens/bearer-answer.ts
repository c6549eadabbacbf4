/** What a refused caller is answered: the status, and the challenge in `WWW-Authenticate` (RFC 6750, 3; RFC 8705, 3). */
import type { Refusal, RefusalCode } from '../../ground/errors/index.ts';

export interface BearerAnswer {
  readonly status: number;
  /** Absent where no other token would help. */
  readonly challenge: string | undefined;
}

type BearerError = 'none' | 'invalid_request' | 'invalid_token' | 'insufficient_scope';

/** RFC 6750, 3.1: who sent no token, or used another method, is told no error. */
const errors: ReadonlyMap<RefusalCode, BearerError> = new Map([
  ['CS-BEARER-001', 'none'],
  ['CS-BEARER-002', 'none'],
  ['CS-BEARER-003', 'invalid_token'],
  ['CS-BEARER-004', 'invalid_request'],
  ['CS-BEARER-005', 'invalid_token'],
  ['CS-BEARER-006', 'invalid_token'],
  ['CS-BEARER-007', 'invalid_token'],
  ['CS-BEARER-008', 'invalid_token'],
  ['CS-BEARER-009', 'invalid_token'],
  ['CS-BEARER-010', 'invalid_token'],
  ['CS-BEARER-011', 'invalid_token'],
  ['CS-BEARER-012', 'invalid_token'],
  ['CS-BEARER-013', 'invalid_token'],
  ['CS-BEARER-014', 'invalid_token'],
  ['CS-BEARER-015', 'invalid_token'],
  ['CS-BEARER-016', 'insufficient_scope'],
  ['CS-BEARER-017', 'invalid_token'],
]);

/** As every refusal of a peer is answered at an endpoint. */
const otherStatus = 403;

/** @param scopes what the route asks for: told where a token lacks it, or where there was none */
export function bearerAnswer(refusal: Refusal, scopes: readonly string[] = []): BearerAnswer {
  const error = errors.get(refusal.code);
  if (error === undefined) {
    const ours = refusal.code === 'CS-BEARER-018' || refusal.code === 'CS-BEARER-019';
    return { status: ours ? refusal.http : otherStatus, challenge: undefined };
  }
  const attributes = [
    ...(error === 'none' ? [] : [`error="${error}"`, `error_description="${refusal.code} ${refusal.title}"`]),
    ...((error === 'none' || error === 'insufficient_scope') && scopes.length > 0
      ? [`scope="${scopes.join(' ')}"`]
      : []),
  ];
  return { status: refusal.http, challenge: ['Bearer', attributes.join(', ')].join(' ').trimEnd() };
}
