/** Names that an authority above them may not certify. */
import { type CertificatePlan, plannedName } from '../../../fixtures/planned-certificates.ts';
import { authoritiesOf, type Draft, leafOf } from '../draft.ts';
import { constrained, type ConstrainedKind, organization, organizationOf } from '../sound-chain.ts';
import { authority, type Flaw } from './flaw.ts';

export function constraintFlaws(): Flaw[] {
  const clause = 'RFC 5280 6.1.3 (b), (c)';
  const { dns, uri, email, ip } = constrained;
  const outside = (kind: ConstrainedKind, more: readonly string[] = []): Flaw => ({
    name: `${kind} outside what is permitted`,
    clause,
    apply: (draft) => {
      const { beside, names } = constrained[kind];
      const plan = aboveLeaf(draft, kind, draft.random.pick(names));
      plan.permitted = { ...plan.permitted, [kind]: [draft.random.pick([...beside, ...more])] };
      return plan;
    },
  });
  const inside = (kind: ConstrainedKind, name: string, excluded: readonly string[]): Flaw => ({
    name: `${kind} inside what is excluded`,
    clause,
    apply: (draft) => {
      const plan = aboveLeaf(draft, kind, name);
      const one = draft.random.pick(excluded);
      const other = draft.random.pick(constrained[kind].beside);
      plan.excluded = { ...plan.excluded, [kind]: draft.random.pick([[one], [one, other], [other, one]]) };
      return plan;
    },
  });
  return [
    outside('dns'),
    inside('dns', dns.names[0]!, [...dns.within, 'web.example.test', 'WEB.EXAMPLE.TEST']),
    {
      name: 'wildcard that stands for an excluded name',
      clause: 'RFC 5280 4.2.1.10; own rule for wildcards',
      apply: (draft) => {
        const plan = aboveLeaf(draft, 'dns', '*.example.test');
        plan.excluded = { ...plan.excluded, dns: [draft.random.pick(['web.example.test', 'Secret.Example.test'])] };
        return plan;
      },
    },
    {
      name: 'second of two names outside what is permitted',
      clause,
      apply: (draft) => {
        const plan = aboveLeaf(draft, 'dns', 'web.example.test');
        plan.permitted = { ...plan.permitted, dns: ['example.test'] };
        const leaf = leafOf(draft);
        leaf.names = { ...leaf.names, dns: ['web.example.test', 'web.other.test'] };
        return plan;
      },
    },
    outside('uri'),
    inside('uri', uri.names[0]!, uri.within),
    inside('uri', uri.names[2]!, uri.within),
    outside('email'),
    inside('email', email.names[0]!, email.within),
    inside('email', email.names[1]!, email.within),
    outside('ip'),
    inside('ip', ip.names[0]!, ip.within),
    {
      name: 'subject outside what is permitted',
      clause,
      apply: (draft) => {
        const plan = aboveLeaf(draft);
        if (leafOf(draft).subject.length === 2) return undefined;
        plan.permitted = { ...plan.permitted, directory: [{ raw: plannedName([organization, 'Others']) }] };
        return plan;
      },
    },
    {
      name: 'subject inside what is excluded',
      clause,
      apply: (draft) => {
        const plan = aboveLeaf(draft);
        if (leafOf(draft).subject.length === 2) return undefined;
        // Letters of another case make no other name (7.1).
        const name = draft.random.pick([organizationOf(draft.number), organizationOf(draft.number).toUpperCase()]);
        plan.excluded = { ...plan.excluded, directory: [{ raw: plannedName([organization, name]) }] };
        return plan;
      },
    },
    {
      name: 'mailbox of the subject outside what is permitted',
      clause: 'RFC 5280 4.2.1.10',
      apply: (draft) => {
        const plan = aboveLeaf(draft);
        const leaf = leafOf(draft);
        if (leaf.subject.length === 2 || leaf.names?.email !== undefined) return undefined;
        leaf.subject = plannedName(
          [organization, organizationOf(draft.number)],
          ['1.2.840.113549.1.9.1', 'web@other.test', 'PrintableString'],
        );
        plan.permitted = { ...plan.permitted, email: ['mail.example.test'] };
        return plan;
      },
    },
    {
      name: 'URI without a host under constraints on URIs',
      clause: 'RFC 5280 4.2.1.10',
      apply: (draft) => {
        const plan = aboveLeaf(draft);
        const leaf = leafOf(draft);
        const names = ['urn:example:test', 'https://10.1.2.3/', 'https://[2001:db8::1]/', 'mailto:a@td.example.test'];
        leaf.names = { ...leaf.names, uri: [draft.random.pick(names)] };
        for (const above of authoritiesOf(draft)) if (above.permitted?.uri !== undefined) return undefined;
        plan.excluded = { ...plan.excluded, uri: ['.other.test'] };
        return plan;
      },
    },
  ];
}

/** An authority whose constraints the leaf's names come under, and the leaf given `name`. */
function aboveLeaf(draft: Draft, kind?: ConstrainedKind, name?: string): CertificatePlan {
  const leaf = leafOf(draft);
  if (kind !== undefined && name !== undefined) {
    leaf.names = { ...leaf.names, [kind]: [name] };
    if (draft.asked.name?.kind === kind) delete draft.asked.name;
  }
  return authority(draft);
}
