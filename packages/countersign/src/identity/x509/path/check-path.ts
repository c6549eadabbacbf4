/** One path from end-entity to anchor against RFC 5280 section 6 and the rules of its profile, each check in its order. */
import { toRfc3339 } from '../../../ground/clock/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { algorithmFits, type PublicKeyInfo } from '../algorithms.ts';
import { type Certificate, isSelfIssued } from '../certificate.ts';
import type { DistinguishedName } from '../distinguished-name.ts';
import { anyPolicy } from '../extensions/policies.ts';
import { naming } from '../naming.ts';
import { carriesPeerName, type WildcardsAllowed } from '../names/peer-name.ts';
import type { Budget } from './budget.ts';
import type { CandidatePath } from './build-paths.ts';
import {
  requireAuthority,
  requireEndEntityUsage,
  requireIssuerPurpose,
  requireKnownExtensions,
  requireSoundKey,
  requireSoundSignature,
} from './certificate-rules.ts';
import { countNames, prepareConstraints, type PreparedConstraints } from './name-constraints.ts';
import type { PathInput } from './path-input.ts';
import type { PathCheck } from './path-report.ts';
import { PolicyState } from './policy-graph.ts';
import { brokenRule, type PathPlace } from './profile-rules.ts';
import { isCertificate, type TrustAnchor } from './trust-anchor.ts';

/** What the checks of one question share. */
export interface Checking {
  readonly input: PathInput;
  readonly mostIntermediates: number;
  readonly budget: Budget;
  readonly links: LinkVerdicts;
}

/** Signatures already verified: of the end of a link by the key of its beginning. */
export type LinkVerdicts = Map<Certificate, Map<PublicKeyInfo, boolean>>;

/** The certificate, and where it matters the issuer, that a refusal is about whatever path they stand in. */
export interface Fault {
  readonly certificate: Certificate;
  readonly issuer?: TrustAnchor;
}

export interface CheckedPath {
  readonly refusal?: Refusal;
  /** Where the same would be refused in every other path, too. */
  readonly fault?: Fault;
  readonly policies: readonly string[];
}

/** One check: what is looked at, by which clause, and what throws where it fails. */
type Note = (certificate: number, rule: string, clause: string) => void;

export function checkPath(path: CandidatePath, checking: Checking, checks?: PathCheck[]): CheckedPath {
  const attempt = new Attempt(path, checking, checks);
  return attempt.run();
}

class Attempt {
  readonly #issued: readonly Certificate[];
  readonly #anchor: TrustAnchor;
  readonly #checking: Checking;
  readonly #input: PathInput;
  readonly #checks: PathCheck[] | undefined;
  #fault: Fault | undefined;

  constructor({ issued, anchor }: CandidatePath, checking: Checking, checks: PathCheck[] | undefined) {
    this.#issued = issued;
    this.#anchor = anchor;
    this.#checking = checking;
    this.#input = checking.input;
    this.#checks = checks;
  }

  run(): CheckedPath {
    try {
      this.#signatures();
      this.#eachCertificate();
      this.#lengths();
      this.#nameConstraints();
      const policies = this.#policies();
      this.#endEntity();
      return { policies };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const last = this.#checks?.pop();
      if (last !== undefined) this.#checks?.push({ ...last, passed: false });
      return { refusal: error, policies: [], ...(this.#fault === undefined ? {} : { fault: this.#fault }) };
    }
  }

  /** Noted before it is done: where it throws, the last one noted is the one that failed. */
  #note: Note = (certificate, rule, clause) => {
    this.#checks?.push({ certificate, rule, clause, passed: true });
  };

  /** From the anchor down: what stands under a forged certificate is not worth a look. */
  #signatures(): void {
    const { dangerouslyAllow } = this.#input;
    for (let index = this.#issued.length - 1; index >= 0; index--) {
      const [subject, issuer] = [this.#issued[index], this.#issued[index + 1] ?? this.#anchor];
      if (subject === undefined) continue;
      this.#fault = { certificate: subject, issuer };
      this.#note(index, 'signed by its issuer', 'RFC 5280 6.1.3 (a) (1)');
      const { signatureAlgorithm: algorithm } = subject;
      requireSoundSignature(algorithm, dangerouslyAllow);
      requireSoundKey(issuer.publicKey, dangerouslyAllow);
      if (!algorithmFits(algorithm, issuer.publicKey.type)) {
        throw new Refusal('CS-PATH-009', { subject: naming(subject), algorithm, keyType: issuer.publicKey.type });
      }
      if (!this.#verified(subject, issuer.publicKey)) {
        throw new Refusal('CS-PATH-004', { subject: naming(subject), issuer: issuer.subject.text });
      }
    }
    this.#fault = undefined;
  }

  #verified(subject: Certificate, key: PublicKeyInfo): boolean {
    const { links, budget } = this.#checking;
    const verdicts = links.get(subject) ?? new Map<PublicKeyInfo, boolean>();
    const known = verdicts.get(key);
    if (known !== undefined) return known;
    budget.spendSignature();
    const { signatureAlgorithm: algorithm, tbs, signature } = subject;
    requireSoundSignature(algorithm, this.#input.dangerouslyAllow);
    const verdict = this.#input.verifySignature(key, algorithm, tbs, signature);
    verdicts.set(key, verdict);
    links.set(subject, verdicts);
    return verdict;
  }

  /** What each certificate says of itself; a fault here ends every other path through it, too. */
  #eachCertificate(): void {
    const certificates = isCertificate(this.#anchor) ? [...this.#issued, this.#anchor] : this.#issued;
    for (const [index, certificate] of certificates.entries()) {
      const place: PathPlace = index === 0 ? 'end-entity' : index < this.#issued.length ? 'issuer' : 'anchor';
      this.#fault = { certificate };
      this.#note(index, 'its critical extensions are processed', 'RFC 5280 6.1.4 (o), 6.1.5 (f)');
      requireKnownExtensions(certificate);
      this.#note(index, 'valid at the time', 'RFC 5280 6.1.3 (a) (2)');
      requireTime(certificate, this.#input.at);
      if (place === 'end-entity') {
        this.#note(index, 'a key that is accepted', 'own rule');
        requireSoundKey(certificate.publicKey, this.#input.dangerouslyAllow);
      } else {
        this.#note(index, 'an authority that may sign certificates', 'RFC 5280 6.1.4 (k), (n)');
        requireAuthority(certificate);
        if (this.#input.issuerKeyPurposes !== 'ignored') {
          this.#note(index, 'its purposes allow the one asked for', 'own rule, as CA/Browser Forum BR 7.1.2.2.5');
          requireIssuerPurpose(certificate, this.#input.purpose);
        }
      }
      this.#profile(certificate, index, place);
    }
    this.#fault = undefined;
  }

  #profile(certificate: Certificate, index: number, place: PathPlace): void {
    const profile = this.#input.profile ?? 'mutual-tls';
    const broken = brokenRule(certificate, place, profile);
    this.#note(index, `the rules of the profile ${profile}`, broken?.clause ?? 'see the profile');
    if (broken === undefined) return;
    const { rule, clause } = broken;
    throw new Refusal('CS-PATH-013', { subject: naming(certificate), profile, rule, clause });
  }

  #lengths(): void {
    const { mostIntermediates } = this.#checking;
    // Self-issued certificates do not count (RFC 5280, 6.1.4 (l)).
    let intermediates = 0;
    for (const [at, issuer] of this.#issued.slice(1).entries()) {
      const { pathLength } = issuer.basicConstraints ?? {};
      this.#note(at + 1, 'as many authorities below it as it allows', 'RFC 5280 6.1.4 (l), (m)');
      requireLength(issuer, pathLength, intermediates);
      if (!isSelfIssued(issuer)) intermediates++;
      requireLength(issuer, mostIntermediates, intermediates);
    }
    if (!isCertificate(this.#anchor)) return;
    this.#note(this.#issued.length, 'as many authorities below it as it allows', 'RFC 5280 6.1.4 (m); RFC 5937 3.2');
    requireLength(this.#anchor, this.#anchor.basicConstraints?.pathLength, intermediates);
  }

  #nameConstraints(): void {
    const { nameConstraints } = this.#anchor;
    const above: { readonly constraints: PreparedConstraints; readonly issuer: DistinguishedName }[] = [];
    const add = (constraints: typeof nameConstraints, issuer: DistinguishedName, index: number): void => {
      if (constraints === undefined) return;
      this.#note(index, 'its name constraints are of an allowed form', 'RFC 5280 4.2.1.10');
      above.push({ constraints: prepareConstraints(constraints), issuer });
    };
    add(nameConstraints, this.#anchor.subject, this.#issued.length);
    for (let index = this.#issued.length - 1; index >= 0; index--) {
      const certificate = this.#issued[index];
      if (certificate === undefined) continue;
      // A self-issued certificate is exempt, unless it is the last (RFC 5280, 6.1.3 (b)).
      if (above.length > 0 && (index === 0 || !isSelfIssued(certificate))) {
        this.#note(index, 'its names are within the constraints above it', 'RFC 5280 6.1.3 (b), (c)');
        this.#checking.budget.spendNames(countNames(certificate), above.length);
        for (const { constraints, issuer } of above) {
          const refused = constraints.refusedName(certificate);
          if (refused !== undefined) throw new Refusal('CS-PATH-011', { ...refused, issuer: issuer.text });
        }
      }
      if (index > 0) add(certificate.nameConstraints, certificate.subject, index);
    }
  }

  #policies(): readonly string[] {
    const { policies = {} } = this.#input;
    if (this.#checks === undefined && !this.#policiesMatter()) return [];
    const state = new PolicyState(policies, this.#issued.length);
    if (isCertificate(this.#anchor)) state.constrain(this.#anchor);
    for (let index = this.#issued.length - 1; index >= 0; index--) {
      const certificate = this.#issued[index];
      if (certificate === undefined) continue;
      this.#note(index, 'a policy where one is required', 'RFC 5280 6.1.3 (d) to (f) by RFC 9618');
      const selfIssued = isSelfIssued(certificate);
      if (!state.enter(certificate, index > 0 && selfIssued)) throw noPolicy(certificate, policies.accepted);
      if (index === 0) continue;
      if (certificate.policyMappings !== undefined) this.#note(index, 'any policy is not mapped', 'RFC 5280 6.1.4 (a)');
      for (const { issuerDomainPolicy, subjectDomainPolicy } of certificate.policyMappings ?? []) {
        if (issuerDomainPolicy !== anyPolicy && subjectDomainPolicy !== anyPolicy) continue;
        const rule = 'any policy is mapped';
        throw new Refusal('CS-PATH-012', { subject: naming(certificate), rule, accepted: accepted(policies.accepted) });
      }
      state.prepare(certificate, selfIssued);
    }
    const valid = state.finish(this.#input.leaf);
    if (valid === undefined) throw noPolicy(this.#input.leaf, policies.accepted);
    return valid;
  }

  /** Whether a policy can come to be required, or a mapping to be wrong: in most paths neither, and nothing needs to be computed. */
  #policiesMatter(): boolean {
    const concerns = (certificate: Certificate): boolean =>
      certificate.policyConstraints !== undefined || certificate.policyMappings !== undefined;
    return (
      this.#input.policies?.requireExplicit === true ||
      this.#issued.some(concerns) ||
      (isCertificate(this.#anchor) && concerns(this.#anchor))
    );
  }

  #endEntity(): void {
    const { leaf, names = [], purpose } = this.#input;
    this.#fault = { certificate: leaf };
    this.#note(
      0,
      purpose === 'any' ? 'the usages asked for' : `fit for the purpose: ${purpose}`,
      'RFC 5280 4.2.1.3, 4.2.1.12',
    );
    requireEndEntityUsage(this.#input);
    const wildcards = wildcardsOf(this.#input);
    for (const name of names) {
      this.#note(0, `carries the name ${name.value}`, 'RFC 9525 6');
      if (!carriesPeerName(leaf, name, wildcards)) throw notCarried(leaf, name.value);
    }
    this.#fault = undefined;
  }
}

/** Machines in mutual TLS have names of their own; on the Web no wildcard stands for the names of several holders (BR 3.2.2.6). */
function wildcardsOf({ profile = 'mutual-tls', isPublicSuffix }: PathInput): WildcardsAllowed {
  if (profile === 'mutual-tls') return () => false;
  return (domain) => profile !== 'webpki' || isPublicSuffix?.(domain) === false;
}

function requireTime(certificate: Certificate, at: number): void {
  if (at < certificate.notBefore) {
    const notBefore = toRfc3339(certificate.notBefore);
    throw new Refusal('CS-PATH-003', { subject: naming(certificate), notBefore, at: toRfc3339(at) });
  }
  // notAfter is inclusive of its final second (RFC 5280, 4.1.2.5).
  if (at >= certificate.notAfter + 1000) {
    const notAfter = toRfc3339(certificate.notAfter);
    throw new Refusal('CS-PATH-002', { subject: naming(certificate), notAfter, at: toRfc3339(at) });
  }
}

function requireLength(issuer: Certificate, pathLength: number | undefined, intermediates: number): void {
  if (pathLength === undefined || intermediates <= pathLength) return;
  throw new Refusal('CS-PATH-006', { issuer: issuer.subject.text, pathLength, intermediates });
}

function noPolicy(certificate: Certificate, policies: readonly string[] | undefined): Refusal {
  const rule = 'a policy is required, and the path is valid for none that is accepted';
  return new Refusal('CS-PATH-012', { subject: naming(certificate), rule, accepted: accepted(policies) });
}

function accepted(policies: readonly string[] | undefined): readonly string[] {
  return policies ?? ['any'];
}

function notCarried({ subjectAltName: names }: Certificate, name: string): Refusal {
  return new Refusal('CS-PATH-010', { name, found: [...names.dns, ...names.uri, ...names.ip, ...names.email] });
}
