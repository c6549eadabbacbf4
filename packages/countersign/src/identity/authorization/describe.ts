/** A policy in words, for the evidence of a refusal. */
import { ruleOf, type PeerPolicy } from './peer-policy.ts';
import type { PolicyRule } from './policy-rule.ts';

export function describe(policy: PeerPolicy): string {
  return describeRule(ruleOf(policy));
}

function describeRule(rule: PolicyRule): string {
  switch (rule.kind) {
    case 'spiffe-id':
      return rule.id;
    case 'spiffe-id-pattern':
      return `spiffe://${rule.trustDomain}/${rule.segments.join('/')}`;
    case 'dns-name':
      return rule.name;
    case 'dns-name-pattern':
      return `*.${rule.parent}`;
    case 'any-of':
      return rule.rules.map(describeRule).join(' or ');
    case 'any-peer':
      return 'any peer';
  }
}
