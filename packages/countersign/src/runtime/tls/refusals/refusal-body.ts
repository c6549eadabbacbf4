/** What a refused peer is told: a problem document (RFC 9457) with the code, and nothing more unless the owner typed that out. */
import { toProblemDocument, type Refusal } from '../../../ground/errors/index.ts';

/** The same for every refusal of the second stage: which one it is, the code says. */
export const refusedStatus = 403;

export interface Telling {
  /** Cause, remedy and evidence too, names and policy among it. Default: code and title alone. */
  readonly explainToPeer?: true | undefined;
}

/** A frame of HTTP/2 holds 16 KiB (RFC 9113, 4.2), and evidence may hold as many names as a policy. */
const mostBytes = 8 * 1024;

/** @param status of HTTP; of a refusal of the second stage always the same */
export function refusalBody(refusal: Refusal, { explainToPeer }: Telling, status: number = refusedStatus): string {
  const { type, title, code, ...details } = toProblemDocument(refusal);
  const brief = JSON.stringify({ type, title, status, code });
  // Compared with true: what comes from plain JavaScript is explained to nobody by being merely truthy.
  if (explainToPeer !== true) return brief;
  const whole = JSON.stringify({ type, title, ...details, status, code });
  return Buffer.byteLength(whole) > mostBytes ? brief : whole;
}
