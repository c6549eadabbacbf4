/** Path building and validation (RFC 5280 section 6): the first valid path, or the most useful refusal of all the paths that there are. */
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import type { Certificate } from '../certificate.ts';
import { naming } from '../naming.ts';
import { Budget } from './budget.ts';
import { type CandidatePath, visitPaths } from './build-paths.ts';
import { checkPath, type CheckedPath, type Checking, type Fault } from './check-path.ts';
import { isPathPurpose } from './certificate-rules.ts';
import type { PathInput } from './path-input.ts';
import { isPathProfile } from './profile-rules.ts';
import type { ExaminedPath, PathCheck, PathReport } from './path-report.ts';
import { isCertificate, type TrustAnchor } from './trust-anchor.ts';

/** Intermediates of one path. Deeper hierarchies are not seen in private authorities; rustls-webpki stops at 6, OpenSSL at 100. */
const defaultMostIntermediates = 6;

export interface ValidatedPath {
  /** The end-entity certificate first; the trust anchor's own last, where it has one. */
  readonly certificates: readonly Certificate[];
  readonly anchor: TrustAnchor;
}

/** The first valid path. @throws the most useful refusal: CS-PATH-001 to -014, CS-X509-001 and -002 */
export function validatePath(input: PathInput): ValidatedPath {
  const search = new Search(input, false);
  const found = search.run();
  if (found.refusal !== undefined) throw found.refusal;
  return { certificates: certificatesOf(found.path), anchor: found.path.anchor };
}

/** The same question, answered with everything that was looked at. Refuses nothing: what is not valid is said in the report. */
export function examinePaths(input: PathInput): PathReport {
  const search = new Search(input, true);
  const found = search.run();
  const { examined, budget } = search;
  const path = examined.find(({ refusal }) => refusal === found.refusal);
  const policies = found.refusal === undefined ? found.policies : [];
  return {
    valid: found.refusal === undefined,
    refusal: found.refusal,
    path,
    paths: examined,
    policies,
    work: budget.work,
  };
}

type Found =
  | { readonly path: CandidatePath; readonly policies: readonly string[]; readonly refusal?: never }
  | { readonly refusal: Refusal };

class Search {
  readonly budget: Budget;
  readonly examined: ExaminedPath[] = [];
  readonly #input: PathInput;
  readonly #reporting: boolean;
  readonly #checking: Checking;
  readonly #faultyCertificates: Set<TrustAnchor> = new Set();
  readonly #faultyLinks: Map<Certificate, Set<TrustAnchor>> = new Map();
  #worst: Refusal | undefined;

  constructor(input: PathInput, reporting: boolean) {
    requireSense(input);
    this.budget = new Budget(input.limits);
    this.#input = input;
    this.#reporting = reporting;
    const mostIntermediates = input.mostIntermediates ?? defaultMostIntermediates;
    this.#checking = { input, mostIntermediates, budget: this.budget, links: new Map() };
  }

  run(): Found {
    try {
      return this.#search() ?? { refusal: this.#worst ?? noPath(this.#input) };
    } catch (error) {
      // The budget is used up: what has been found out about whole paths says more, where there was one.
      if (!isRefusal(error)) throw error;
      return { refusal: this.#worst ?? error };
    }
  }

  #search(): Found | undefined {
    const { mostIntermediates } = this.#checking;
    const faults = { isFaulty: (certificate: Certificate, issuer: TrustAnchor) => this.#isFaulty(certificate, issuer) };
    let found: Found | undefined;
    visitPaths(this.#input, mostIntermediates, faults, this.budget, (path) => {
      if (this.#hasFault(path)) return false;
      this.budget.spendPath();
      const { refusal, fault, policies } = this.#check(path);
      if (refusal === undefined) {
        found = { path, policies };
        return true;
      }
      if (fault !== undefined) this.#remember(fault);
      if (this.#worst === undefined || usefulness(refusal) > usefulness(this.#worst)) this.#worst = refusal;
      // Whatever the path, the end-entity stays the same.
      return fault?.certificate === this.#input.leaf && fault.issuer === undefined;
    });
    return found;
  }

  #check(path: CandidatePath): CheckedPath {
    if (!this.#reporting) return checkPath(path, this.#checking);
    const checks: PathCheck[] = [];
    const checked = checkPath(path, this.#checking, checks);
    this.examined.push({ certificates: certificatesOf(path), anchor: path.anchor, checks, refusal: checked.refusal });
    return checked;
  }

  #remember({ certificate, issuer }: Fault): void {
    if (issuer === undefined) {
      this.#faultyCertificates.add(certificate);
      return;
    }
    const issuers = this.#faultyLinks.get(certificate) ?? new Set();
    this.#faultyLinks.set(certificate, issuers.add(issuer));
  }

  #isFaulty(certificate: Certificate, issuer: TrustAnchor): boolean {
    return this.#faultyCertificates.has(issuer) || this.#faultyLinks.get(certificate)?.has(issuer) === true;
  }

  /** A path may have been begun before its fault was found in another. */
  #hasFault({ issued, anchor }: CandidatePath): boolean {
    return issued.some((certificate, index) => this.#isFaulty(certificate, issued[index + 1] ?? anchor));
  }
}

/** Without types a slip of the pen would ask for less: an unknown purpose for none, a limit that is no number for no limit. */
function requireSense(input: PathInput): void {
  const { purpose, profile, mostIntermediates } = input;
  if (!Number.isFinite(input.at)) throw new TypeError('a path is valid at a moment, which must be a number');
  if (!isPathPurpose(purpose)) throw new TypeError(`${String(purpose)} is no purpose of a path`);
  if (profile !== undefined && !isPathProfile(profile))
    throw new TypeError(`${String(profile)} is no profile of a path`);
  if (Number.isNaN(mostIntermediates ?? 0)) throw new TypeError('mostIntermediates is no number');
  if (profile === 'webpki' && input.isPublicSuffix === undefined) {
    throw new TypeError('the profile webpki needs isPublicSuffix: a wildcard below a public suffix is refused');
  }
}

function certificatesOf({ issued, anchor }: CandidatePath): Certificate[] {
  return isCertificate(anchor) ? [...issued, anchor] : [...issued];
}

/** That no issuer is known says least; a signature that fails says less than a rule broken on a path that is authentic. */
function usefulness({ code }: Refusal): number {
  return code === 'CS-PATH-004' || code === 'CS-PATH-009' || code === 'CS-PATH-014' ? 1 : 2;
}

function noPath({ leaf, anchors }: PathInput): Refusal {
  return new Refusal('CS-PATH-001', {
    subject: naming(leaf),
    issuer: leaf.issuer.text,
    anchors: anchors.map((anchor) => anchor.subject.text),
  });
}
