/** Why the partners of a registry are not followed, by who can mend it: the way there, who answers, what the authority says or has, or this gateway. */
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { saidByAuthority } from '../../../runtime/api/index.ts';

const notLetIn: ReadonlySet<string> = new Set(['CS-TLS-003', 'CS-TLS-016']);

/** They were told, and something here did not take them. */
export class NotInForce extends Error {
  constructor(cause: unknown) {
    super('not put into force', { cause });
  }
}

/** @param known `asOf`: when those in force were told */
export function registryFailure(error: unknown, known: { readonly authority: string; readonly asOf: string }): Refusal {
  const cause = error instanceof NotInForce ? error.cause : error;
  return new Refusal(codeOf(error), { ...known, reason: reasonOf(cause) }, { cause });
}

function codeOf(error: unknown) {
  if (error instanceof NotInForce) return 'CS-GATEWAY-073';
  if (!isRefusal(error)) return 'CS-GATEWAY-065';
  // That it fails itself says nothing of this gateway; that it ends the connection at the sight of the certificate does.
  if (saidByAuthority(error) ? error.http < 500 : notLetIn.has(error.code)) return 'CS-GATEWAY-070';
  if (error.code.startsWith('CS-PEER-')) return 'CS-GATEWAY-071';
  return error.code === 'CS-NET-003' ? 'CS-GATEWAY-072' : 'CS-GATEWAY-065';
}

export function reasonOf(error: unknown): string {
  if (!isRefusal(error)) return error instanceof Error ? error.message : String(error);
  const { code, title, evidence } = error;
  const detail = evidence['problem'] ?? evidence['reason'];
  return `${code} ${title}${typeof detail === 'string' ? `: ${detail}` : ''}`;
}
