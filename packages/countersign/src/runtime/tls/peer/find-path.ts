/** The path from a peer's leaf to an anchor of exactly one bundle: that of the trust domain which the leaf names, else the home one. */
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import type { Clock } from '../../../ground/clock/index.ts';
import type { Bundle } from '../../../identity/spiffe/index.ts';
import { type Certificate, type ValidatedPath, validatePath } from '../../../identity/x509/index.ts';
import type { Trust } from '../trust/trust.ts';
import { verifyWithin } from './bundle-signatures.ts';
import { intermediatesOf } from './parse-presented.ts';
import { peerRefusalOf } from './path-refusal.ts';

export interface PathQuestion {
  /** Which side the peer is on. */
  readonly peer: 'client' | 'server';
  readonly trust: Trust;
  readonly clock: Clock;
  /** What was presented beside the leaf, DER: read only where the bundle has no path. */
  readonly others: () => readonly Uint8Array[];
}

export interface FoundPath {
  readonly bundle: Bundle;
  readonly path: ValidatedPath;
}

/** @param trustDomain which the leaf names @param subject what to call the peer @throws CS-PEER-009, -014, CS-PATH-... */
export function findPath(
  leaf: Certificate,
  trustDomain: string | undefined,
  subject: string,
  question: PathQuestion,
): FoundPath {
  const bundles = question.trust.bundles.current();
  if (trustDomain === undefined && bundles.attributed && bundles.all().length > 1)
    return onlyPath(leaf, bundles.all(), subject, question);
  const bundle = bundleFor(question.trust, trustDomain, subject);
  return { bundle, path: pathOf(leaf, bundle, question) };
}

/**
 * The one bundle that has a path. With several it could be a customer of either authority, and which would depend on what the peer presents beside its leaf.
 * @throws CS-PEER-014, and what is in the way where none has
 */
function onlyPath(leaf: Certificate, bundles: readonly Bundle[], subject: string, question: PathQuestion): FoundPath {
  const found: FoundPath[] = [];
  let refusal: Refusal | undefined;
  for (const bundle of bundles) {
    try {
      found.push({ bundle, path: pathOf(leaf, bundle, question) });
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refusal = moreUseful(refusal, error);
    }
  }
  const [first, second] = found;
  if (first === undefined) throw refusal ?? new Refusal('CS-PEER-009', { peer: subject, known: [] });
  if (second === undefined) return first;
  throw new Refusal('CS-PEER-014', {
    peer: subject,
    trustDomains: found.map(({ bundle }) => bundle.trustDomain),
  });
}

/** That it is of another authority is known of all but one: what else is wrong with it says more. */
function moreUseful(one: Refusal | undefined, other: Refusal): Refusal {
  const isForeign = (refusal: Refusal): boolean => peerRefusalOf(refusal, '').code === 'CS-PEER-002';
  return one === undefined || (isForeign(one) && !isForeign(other)) ? other : one;
}

/** Exactly one bundle: that of the trust domain which the leaf itself names, else the home one; never a union of them. */
function bundleFor(trust: Trust, trustDomain: string | undefined, subject: string): Bundle {
  const bundles = trust.bundles.current();
  const bundle = bundles.get(trustDomain ?? bundles.home);
  if (bundle !== undefined) return bundle;
  throw new Refusal('CS-PEER-009', { peer: subject, known: bundles.all().map((one) => one.trustDomain) });
}

function pathOf(leaf: Certificate, bundle: Bundle, question: PathQuestion): ValidatedPath {
  const validate = (presented: readonly Certificate[]): ValidatedPath =>
    validatePath({
      leaf,
      intermediates: [...bundle.intermediates, ...presented],
      anchors: bundle.anchors,
      at: question.clock.now(),
      purpose: question.peer,
      verifySignature: verifyWithin(bundle),
    });
  try {
    return validate([]);
  } catch (error) {
    const presented = isRefusal(error) ? intermediatesOf(question.others()) : [];
    if (presented.length === 0) throw error;
    return validate(presented);
  }
}
