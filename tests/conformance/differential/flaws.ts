/** Ways to break a right chain in exactly one place, each with the clause that forbids it. One table, and so longer than a file should be. */
import {
  concatBytes,
  encodeElement,
  encodeOid,
  encodeSequence,
} from '../../../packages/countersign/src/ground/encoding/index.ts';
import { anyPolicy, extendedKeyUsages } from '../../../packages/countersign/src/identity/x509/index.ts';
import {
  type CertificatePlan,
  type PlannedKey,
  plannedExtension,
  plannedName,
  soundAlgorithms,
} from '../../fixtures/planned-certificates.ts';
import { anchorOf, authoritiesOf, type Draft, issuersOf, leafOf, moment } from './draft.ts';
import {
  chance,
  commonName,
  constrained,
  type ConstrainedKind,
  countedBelow,
  emailProtection,
  organization,
  organizationOf,
  policy,
} from './sound-chain.ts';

export interface Flaw {
  readonly name: string;
  readonly clause: string;
  /** Whether others may not even read it, so that it cannot stand in one file with the sound ones. */
  readonly encoding?: true;
  /** Breaks the chain and answers which certificate is broken; `undefined` where this chain cannot be broken so. */
  apply(draft: Draft): CertificatePlan | undefined;
}

const secondMs = 1000;

export const flaws: readonly Flaw[] = [
  ...signatureFlaws(),
  ...timeFlaws(),
  ...authorityFlaws(),
  ...usageFlaws(),
  ...nameFlaws(),
  ...constraintFlaws(),
  ...policyFlaws(),
  ...extensionFlaws(),
  ...encodingFlaws(),
];

function issued({ certificates, random }: Draft): CertificatePlan {
  return random.pick(certificates.slice(0, -1));
}

function any({ certificates, random }: Draft): CertificatePlan {
  return random.pick(certificates);
}

function authority(draft: Draft): CertificatePlan {
  return draft.random.pick(authoritiesOf(draft));
}

/** Changes one certificate and answers it. */
function changed<Plan extends CertificatePlan | undefined>(plan: Plan, change: (plan: CertificatePlan) => void): Plan {
  if (plan !== undefined) change(plan);
  return plan;
}

function signatureFlaws(): Flaw[] {
  const clause = 'RFC 5280 6.1.3 (a) (1)';
  const withBit = (bytes: Uint8Array, at: number): Uint8Array => bytes.with(at, bytes[at]! ^ 1);
  return [
    {
      name: 'signature changed',
      clause,
      apply: (draft) =>
        changed(issued(draft), (plan) => (plan.changeSignature = (octets) => withBit(octets, octets.length - 5))),
    },
    {
      name: 'signed with another key',
      clause,
      apply: (draft) => {
        const plan = issued(draft);
        const { ofType, stranger } = draft.keys;
        const { type } = plan.signer;
        // The key of a namesake would be no other.
        const free = [...ofType[type], stranger[type]].filter((key) => !inUse(draft).has(key));
        if (free.length === 0) return undefined;
        return changed(plan, () => (plan.signer = draft.random.pick(free)));
      },
    },
    {
      name: 'signed with a key of another type',
      clause,
      apply: (draft) =>
        changed(issued(draft), (plan) => {
          const types = (['P-256', 'Ed25519', 'RSA'] as const).filter((type) => type !== plan.signer.type);
          const keys = types.flatMap((type) => draft.keys.ofType[type]).filter((key) => !inUse(draft).has(key));
          plan.signer = draft.random.pick(keys);
          plan.algorithm = draft.random.pick(soundAlgorithms[plan.signer.type]);
        }),
    },
    {
      name: 'another algorithm outside of what is signed',
      clause: 'RFC 5280 4.1.1.2',
      encoding: true,
      apply: (draft) =>
        changed(issued(draft), (plan) => {
          const others = (['ecdsa-sha256', 'ecdsa-sha384', 'rsa-sha256', 'rsa-sha384', 'ed25519'] as const).filter(
            (name) => name !== plan.algorithm,
          );
          plan.outerAlgorithm = draft.random.pick(others);
        }),
    },
    {
      name: 'SHA-1',
      clause: 'NIST SP 800-131A 3; own rule',
      apply: (draft) => {
        const plans = draft.certificates.slice(0, -1).filter(({ signer }) => signer.type !== 'Ed25519');
        if (plans.length === 0) return undefined;
        return changed(
          draft.random.pick(plans),
          (plan) => (plan.algorithm = plan.signer.type === 'RSA' ? 'rsa-sha1' : 'ecdsa-sha1'),
        );
      },
    },
    {
      name: 'RSA key of 1024 bits',
      clause: 'NIST SP 800-131A 3; own rule',
      apply: (draft) => {
        const { certificates, keys, random } = draft;
        const at = random.number(certificates.length);
        const plan = certificates[at]!;
        if (draft.others.length > 0) return undefined;
        plan.key = keys.rsa1024;
        if (plan.subjectKeyIdentifier !== undefined) plan.subjectKeyIdentifier = keys.rsa1024.identifier;
        const below = at === 0 ? undefined : certificates[at - 1];
        for (const signed of [below, at === certificates.length - 1 ? plan : undefined]) {
          if (signed === undefined) continue;
          signed.signer = keys.rsa1024;
          signed.algorithm = 'rsa-sha256';
          if (signed.authorityKeyIdentifier !== undefined) signed.authorityKeyIdentifier = keys.rsa1024.identifier;
        }
        return plan;
      },
    },
    {
      name: 'PSS with a salt of another length than its hash',
      clause: 'RFC 4055 3.1 (SHOULD); own rule',
      apply: (draft) => {
        const plans = draft.certificates.slice(0, -1).filter(({ signer }) => signer.type === 'RSA');
        if (plans.length === 0) return undefined;
        return changed(draft.random.pick(plans), (plan) => (plan.algorithm = 'pss-sha256-salt-20'));
      },
    },
  ];
}

function inUse({ certificates, others }: Draft): ReadonlySet<PlannedKey> {
  return new Set([...certificates, ...others].map(({ key }) => key));
}

function timeFlaws(): Flaw[] {
  const clause = 'RFC 5280 6.1.3 (a) (2)';
  return [
    { name: 'expired', clause, apply: (draft) => changed(any(draft), (plan) => (plan.notAfter = moment - secondMs)) },
    {
      name: 'not yet valid',
      clause,
      apply: (draft) =>
        changed(any(draft), (plan) => {
          plan.notBefore = moment + secondMs;
          plan.notAfter = Math.max(plan.notAfter, moment + secondMs);
        }),
    },
    {
      name: 'ends before it begins',
      clause: 'RFC 5280 4.1.2.5',
      apply: (draft) =>
        changed(any(draft), (plan) => {
          plan.notBefore = moment + 2 * secondMs;
          plan.notAfter = moment - 2 * secondMs;
        }),
    },
  ];
}

function authorityFlaws(): Flaw[] {
  return [
    {
      name: 'issuer without basicConstraints',
      clause: 'RFC 5280 6.1.4 (k)',
      apply: (draft) =>
        changed(authority(draft), (plan) => {
          delete plan.ca;
          delete plan.pathLength;
        }),
    },
    {
      name: 'issuer that is no authority',
      clause: 'RFC 5280 6.1.4 (k)',
      apply: (draft) =>
        changed(authority(draft), (plan) => {
          plan.ca = false;
          delete plan.pathLength;
        }),
    },
    {
      name: 'issuer without keyCertSign',
      clause: 'RFC 5280 6.1.4 (n)',
      apply: (draft) =>
        changed(authority(draft), (plan) => {
          plan.keyUsage = draft.random.pick([['cRLSign'], ['digitalSignature', 'cRLSign']]);
          delete plan.pathLength;
        }),
    },
    {
      name: 'path longer than allowed',
      clause: 'RFC 5280 6.1.4 (l), (m)',
      apply: (draft) => {
        const candidates = authoritiesOf(draft).filter(
          (plan) => countedBelow(draft, draft.certificates.indexOf(plan)) > 0,
        );
        if (candidates.length === 0) return undefined;
        return changed(draft.random.pick(candidates), (plan) => {
          plan.pathLength = countedBelow(draft, draft.certificates.indexOf(plan)) - 1;
        });
      },
    },
  ];
}

function usageFlaws(): Flaw[] {
  const { clientAuth, serverAuth } = extendedKeyUsages;
  const other = ({ asked, random }: Draft): string[] =>
    random.pick([[asked.purpose === 'client' ? serverAuth : clientAuth], [emailProtection]]);
  return [
    {
      name: 'leaf for another purpose',
      clause: 'RFC 5280 4.2.1.12',
      apply: (draft) => changed(leafOf(draft), (plan) => (plan.extendedKeyUsage = other(draft))),
    },
    {
      name: 'issuer for another purpose',
      clause: 'CA/Browser Forum BR 7.1.2.2.5; own rule',
      apply: (draft) => changed(authority(draft), (plan) => (plan.extendedKeyUsage = other(draft))),
    },
  ];
}

function nameFlaws(): Flaw[] {
  return [
    {
      name: 'issued by another name',
      clause: 'RFC 5280 6.1.3 (a) (4)',
      apply: (draft) =>
        changed(issued(draft), (plan) => {
          plan.issuer = plannedName([organization, organizationOf(draft.number)], [commonName, 'Somebody else']);
        }),
    },
    {
      name: 'issuer without its last attribute',
      clause: 'RFC 5280 6.1.3 (a) (4)',
      apply: (draft) =>
        changed(issued(draft), (plan) => (plan.issuer = plannedName([organization, organizationOf(draft.number)]))),
    },
    {
      name: 'another name than asked for',
      clause: 'RFC 9525 6',
      apply: (draft) => {
        const { asked, random } = draft;
        const leaf = leafOf(draft);
        const { dns, ip, email } = leaf.names ?? {};
        const choices = [
          ...(dns === undefined
            ? []
            : ([
                [
                  'dns',
                  ['other.example.org', '*.test', 'web.example.test.other', '*.web.example.test', 'xweb.example.test'],
                ],
              ] as const)),
          ...(ip === undefined ? [] : ([['ip', ['10.1.2.4', '2001:db8::1']]] as const)),
          ...(email === undefined ? [] : ([['email', ['WEB@mail.example.test', 'web@example.test']]] as const)),
        ];
        if (choices.length === 0 || authoritiesOf(draft).some(({ permitted, excluded }) => permitted ?? excluded)) {
          return undefined;
        }
        const [kind, names] = random.pick(choices);
        leaf.names = { ...leaf.names, [kind]: [random.pick(names)] };
        const values = { dns: 'web.example.test', ip: '10.1.2.3', email: 'web@mail.example.test' };
        asked.name = { kind, value: values[kind] };
        return leaf;
      },
    },
    {
      name: 'wildcard that is a part of its label alone',
      clause: 'RFC 9525 6.3',
      apply: (draft) => {
        if (authoritiesOf(draft).some(({ permitted, excluded }) => permitted ?? excluded)) return undefined;
        draft.asked.name = { kind: 'dns', value: 'web.example.test' };
        return changed(leafOf(draft), (leaf) => {
          leaf.names = {
            ...leaf.names,
            dns: [draft.random.pick(['w*.example.test', '*b.example.test', 'w*b.example.test'])],
          };
        });
      },
    },
    {
      name: 'no subject and no critical name',
      clause: 'RFC 5280 4.2.1.6',
      apply: (draft) =>
        changed(leafOf(draft), (plan) => {
          plan.subject = plannedName();
          if (chance(draft.random, 50)) delete plan.names;
          else plan.namesCritical = false;
          if (plan.names === undefined) delete draft.asked.name;
        }),
    },
  ];
}

function constraintFlaws(): Flaw[] {
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

function policyFlaws(): Flaw[] {
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

function extensionFlaws(): Flaw[] {
  const withMore = (plan: CertificatePlan, extension: Uint8Array): void => {
    plan.more = [...(plan.more ?? []), extension];
  };
  return [
    {
      name: 'unknown critical extension',
      clause: 'RFC 5280 6.1.4 (o), 6.1.5 (f)',
      apply: (draft) =>
        changed(any(draft), (plan) =>
          withMore(plan, plannedExtension('1.3.6.1.4.1.55555.2.2', true, Uint8Array.of(5, 0))),
        ),
    },
    {
      name: 'extension twice',
      clause: 'RFC 5280 4.2',
      encoding: true,
      apply: (draft) =>
        changed(any(draft), (plan) => {
          const extension = plannedExtension('1.3.6.1.4.1.55555.2.3', false, Uint8Array.of(5, 0));
          withMore(plan, extension);
          withMore(plan, extension);
        }),
    },
    {
      name: 'basicConstraints twice',
      clause: 'RFC 5280 4.2',
      encoding: true,
      apply: (draft) =>
        changed(authority(draft), (plan) =>
          withMore(plan, plannedExtension('2.5.29.19', true, encodeSequence(Uint8Array.of(1, 1, 0xff)))),
        ),
    },
    {
      name: 'extendedKeyUsage that is empty',
      clause: 'RFC 5280 4.2.1.12',
      encoding: true,
      apply: (draft) =>
        changed(leafOf(draft), (plan) => {
          delete plan.extendedKeyUsage;
          withMore(plan, plannedExtension('2.5.29.37', false, encodeSequence()));
        }),
    },
    {
      name: 'subjectAltName that is empty',
      clause: 'RFC 5280 4.2.1.6',
      encoding: true,
      apply: (draft) =>
        changed(leafOf(draft), (plan) => {
          if (plan.subject.length === 2) plan.subject = plannedName([organization, organizationOf(draft.number)]);
          delete plan.names;
          delete draft.asked.name;
          withMore(plan, plannedExtension('2.5.29.17', false, encodeSequence()));
        }),
    },
  ];
}

/** DER that is none, in places where what it means is still clear. */
function encodingFlaws(): Flaw[] {
  const inIssued = (name: string, clause: string, change: (plan: CertificatePlan, draft: Draft) => void): Flaw => ({
    name,
    clause,
    encoding: true,
    apply: (draft) => changed(issued(draft), (plan) => change(plan, draft)),
  });
  const withMore = (plan: CertificatePlan, extension: Uint8Array): void => {
    plan.more = [...(plan.more ?? []), extension];
  };
  return [
    inIssued('serial number zero', 'RFC 5280 4.1.2.2', (plan) => (plan.serialNumber = Uint8Array.of(0))),
    inIssued('serial number negative', 'RFC 5280 4.1.2.2', (plan) => (plan.serialNumber = Uint8Array.of(0xff, 1))),
    inIssued('serial number of 21 octets', 'RFC 5280 4.1.2.2', (plan) => {
      plan.serialNumber = Uint8Array.of(0x7f, ...new Uint8Array(20).fill(1));
    }),
    inIssued('serial number padded', 'X.690 8.3.2', (plan) => (plan.serialNumber = Uint8Array.of(0, 1))),
    inIssued('version 2 with extensions', 'RFC 5280 4.1.2.1', (plan) => {
      // The version's INTEGER is the one element whose place is known: SEQUENCE (4), [0] (2), INTEGER (3).
      plan.changeTbs = (tbs) => tbs.with(headerOctets(tbs) + 4, 1);
    }),
    inIssued('criticality FALSE written out', 'X.690 11.5', (plan) => {
      const fields = [encodeOid('1.3.6.1.4.1.55555.2.4'), Uint8Array.of(1, 1, 0), Uint8Array.of(4, 2, 5, 0)];
      withMore(plan, encodeSequence(...fields));
    }),
    inIssued('criticality TRUE written as 1', 'X.690 11.1', (plan) => {
      // Of an extension that everybody knows, so that what is critical in it hinders nobody.
      delete plan.keyUsage;
      const fields = [encodeOid('2.5.29.15'), Uint8Array.of(1, 1, 1), Uint8Array.of(4, 4, 3, 2, 2, 0x84)];
      withMore(plan, encodeSequence(...fields));
    }),
    inIssued('length in more octets than it needs', 'X.690 10.1', (plan) => {
      const contents = concatBytes([encodeOid('1.3.6.1.4.1.55555.2.5'), Uint8Array.of(4, 0x81, 2, 5, 0)]);
      withMore(plan, encodeElement(0x30, contents));
    }),
    inIssued('octets behind the value of an extension', 'X.690 8.1; RFC 5280 4.2', (plan) => {
      delete plan.keyUsage;
      withMore(plan, plannedExtension('2.5.29.15', true, Uint8Array.of(3, 2, 2, 0x84, 0)));
    }),
    inIssued('keyUsage without a bit', 'RFC 5280 4.2.1.3', (plan) => {
      delete plan.keyUsage;
      withMore(plan, plannedExtension('2.5.29.15', true, Uint8Array.of(3, 1, 0)));
    }),
    inIssued('path length without an authority', 'RFC 5280 4.2.1.9', (plan, draft) => {
      const leaf = leafOf(draft);
      if (plan !== leaf) {
        delete plan.ca;
      } else delete leaf.ca;
      delete plan.pathLength;
      withMore(plan, plannedExtension('2.5.29.19', true, encodeSequence(Uint8Array.of(2, 1, 3))));
    }),
    inIssued('a name with a NUL', 'RFC 5280 4.2.1.6; RFC 1034 3.5', (plan) => {
      plan.rawNames = [encodeElement(0x82, new TextEncoder().encode('web.example.test\0.other.test'))];
    }),
    inIssued('a name beyond ASCII', 'RFC 5280 4.2.1.6', (plan) => {
      plan.rawNames = [encodeElement(0x82, new TextEncoder().encode('w\u00e9b.example.test'))];
    }),
    inIssued('an address of 5 octets', 'RFC 5280 4.2.1.6', (plan) => {
      plan.rawNames = [encodeElement(0x87, Uint8Array.of(10, 1, 2, 3, 4))];
    }),
  ];
}

/** Octets of tag and length. */
function headerOctets(element: Uint8Array): number {
  return element[1]! < 0x80 ? 2 : 2 + (element[1]! & 0x7f);
}
