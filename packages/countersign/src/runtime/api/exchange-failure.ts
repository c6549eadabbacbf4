/** Why a request had no answer, as a refusal: a peer that was refused, a time that was up, a network that failed. */
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import { timedOut, type Deadline } from './deadline.ts';

/** OpenSSL's words for bytes that are no TLS: plain HTTP, or another protocol, listens there. */
const notTls = new Set([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'EPROTO',
  'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
]);

/** Errors of undici about bytes that are no HTTP/1.1. */
const notHttp = /^(HPE_|UND_ERR_RES_|UND_ERR_HEADERS_OVERFLOW)/;

/** A cause's cause and so on: undici and node wrap once or twice. */
const deepestCause = 5;

export function exchangeFailure(error: unknown, address: string, deadline: Deadline): unknown {
  for (let cause = error, depth = 0; cause instanceof Error && depth < deepestCause; cause = cause.cause, depth += 1) {
    if (isRefusal(cause)) return inTermsOfAuthority(cause, address);
  }
  if (deadline.signal.aborted) {
    const { reason } = deadline.signal as { reason: unknown };
    return reason === timedOut
      ? new Refusal('CS-NET-002', { address, limitMs: deadline.limitMs }, { cause: error })
      : reason;
  }
  const code = codeOf(error);
  if (notTls.has(code)) return notAuthority(address, `no TLS 1.3 there (${code})`, error);
  if (notHttp.test(code)) return notAuthority(address, `no HTTP there (${code})`, error);
  return new Refusal('CS-NET-001', { address, reason: code }, { cause: error });
}

/** What a connection to any server says, as it is said of an authority: with its address and its own way out. */
function inTermsOfAuthority(refusal: Refusal, address: string): Refusal {
  if (refusal.code === 'CS-TLS-006') {
    return new Refusal(
      'CS-NET-001',
      { address, reason: refusal.evidence['reason'] ?? 'not reached' },
      { cause: refusal },
    );
  }
  if (refusal.code === 'CS-TLS-002') {
    return new Refusal(
      'CS-NET-002',
      { address, limitMs: refusal.evidence['timeoutMs'] ?? 'not said' },
      { cause: refusal },
    );
  }
  return refusal;
}

function notAuthority(address: string, problem: string, cause: unknown): Refusal {
  return new Refusal('CS-NET-003', { address, status: 0, problem }, { cause });
}

/** The innermost code: `ECONNREFUSED` rather than what wraps it. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Several addresses of one name were tried: the first failure speaks for all.
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  if (error.cause instanceof Error) return codeOf(error.cause);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
