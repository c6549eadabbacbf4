/** What a refused client is answered: the exact errors of RFC 6749, 5.2, RFC 8707, 2 and RFC 7009, 2.2.1. */
import type { Refusal, RefusalCode } from '../../ground/errors/index.ts';

export interface OauthError {
  readonly status: number;
  readonly body: { readonly error: string; readonly error_description: string };
}

const errors: ReadonlyMap<RefusalCode, string> = new Map([
  ['CS-OAUTH-002', 'invalid_request'],
  ['CS-OAUTH-003', 'invalid_client'],
  ['CS-OAUTH-004', 'invalid_client'],
  ['CS-OAUTH-005', 'unsupported_grant_type'],
  ['CS-OAUTH-006', 'invalid_scope'],
  ['CS-OAUTH-007', 'invalid_target'],
  ['CS-OAUTH-008', 'unauthorized_client'],
  ['CS-OAUTH-011', 'temporarily_unavailable'],
  ['CS-OAUTH-012', 'invalid_request'],
]);

/** The code and its title alone: who is registered how is in what the issuer itself is told. */
export function oauthError(refusal: Refusal): OauthError {
  const error = errors.get(refusal.code) ?? 'server_error';
  return { status: refusal.http, body: { error, error_description: described(refusal) } };
}

/** Of the characters that RFC 6749, 5.2 allows. */
function described({ code, title, evidence }: Refusal): string {
  const rule = code === 'CS-OAUTH-002' ? `: ${String(evidence['rule'])}` : '';
  return `${code} ${title}${rule}`.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, "'");
}
