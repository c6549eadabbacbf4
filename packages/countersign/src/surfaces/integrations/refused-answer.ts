/** What a refused caller of a framework is told: a problem document (RFC 9457) with the code and title, never names or the policy. */
import { problemContentType, type Refusal, toProblemDocument } from '../../ground/errors/index.ts';

export interface RefusedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** As at an endpoint: the same for every refusal; which one it is, the code says. */
const refusedStatus = 403;

export function refusedAnswer(refusal: Refusal): RefusedAnswer {
  const { type, title, code } = toProblemDocument(refusal);
  return {
    status: refusedStatus,
    headers: { 'content-type': problemContentType, 'cache-control': 'no-store' },
    // With the evidence left empty: by that member our clients tell an application's refusal, which is a response, from a connection's.
    body: JSON.stringify({ type, title, status: refusedStatus, code, evidence: {} }),
  };
}
