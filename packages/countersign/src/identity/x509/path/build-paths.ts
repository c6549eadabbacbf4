/** Path building: each way, by names alone, from the end-entity up to an anchor, the likeliest first. */
import { equalBytes, toHex } from '../../../ground/encoding/index.ts';
import type { Certificate } from '../certificate.ts';
import { type DistinguishedName, sameName } from '../distinguished-name.ts';
import type { Budget } from './budget.ts';
import type { PathInput } from './path-input.ts';
import type { TrustAnchor } from './trust-anchor.ts';

export interface CandidatePath {
  /** From the end-entity to the one that the anchor is said to have issued. */
  readonly issued: readonly Certificate[];
  readonly anchor: TrustAnchor;
}

/** Certificates and links that a path failed for, so that no other path tries them again. */
export interface KnownFaults {
  isFaulty(certificate: Certificate, issuer: Certificate | TrustAnchor): boolean;
}

/** Certificates of one path between end-entity and anchor, self-issued ones counted: twice the default of the others, and never less than 16. */
function mostLinks(mostIntermediates: number): number {
  return Math.max(16, 2 * mostIntermediates);
}

/** Hands each path to `visit` until that answers true. */
export function visitPaths(
  input: PathInput,
  mostIntermediates: number,
  faults: KnownFaults,
  budget: Budget,
  visit: (path: CandidatePath) => boolean,
): boolean {
  const { leaf, anchors, at } = input;
  const longest = mostLinks(mostIntermediates);
  const intermediates = reachable(input, longest, budget);

  const above = (tip: Certificate, path: readonly Certificate[]): boolean => {
    for (const anchor of likeliestFirst(tip, anchorsOf(tip, anchors), at)) {
      budget.spendStep();
      if (!faults.isFaulty(tip, anchor) && visit({ issued: path, anchor })) return true;
    }
    if (path.length > longest) return false;
    for (const issuer of likeliestFirst(tip, issuersOf(tip, intermediates), at)) {
      budget.spendStep();
      if (faults.isFaulty(tip, issuer) || path.some((one) => isSameHolder(one, issuer))) continue;
      if (above(issuer, [...path, issuer])) return true;
    }
    return false;
  };

  return above(leaf, [leaf]);
}

/** The same name with the same key brings nothing that is new to a path, and would let it run in circles (RFC 4158, 5.2). */
function isSameHolder(a: Certificate, b: Certificate): boolean {
  return sameName(a.subject, b.subject) && equalBytes(a.publicKey.raw, b.publicKey.raw);
}

function anchorsOf({ issuer }: Certificate, anchors: readonly TrustAnchor[]): TrustAnchor[] {
  return anchors.filter(({ subject }) => sameName(subject, issuer));
}

function issuersOf({ issuer }: Certificate, intermediates: readonly Certificate[]): Certificate[] {
  return intermediates.filter(({ subject }) => sameName(subject, issuer));
}

/** Those from which names lead up to an anchor, each once: whoever cannot arrive is not worth a step. */
function reachable({ intermediates, anchors }: PathInput, longest: number, budget: Budget): Certificate[] {
  let waiting = withoutRepetitions(intermediates).map((certificate) => ({
    certificate,
    issuer: nameKey(certificate.issuer),
  }));
  const arrived: Certificate[] = [];
  let names = new Set(waiting.length === 0 ? [] : anchors.map(({ subject }) => nameKey(subject)));
  // Nobody stands in a path who is farther from its anchor than a path is long.
  for (let links = 0; links < longest && waiting.length > 0 && names.size > 0; links++) {
    const next = waiting.filter(({ issuer }) => names.has(issuer));
    waiting = waiting.filter(({ issuer }) => !names.has(issuer));
    names = new Set();
    for (const { certificate } of next) {
      budget.spendStep();
      arrived.push(certificate);
      names.add(nameKey(certificate.subject));
    }
  }
  return arrived;
}

/** One text for names that `sameName` calls the same; a control character stands in no key but as the separator of its own parts, NUL. */
function nameKey({ keys }: DistinguishedName): string {
  return keys.length === 1 ? (keys[0] ?? '') : keys.join('\u0001');
}

/** Certificates compared each with each; beyond it a set is cheaper, and never quadratic. */
const mostCompared = 16;

/** A certificate sent twice would double the paths with each repetition, and bring none that is new. */
function withoutRepetitions(certificates: readonly Certificate[]): readonly Certificate[] {
  if (certificates.length <= mostCompared) return certificates.filter(isFirstOfItsBytes);
  return [...new Map(certificates.map((certificate) => [toHex(certificate.raw), certificate])).values()];
}

function isFirstOfItsBytes(certificate: Certificate, index: number, all: readonly Certificate[]): boolean {
  return all.findIndex((other) => other === certificate || equalBytes(other.raw, certificate.raw)) === index;
}

/** By key identifiers, then by whether it is in time; hints alone, so nobody is left out for them (RFC 5280, 4.2.1.1). */
function likeliestFirst<Issuer extends TrustAnchor>(tip: Certificate, issuers: Issuer[], at: number): Issuer[] {
  if (issuers.length < 2) return issuers;
  const rank = (issuer: Issuer): number => {
    const identified = tip.authorityKeyIdentifier !== undefined && issuer.subjectKeyIdentifier !== undefined;
    const byKey = !identified ? 2 : issuer.subjectKeyIdentifier === tip.authorityKeyIdentifier ? 0 : 4;
    const inTime = !('notAfter' in issuer) || (at >= issuer.notBefore && at < issuer.notAfter + 1000);
    return byKey + (inTime ? 0 : 1);
  };
  return issuers
    .map((issuer) => ({ issuer, rank: rank(issuer) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ issuer }) => issuer);
}
