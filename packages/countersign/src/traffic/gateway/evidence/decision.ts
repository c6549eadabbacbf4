/** What the gateway decided of one certificate on one route: so many times, from the first to the last. */

export type DecisionKind =
  | 'allowed'
  | 'observed'
  | 'denied'
  /** It had begun, and was ended: a suspension, a revocation, another configuration, its time. */
  | 'closed'
  /** In the handshake. */
  | 'refused';

export interface Decision {
  readonly decision: DecisionKind;
  /** Why; for `allowed` what failed afterwards. */
  readonly code?: string | undefined;
  readonly partner?: string | undefined;
  /** The identity that the certificate names. */
  readonly peer?: string | undefined;
  /** Of its certificate: `x5t#S256`. */
  readonly thumbprint?: string | undefined;
  readonly route?: string | undefined;
  /** The proxy in front that named the caller, or said that there is none. */
  readonly via?: string | undefined;
}

export interface CountedDecision extends Decision {
  readonly count: number;
  /** Milliseconds since 1970. */
  readonly firstMs: number;
  readonly lastMs: number;
}

const kinds: readonly string[] = ['allowed', 'observed', 'denied', 'closed', 'refused'] satisfies DecisionKind[];

/** One JSON object, members sorted: the personal value of an entry, so that it is whole beside the chain or not at all. */
export function decisionText({ firstMs: first, lastMs: last, ...rest }: CountedDecision): string {
  const { code, count, decision, partner, peer, route, thumbprint, via } = rest;
  return JSON.stringify({ code, count, decision, first, last, partner, peer, route, thumbprint, via });
}

/** @returns `undefined` where it is none */
export function parseDecision(text: string): CountedDecision | undefined {
  const found = parsed(text);
  if (found === undefined) return undefined;
  const { code, count, decision, first, last, partner, peer, route, thumbprint, via } = found;
  if (![count, first, last].every(Number.isSafeInteger) || !kinds.includes(String(decision))) return undefined;
  const names = { code, partner, peer, route, thumbprint, via };
  if (!Object.values(names).every((one) => one === undefined || typeof one === 'string')) return undefined;
  return { ...names, decision, count, firstMs: first, lastMs: last } as CountedDecision;
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}
