/** The valid policy graph (RFC 9618, which replaces the tree of RFC 5280, 6.1.3 to 6.1.5): its size is linear in what certificates say. */
import type { Certificate } from '../certificate.ts';
import { anyPolicy } from '../extensions/policies.ts';
import type { PolicyInput } from './path-input.ts';

interface PolicyNode {
  readonly policy: string;
  /** Nodes one level up. */
  readonly parents: Set<PolicyNode>;
  /** Nodes one level down, while they stand. */
  children: number;
  expected: ReadonlySet<string>;
}

type Level = Map<string, PolicyNode>;

/** What 6.1.2 begins with and 6.1.3 to 6.1.5 go on with, for one path. */
export class PolicyState {
  readonly #accepted: ReadonlySet<string> | undefined;
  /** From depth 0; no level at all is the NULL graph. */
  #levels: Level[];
  /** Certificates that may follow until a policy is required, mapping ends, anyPolicy ends. */
  #explicitAfter: number;
  #mappingEnds: number;
  #anyPolicyEnds: number;

  /** @param length certificates of the path without its anchor */
  constructor({ accepted, requireExplicit, inhibitMapping, inhibitAnyPolicy }: PolicyInput, length: number) {
    this.#accepted = accepted === undefined || accepted.includes(anyPolicy) ? undefined : new Set(accepted);
    this.#levels = [new Map([[anyPolicy, node(anyPolicy)]])];
    this.#explicitAfter = requireExplicit === true ? 0 : length + 1;
    this.#mappingEnds = inhibitMapping === true ? 0 : length + 1;
    this.#anyPolicyEnds = inhibitAnyPolicy === true ? 0 : length + 1;
  }

  /** What an anchor's own certificate constrains (RFC 5937, 3.2). */
  constrain({ policyConstraints, inhibitAnyPolicy }: Certificate): void {
    const { requireExplicitPolicy, inhibitPolicyMapping } = policyConstraints ?? {};
    this.#explicitAfter = Math.min(this.#explicitAfter, requireExplicitPolicy ?? Infinity);
    this.#mappingEnds = Math.min(this.#mappingEnds, inhibitPolicyMapping ?? Infinity);
    this.#anyPolicyEnds = Math.min(this.#anyPolicyEnds, inhibitAnyPolicy ?? Infinity);
  }

  /**
   * 6.1.3 (d) to (f).
   * @param mayUseAnyPolicy whether the certificate is self-issued and not the last
   * @returns whether the path may go on
   */
  enter({ certificatePolicies }: Certificate, mayUseAnyPolicy: boolean): boolean {
    const above = this.#levels.at(-1);
    if (certificatePolicies === undefined || above === undefined) this.#levels = [];
    else {
      const policies = certificatePolicies.map(({ policy }) => policy);
      this.#levels.push(nextLevel(above, policies, this.#anyPolicyEnds > 0 || mayUseAnyPolicy));
      this.#prune();
    }
    return this.#explicitAfter > 0 || this.#levels.length > 0;
  }

  /** 6.1.4 (b), (h), (i), (j): what the issuer changes for those below it. */
  prepare(issuer: Certificate, selfIssued: boolean): void {
    if (issuer.policyMappings !== undefined) this.#map(issuer.policyMappings);
    if (!selfIssued) {
      this.#explicitAfter = Math.max(0, this.#explicitAfter - 1);
      this.#mappingEnds = Math.max(0, this.#mappingEnds - 1);
      this.#anyPolicyEnds = Math.max(0, this.#anyPolicyEnds - 1);
    }
    this.constrain(issuer);
  }

  #map(mappings: NonNullable<Certificate['policyMappings']>): void {
    const level = this.#levels.at(-1);
    const above = this.#levels.at(-2);
    if (level === undefined || above === undefined) return;
    const bySource = Map.groupBy(mappings, ({ issuerDomainPolicy }) => issuerDomainPolicy);
    for (const [policy, pairs] of bySource) {
      if (this.#mappingEnds === 0) {
        remove(level, policy);
        continue;
      }
      const expected = new Set(pairs.map(({ subjectDomainPolicy }) => subjectDomainPolicy));
      const known = level.get(policy);
      if (known !== undefined) known.expected = expected;
      else if (level.has(anyPolicy)) {
        const any = above.get(anyPolicy);
        if (any !== undefined) add(level, policy, [any], expected);
      }
    }
    this.#prune();
  }

  /** 6.1.5 (a), (b), (g): the policies that the path is valid for, or `undefined` where one is required and there is none. */
  finish(last: Certificate): readonly string[] | undefined {
    const explicitAfter =
      last.policyConstraints?.requireExplicitPolicy === 0 ? 0 : Math.max(0, this.#explicitAfter - 1);
    const policies = this.#userConstrained();
    return explicitAfter > 0 || policies.length > 0 ? policies : undefined;
  }

  #userConstrained(): string[] {
    const authority = new Set<string>();
    for (const level of this.#levels.slice(1)) {
      for (const { policy, parents } of level.values()) {
        const [parent] = parents;
        if (policy !== anyPolicy && parents.size === 1 && parent?.policy === anyPolicy) authority.add(policy);
      }
    }
    const anyAtEnd = this.#levels.length > 1 && this.#levels.at(-1)?.has(anyPolicy) === true;
    if (this.#accepted === undefined) return anyAtEnd ? [...authority, anyPolicy] : [...authority];
    return anyAtEnd ? [...this.#accepted] : [...authority].filter((policy) => this.#accepted?.has(policy));
  }

  /** 6.1.3 (d) (3): nodes without children above the last level go, from below; an empty last level ends the graph. */
  #prune(): void {
    for (let depth = this.#levels.length - 2; depth >= 0; depth--) {
      const level = this.#levels[depth];
      if (level === undefined) continue;
      for (const { policy, children } of level.values()) if (children === 0) remove(level, policy);
    }
    if (this.#levels.at(-1)?.size === 0) this.#levels = [];
  }
}

function node(policy: string, expected: ReadonlySet<string> = new Set([policy])): PolicyNode {
  return { policy, parents: new Set(), children: 0, expected };
}

function add(level: Level, policy: string, parents: readonly PolicyNode[], expected?: ReadonlySet<string>): void {
  const made = node(policy, expected);
  for (const parent of parents) {
    made.parents.add(parent);
    parent.children++;
  }
  level.set(policy, made);
}

function remove(level: Level, policy: string): void {
  for (const parent of level.get(policy)?.parents ?? []) parent.children--;
  level.delete(policy);
}

/** 6.1.3 (d) (1), (2). */
function nextLevel(above: Level, policies: readonly string[], anyAllowed: boolean): Level {
  const level: Level = new Map();
  const expecting = new Map<string, PolicyNode[]>();
  for (const parent of above.values()) {
    for (const policy of parent.expected) {
      const list = expecting.get(policy);
      if (list === undefined) expecting.set(policy, [parent]);
      else list.push(parent);
    }
  }
  const any = above.get(anyPolicy);
  for (const policy of policies) {
    if (policy === anyPolicy) continue;
    const parents = expecting.get(policy) ?? (any === undefined ? [] : [any]);
    if (parents.length > 0) add(level, policy, parents);
  }
  if (anyAllowed && policies.includes(anyPolicy)) {
    for (const [policy, parents] of expecting) if (!level.has(policy)) add(level, policy, parents);
  }
  return level;
}
