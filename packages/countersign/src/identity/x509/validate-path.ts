/** Path building and validation (RFC 5280, 6.1) for the certificates that this room knows; what it does not know it refuses. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import { equalBytes } from '../../ground/encoding/index.ts';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import { algorithmFits, isKnownAlgorithm, isOutdated, type VerifySignature } from './algorithms.ts';
import { type Certificate, isSelfIssued } from './certificate.ts';
import { sameName } from './distinguished-name.ts';
import { naming } from './naming.ts';
import { requireEndEntityUsage, requireIssuerUsage, requireKnownExtensions, type PathPurpose } from './path-rules.ts';

export type { PathPurpose } from './path-rules.ts';

export interface PathInput {
  readonly leaf: Certificate;
  /** Untrusted certificates that may lie between; their order does not matter. */
  readonly intermediates: readonly Certificate[];
  readonly anchors: readonly Certificate[];
  /** The moment for which the path must be valid, milliseconds since 1970. */
  readonly at: number;
  /** What the end-entity certificate is needed for: `client` to call, `server` to serve, `feed` to sign the revocation feed. */
  readonly purpose: PathPurpose;
  readonly verifySignature: VerifySignature;
}

export interface ValidatedPath {
  /** The end-entity certificate first, the trust anchor last. */
  readonly certificates: readonly Certificate[];
}

/** Intermediates of one path. Deeper hierarchies are not seen in private authorities; rustls-webpki stops at 6, OpenSSL at 100. */
const mostIntermediates = 6;

/** Signatures verified for one question, so that crossed issuers cannot multiply work; rustls-webpki's budget is 100. */
const mostSignatures = 100;

/** Candidate paths looked at, for the same reason: names alone can be crossed without a single signature. */
const mostCandidates = 1000;

/** What is left of the limits, and the issuer at which `mostIntermediates` ended a path. */
interface Budget {
  signatures: number;
  candidates: number;
  cutAt?: Certificate;
}

/** The first valid path, or the most useful refusal of all the paths that there are. */
export function validatePath(input: PathInput): ValidatedPath {
  if (!Number.isFinite(input.at)) throw new TypeError('a path is valid at a moment, which must be a number');
  const intermediates = input.intermediates.filter(isFirstOfItsBytes);
  const budget: Budget = { signatures: mostSignatures, candidates: mostCandidates };
  let worst: Refusal | undefined;
  for (const path of candidatePaths([input.leaf], { ...input, intermediates }, budget)) {
    try {
      requireValid(path, input, budget);
      return { certificates: path };
    } catch (error) {
      if (!isRefusal(error)) throw error;
      worst = worst === undefined || usefulness(error) > usefulness(worst) ? error : worst;
    }
  }
  throw worst ?? tooLong(budget) ?? noPath(input);
}

/** Each way, by names alone, from the path's end up to an anchor; the shortest first at every step. */
function* candidatePaths(path: readonly Certificate[], input: PathInput, budget: Budget): Generator<Certificate[]> {
  const tip = path.at(-1);
  if (tip === undefined) return;
  for (const anchor of input.anchors) {
    if (sameName(anchor.subject, tip.issuer) && --budget.candidates >= 0) yield [...path, anchor];
  }
  for (const issuer of input.intermediates) {
    if (budget.candidates <= 0) return;
    if (!sameName(issuer.subject, tip.issuer) || path.includes(issuer)) continue;
    if (path.length > mostIntermediates) {
      budget.cutAt ??= issuer;
      return;
    }
    budget.candidates--;
    yield* candidatePaths([...path, issuer], input, budget);
  }
}

/** A certificate sent twice would double the paths with each repetition, and bring none that is new. */
function isFirstOfItsBytes(certificate: Certificate, index: number, all: readonly Certificate[]): boolean {
  return all.findIndex((other) => equalBytes(other.raw, certificate.raw)) === index;
}

function requireValid(path: readonly Certificate[], input: PathInput, budget: Budget): void {
  requireSignatures(path, input.verifySignature, budget);
  for (const certificate of path) {
    requireKnownExtensions(certificate);
    requireTime(certificate, input.at);
  }
  requireIssuers(path, input.purpose);
  requireEndEntityUsage(input.leaf, input.purpose);
}

/** From the anchor down: what stands under a forged certificate is not worth a look. */
function requireSignatures(path: readonly Certificate[], verifySignature: VerifySignature, budget: Budget): void {
  for (let index = path.length - 2; index >= 0; index--) {
    const [subject, issuer] = [path[index], path[index + 1]];
    if (subject === undefined || issuer === undefined) continue;
    const names = { subject: naming(subject), issuer: issuer.subject.text };
    const { signatureAlgorithm: algorithm } = subject;
    if (!isKnownAlgorithm(algorithm) || isOutdated(algorithm)) {
      throw new Refusal('CS-X509-002', { algorithm: `signature ${algorithm}` });
    }
    if (!algorithmFits(algorithm, issuer.publicKey.type)) {
      throw new Refusal('CS-PATH-009', { subject: names.subject, algorithm, keyType: issuer.publicKey.type });
    }
    if (--budget.signatures < 0)
      throw new Refusal('CS-PATH-004', { ...names, issuer: `${names.issuer} (budget of signatures used up)` });
    if (!verifySignature(issuer.publicKey, algorithm, subject.tbs, subject.signature)) {
      throw new Refusal('CS-PATH-004', names);
    }
  }
}

function requireTime(certificate: Certificate, at: number): void {
  const subject = naming(certificate);
  if (at < certificate.notBefore) {
    throw new Refusal('CS-PATH-003', { subject, notBefore: toRfc3339(certificate.notBefore), at: toRfc3339(at) });
  }
  // notAfter is inclusive of its final second (RFC 5280, 4.1.2.5).
  if (at >= certificate.notAfter + 1000) {
    throw new Refusal('CS-PATH-002', { subject, notAfter: toRfc3339(certificate.notAfter), at: toRfc3339(at) });
  }
}

function requireIssuers(path: readonly Certificate[], purpose: PathPurpose): void {
  let intermediates = 0;
  for (const issuer of path.slice(1)) {
    requireIssuerUsage(issuer, purpose);
    const { pathLength } = issuer.basicConstraints ?? {};
    if (pathLength !== undefined && intermediates > pathLength) {
      throw new Refusal('CS-PATH-006', { issuer: issuer.subject.text, pathLength, intermediates });
    }
    // Self-issued certificates do not count (RFC 5280, 6.1.4 (l)).
    if (!isSelfIssued(issuer)) intermediates++;
  }
}

/** That no issuer is known says least; a signature that fails says less than a rule broken on a path that is authentic. */
function usefulness(refusal: Refusal): number {
  if (refusal.code === 'CS-PATH-001') return 0;
  return refusal.code === 'CS-PATH-004' || refusal.code === 'CS-PATH-009' ? 1 : 2;
}

function tooLong({ cutAt }: Budget): Refusal | undefined {
  if (cutAt === undefined) return undefined;
  const intermediates = mostIntermediates + 1;
  return new Refusal('CS-PATH-006', { issuer: naming(cutAt), pathLength: mostIntermediates, intermediates });
}

function noPath({ leaf, anchors }: PathInput): Refusal {
  return new Refusal('CS-PATH-001', {
    subject: naming(leaf),
    issuer: leaf.issuer.text,
    anchors: anchors.map((anchor) => anchor.subject.text),
  });
}
