/** The class of peer policies: only the functions of this room make one, so that a look-alike object never counts as a policy. */
import type { PolicyRule } from './policy-rule.ts';

const making = Symbol('made by this room');

export class PeerPolicy {
  readonly #rule: PolicyRule;

  /** Not for callers: use `spiffeId`, `dnsName` and the others of this room. */
  constructor(token: symbol, rule: PolicyRule) {
    if (token !== making)
      throw new TypeError('a peer policy is made by spiffeId(), dnsName(), anyOf() and their like, or allowAnyPeer()');
    this.#rule = rule;
    Object.freeze(this);
  }

  static isPolicy(value: unknown): value is PeerPolicy {
    return typeof value === 'object' && value !== null && #rule in value;
  }

  static ruleOf(policy: PeerPolicy): PolicyRule {
    if (!PeerPolicy.isPolicy(policy))
      throw new TypeError(
        'not a peer policy: give what spiffeId(), dnsName(), anyOf() and their like, or allowAnyPeer() returned',
      );
    return policy.#rule;
  }
}

export function makePolicy(rule: PolicyRule): PeerPolicy {
  return new PeerPolicy(making, rule);
}

/** Whether `value` was made by this room; plain JavaScript ignores types, so doors ask again at run time. */
export function isPeerPolicy(value: unknown): value is PeerPolicy {
  return PeerPolicy.isPolicy(value);
}

/** @throws TypeError where `policy` is missing or a look-alike */
export function ruleOf(policy: PeerPolicy): PolicyRule {
  return PeerPolicy.ruleOf(policy);
}
