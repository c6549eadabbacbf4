/** Patterns of the paths of SPIFFE IDs: `/ns/*\/sa/*`, where a star is one segment and `/**` at the end one or more. */
import { isRefusal } from '../../ground/errors/index.ts';
import { decide, type PeerPolicy, spiffeIdPattern } from '../../identity/authorization/index.ts';

export interface PathPattern {
  /** As it was written. */
  readonly text: string;
  readonly segments: readonly string[];
  /** The same as a policy of peers: what a certificate may be and who may call are matched by one rule. */
  readonly policy: PeerPolicy;
}

const anyPathText = '/**';

/** The trust domain is never part of a pattern: no authority issues for another than its own. */
const anyTrustDomain = 'spiffe://x';

/** @returns the rule that `text` breaks, where it is no pattern */
export function parsePathPattern(text: string): PathPattern | string {
  if (!text.startsWith('/')) return 'it begins with "/": the trust domain is always the one of the authority';
  try {
    return { text, segments: text.slice(1).split('/'), policy: spiffeIdPattern(`${anyTrustDomain}${text}`) };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return String(error.evidence['rule'] ?? error.title);
  }
}

/** @param path of a SPIFFE ID that was read: it begins with "/" and has no empty segment */
export function fitsPathPattern({ text, policy }: PathPattern, path: string): boolean {
  // What most profiles say, and every certificate is asked.
  if (text === anyPathText) return path.length > 1;
  return decide(policy, { spiffeId: `${anyTrustDomain}${path}`, dnsNames: [], ipAddresses: [], uris: [], spkiPin: '' })
    .allowed;
}

/** Whether every path that fits `inner` fits `outer`; where that is hard to tell, no. */
export function coversPathPattern(outer: PathPattern, inner: PathPattern): boolean {
  const [outerOpen, innerOpen] = [outer, inner].map(({ segments }) => segments.at(-1) === '**');
  const fixed = outerOpen === true ? outer.segments.slice(0, -1) : outer.segments;
  if (outerOpen === true ? inner.segments.length <= fixed.length : innerOpen || inner.segments.length !== fixed.length)
    return false;
  return fixed.every((segment, at) => segment === '*' || segment === inner.segments[at]);
}
