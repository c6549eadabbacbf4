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
    case 'uri':
      return rule.uri;
    case 'uri-pattern':
      return `${rule.prefix}${rule.segments.join('/')}`;
    case 'subject':
      return `subject ${rule.name.text}`;
    case 'spki-pin':
      return `key ${rule.pin}`;
    case 'any-of':
      return joined(rule.rules, 'or');
    case 'all-of':
      return joined(rule.rules, 'and');
    case 'any-peer':
      return 'any peer';
  }
}

/** Parentheses where "and" and "or" could be read in two ways. */
function joined(rules: readonly PolicyRule[], word: 'and' | 'or'): string {
  if (rules.length === 1) return rules.map(describeRule).join('');
  return rules
    .map((rule) => ('rules' in rule && rule.rules.length > 1 ? `(${describeRule(rule)})` : describeRule(rule)))
    .join(` ${word} `);
}
