/** Policies that are required and missing. */
import { anyPolicy } from '../../../../packages/countersign/src/identity/x509/index.ts';
import type { CertificatePlan } from '../../../fixtures/planned-certificates.ts';
import { anchorOf, type Draft, issuersOf, leafOf } from '../draft.ts';
import { chance, policy } from '../sound-chain.ts';
import { changed, type Flaw, issued } from './flaw.ts';

export function policyFlaws(): Flaw[] {
  const clause = 'RFC 5280 6.1.3 (d) to (f), RFC 9618';
  /** All of a path with one policy, which an authority requires. */
  const required = (draft: Draft): CertificatePlan | undefined => {
    const [top] = issuersOf(draft).slice(-1);
    if (top === undefined || draft.facts.has('policies') || draft.facts.has('self-issued')) return undefined;
    for (const plan of draft.certificates.slice(0, -1)) plan.policies = [policy(1)];
    top.policyConstraints = { requireExplicitPolicy: 0 };
    return top;
  };
  return [
    {
      name: 'required policy missing',
      clause,
      apply: (draft) => {
        if (required(draft) === undefined) return undefined;
        return changed(issued(draft), (plan) => delete plan.policies);
      },
    },
    {
      name: 'required policy is another',
      clause,
      apply: (draft) => {
        if (required(draft) === undefined) return undefined;
        return changed(leafOf(draft), (plan) => (plan.policies = [policy(8)]));
      },
    },
    {
      name: 'policy required by the anchor missing',
      clause: 'RFC 5937 3.2',
      apply: (draft) => {
        if (draft.facts.has('policies')) return undefined;
        return changed(anchorOf(draft), (plan) => (plan.policyConstraints = { requireExplicitPolicy: 0 }));
      },
    },
    {
      name: 'policy mapped where that is inhibited',
      clause: 'RFC 5280 6.1.4 (b) (2)',
      apply: (draft) => {
        const [below, top] = issuersOf(draft).slice(-2);
        if (below === undefined || top === undefined || required(draft) === undefined) return undefined;
        top.policyConstraints = { requireExplicitPolicy: 0, inhibitPolicyMapping: 0 };
        below.mappings = [{ issuerDomainPolicy: policy(1), subjectDomainPolicy: policy(2) }];
        for (const plan of draft.certificates.slice(0, draft.certificates.indexOf(below))) plan.policies = [policy(2)];
        return below;
      },
    },
    {
      name: 'any policy where that is inhibited',
      clause: 'RFC 5280 6.1.3 (d) (2)',
      apply: (draft) => {
        const top = required(draft);
        if (top === undefined) return undefined;
        top.inhibitAnyPolicy = 0;
        const leaf = leafOf(draft);
        leaf.policies = [anyPolicy];
        return leaf;
      },
    },
    {
      name: 'mapping to any policy',
      clause: 'RFC 5280 6.1.4 (a)',
      apply: (draft) => {
        const top = required(draft);
        if (top === undefined) return undefined;
        const pair = [policy(1), anyPolicy] as const;
        const [from, to] = chance(draft.random, 50) ? pair : [pair[1], pair[0]];
        top.mappings = [{ issuerDomainPolicy: from, subjectDomainPolicy: to }];
        return top;
      },
    },
    {
      name: 'not the policy asked for',
      clause: 'RFC 5280 6.1.5 (g)',
      apply: (draft) => {
        if (required(draft) === undefined) return undefined;
        for (const plan of draft.certificates.slice(0, -1)) plan.policies = [policy(7)];
        draft.asked.policy = policy(1);
        return leafOf(draft);
      },
    },
  ];
}
