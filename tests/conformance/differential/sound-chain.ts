/** Chains that are right by RFC 5280, section 6, in as many ways as there are: names, constraints, policies, usages, times, identifiers. */
import {
  encodeExplicit,
  encodeImplicit,
  encodeElement,
  encodeSequence,
  encodeOid,
} from '../../../packages/countersign/src/ground/encoding/index.ts';
import {
  anyPolicy,
  extendedKeyUsages,
  type WritableNames,
  type WritableSubtrees,
} from '../../../packages/countersign/src/identity/x509/index.ts';
import {
  type CertificatePlan,
  plannedExtension,
  plannedName,
  type PlannedKey,
  soundAlgorithms,
} from '../../fixtures/planned-certificates.ts';
import type { Random } from '../../fixtures/random.ts';
import { anchorOf, authoritiesOf, type Draft, issuersOf, type KeyPool, leafOf, moment } from './draft.ts';
import { sameBytes } from './traits.ts';

export const organization = '2.5.4.10';
export const commonName = '2.5.4.3';
export const emailProtection: string = extendedKeyUsages.emailProtection;
export const policy = (number: number): string => `1.3.6.1.4.1.55555.1.${number}`;

const dayMs = 86_400_000;

export function chance(random: Random, of100: number): boolean {
  return random.number(100) < of100;
}

export function organizationOf(number: number): string {
  return `Chain ${number}`;
}

export function soundChain(random: Random, keys: KeyPool, number: number): Draft {
  const length = random.pick([2, 2, 3, 3, 3, 4, 4, 5]);
  const certificates: CertificatePlan[] = [];
  // From the anchor down; unshifted, so that the end-entity comes first.
  for (let depth = 0; depth < length; depth++) {
    certificates.unshift(plain(random, keys, { number, depth, isLeaf: depth === length - 1, issuer: certificates[0] }));
  }
  const draft: Draft = {
    random,
    keys,
    number,
    asked: { purpose: random.pick(['client', 'server']) },
    certificates,
    others: [],
    sendsAnchor: chance(random, 10),
    sendsLeafTwice: chance(random, 3),
    facts: new Set(),
  };
  for (const vary of variations) vary(draft);
  finishLengths(draft);
  return draft;
}

interface Place {
  readonly number: number;
  readonly depth: number;
  readonly isLeaf: boolean;
  readonly issuer: CertificatePlan | undefined;
}

function plain(random: Random, keys: KeyPool, { number, depth, isLeaf, issuer }: Place): CertificatePlan {
  const key = otherKey(random, keys, issuer?.key);
  const signer = issuer?.key ?? key;
  const name = isLeaf ? 'Leaf' : depth === 0 ? 'Anchor' : `Issuer ${depth}`;
  const subject = plannedName([organization, organizationOf(number)], [commonName, name]);
  return {
    key,
    signer,
    algorithm: random.pick(soundAlgorithms[signer.type]),
    serialNumber: Uint8Array.of(0x40 + random.number(0x3f), ...random.bytes(random.number(16))),
    issuer: issuer?.subject ?? subject,
    subject,
    notBefore: moment - (1 + random.number(500)) * dayMs,
    notAfter: moment + (1 + random.number(9000)) * dayMs,
    ...(isLeaf ? {} : { ca: true }),
    keyUsage: isLeaf ? ['digitalSignature'] : random.pick([['keyCertSign'], ['keyCertSign', 'cRLSign']]),
    subjectKeyIdentifier: key.identifier,
    authorityKeyIdentifier: signer.identifier,
  };
}

function otherKey(random: Random, keys: KeyPool, than: PlannedKey | undefined): PlannedKey {
  for (;;) {
    const key = random.pick(keys.all);
    if (key !== than) return key;
  }
}

type Variation = (draft: Draft) => void;

const variations: readonly Variation[] = [
  varyTimes,
  varyUsages,
  varySelfIssued,
  varyIdentifiers,
  varyNames,
  varyNameForms,
  varyPolicies,
  varyExtensions,
  varyCompany,
];

function varyTimes({ random, certificates }: Draft): void {
  for (const plan of certificates) {
    if (chance(random, 3)) plan.notBefore = moment;
    // The final second is valid still (4.1.2.5).
    if (chance(random, 1)) plan.notAfter = moment;
    if (chance(random, 3)) plan.notAfter = Date.UTC(9999, 11, 31, 23, 59, 59);
    if (chance(random, 2)) plan.generalizedTime = true;
  }
}

function varyUsages(draft: Draft): void {
  const { random, asked } = draft;
  const { serverAuth, clientAuth, anyExtendedKeyUsage } = extendedKeyUsages;
  const own = asked.purpose === 'client' ? clientAuth : serverAuth;
  const leaf = leafOf(draft);
  const several = [[own], [clientAuth, serverAuth], [emailProtection, own]];
  if (chance(random, 4)) leaf.extendedKeyUsage = [anyExtendedKeyUsage];
  else if (chance(random, 80)) leaf.extendedKeyUsage = random.pick(several);
  for (const issuer of issuersOf(draft)) {
    if (chance(random, 2)) issuer.extendedKeyUsage = [anyExtendedKeyUsage];
    else if (chance(random, 20)) issuer.extendedKeyUsage = random.pick(several);
  }
  if (chance(random, 10)) delete leaf.keyUsage;
  else if (chance(random, 3)) leaf.keyUsage = ['keyEncipherment', 'dataEncipherment'];
  else if (chance(random, 3)) leaf.keyUsage = ['digitalSignature', 'keyCertSign'];
  if (chance(random, 15)) leaf.ca = chance(random, 30);
  for (const authority of authoritiesOf(draft)) if (chance(random, 6)) delete authority.keyUsage;
}

/** An authority's certificate for its own next key: no path length counts it (6.1.4 (l)). */
function varySelfIssued(draft: Draft): void {
  const { random, certificates, facts } = draft;
  if (certificates.length > 4 || !chance(random, 15)) return;
  const at = 1 + random.number(certificates.length - 1);
  const old = certificates[at]!;
  const below = certificates[at - 1]!;
  const key = otherKey(random, draft.keys, old.key);
  const { pathLength: _, more: __, ...kept } = old;
  certificates.splice(at, 0, {
    ...kept,
    key,
    signer: old.key,
    algorithm: random.pick(soundAlgorithms[old.key.type]),
    serialNumber: Uint8Array.of(0x3f, ...random.bytes(8)),
    issuer: old.subject,
    subjectKeyIdentifier: key.identifier,
    authorityKeyIdentifier: old.key.identifier,
  });
  below.signer = key;
  below.algorithm = random.pick(soundAlgorithms[key.type]);
  below.authorityKeyIdentifier = key.identifier;
  facts.add('self-issued');
}

function varyIdentifiers({ random, certificates, facts }: Draft): void {
  if (facts.has('self-issued')) return;
  for (const [at, plan] of certificates.entries()) {
    const issuer = certificates[at + 1];
    if (chance(random, 4)) delete plan.subjectKeyIdentifier;
    if (chance(random, 4)) delete plan.authorityKeyIdentifier;
    if (issuer === undefined) continue;
    if (chance(random, 2)) {
      // A hint, and no rule, for whoever validates (6.1 does not look at it).
      plan.authorityKeyIdentifier = random.bytes(20);
    } else if (chance(random, 4)) {
      delete plan.authorityKeyIdentifier;
      plan.more = [issuerAndSerial(issuer, issuer.serialNumber)];
    }
  }
}

/** authorityKeyIdentifier with the issuer's certificate in the place of its key (4.2.1.1). */
export function issuerAndSerial({ issuer }: CertificatePlan, serialNumber: Uint8Array): Uint8Array {
  const names = encodeElement(0xa1, encodeExplicit(4, issuer));
  return plannedExtension('2.5.29.35', false, encodeSequence(names, encodeImplicit(2, serialNumber)));
}

/** What is constrained: a name of each kind, constraints that allow it, and others that do not speak of it. */
export const constrained: Readonly<
  Record<
    'dns' | 'uri' | 'email' | 'ip',
    { names: readonly string[]; within: readonly string[]; beside: readonly string[] }
  >
> = {
  dns: {
    names: ['web.example.test', '*.example.test', 'WEB.Example.test', 'a.b.example.test'],
    within: ['example.test', 'EXAMPLE.test', 'test'],
    beside: ['other.test', 'ample.test', 'example.test.other', 'web.example.test.other'],
  },
  uri: {
    names: ['spiffe://td.example.test/web', 'https://td.example.test:8443/x?y', 'https://me@TD.example.test/'],
    within: ['td.example.test', '.example.test', '.test'],
    beside: ['other.test', '.other.test', 'example.test', '.td.example.test'],
  },
  email: {
    names: ['web@mail.example.test', 'web@MAIL.example.test'],
    within: ['mail.example.test', '.example.test', 'web@mail.example.test'],
    beside: ['other.test', 'example.test', '.mail.example.test', 'other@mail.example.test'],
  },
  ip: {
    names: ['10.1.2.3'],
    within: ['10.0.0.0/8', '10.1.2.3/32', '0.0.0.0/0', '10.1.2.0/30'],
    beside: ['10.2.0.0/16', '10.1.2.4/30', '192.168.0.0/16', '2001:db8::/32'],
  },
};

export type ConstrainedKind = keyof typeof constrained;
export const constrainedKinds: readonly ConstrainedKind[] = ['dns', 'uri', 'email', 'ip'];

function varyNames(draft: Draft): void {
  const { random } = draft;
  const leaf = leafOf(draft);
  const kinds = constrainedKinds.filter(() => chance(random, 45));
  if (kinds.length === 0) kinds.push(random.pick(constrainedKinds));
  const names: WritableNames = Object.fromEntries(
    kinds.map((kind) => [kind, pickSome(random, constrained[kind].names)]),
  );
  leaf.names = names;
  if (chance(random, 12)) {
    leaf.subject = plannedName();
    leaf.namesCritical = true;
  } else if (chance(random, 10)) leaf.namesCritical = true;
  const prefix = { raw: plannedName([organization, organizationOf(draft.number)]) };
  if (chance(random, 8))
    leaf.names = {
      ...names,
      directory: [{ raw: plannedName([organization, organizationOf(draft.number)], [commonName, 'Also']) }],
    };
  for (const authority of authoritiesOf(draft)) {
    if (!chance(random, 25)) continue;
    const permitted = allowing(
      random,
      kinds.filter(() => chance(random, 50)),
    );
    const excluded = besides(
      random,
      constrainedKinds.filter(() => chance(random, 25)),
    );
    if (chance(random, 12)) Object.assign(permitted, { directory: [prefix] });
    if (Object.keys(permitted).length > 0) authority.permitted = permitted;
    if (Object.keys(excluded).length > 0) authority.excluded = excluded;
  }
  askName(draft, names);
}

function askName({ random, asked }: Draft, names: WritableNames): void {
  const { dns, ip, email } = names;
  const choices = [
    ...(dns?.some((name) => /^(web|\*)\.example/i.test(name)) === true
      ? [{ kind: 'dns', value: 'web.example.test' } as const]
      : []),
    ...(ip === undefined ? [] : [{ kind: 'ip', value: '10.1.2.3' } as const]),
    ...(email === undefined ? [] : [{ kind: 'email', value: 'web@mail.example.test' } as const]),
  ];
  if (choices.length > 0 && chance(random, 30)) asked.name = random.pick(choices);
}

function allowing(random: Random, kinds: readonly ConstrainedKind[]): WritableSubtrees {
  return Object.fromEntries(
    kinds.map((kind) => {
      const { within, beside } = constrained[kind];
      const more = chance(random, 30) ? [random.pick(beside)] : [];
      // First or last: whoever keeps one alone of them is found out (CVE-2026-27137).
      return [kind, chance(random, 50) ? [random.pick(within), ...more] : [...more, random.pick(within)]];
    }),
  );
}

function besides(random: Random, kinds: readonly ConstrainedKind[]): WritableSubtrees {
  return Object.fromEntries(kinds.map((kind) => [kind, pickSome(random, constrained[kind].beside)]));
}

export function pickSome<T>(random: Random, from: readonly T[]): T[] {
  const first = random.pick(from);
  const second = random.pick(from);
  return second === first || !chance(random, 30) ? [first] : [first, second];
}

/** The same name written otherwise (7.1): letters of another case, another kind of string, more spaces. */
function varyNameForms(draft: Draft): void {
  const { random, certificates, facts, number } = draft;
  if (facts.has('self-issued') || !chance(random, 8)) return;
  const plan = random.pick(certificates.slice(0, -1));
  const issuer = certificates[certificates.indexOf(plan) + 1]!;
  const name =
    issuer === anchorOf(draft) ? 'Anchor' : `Issuer ${certificates.length - 1 - certificates.indexOf(issuer)}`;
  const [form, attributes] = random.pick([
    ['case', [organizationOf(number).toUpperCase(), name.toLowerCase()]],
    ['spaces', [`  ${organizationOf(number).replace(' ', '   ')} `, name]],
    ['string', [organizationOf(number), name]],
  ] as const);
  const kind = form === 'string' ? 'PrintableString' : 'UTF8String';
  plan.issuer = plannedName([organization, attributes[0], kind], [commonName, attributes[1], kind]);
}

function varyPolicies(draft: Draft): void {
  const { random, certificates, facts, asked } = draft;
  if (!chance(random, 40)) return;
  const issued = certificates.slice(0, -1);
  let current = policy(1);
  let anyAllowed = true;
  let mappingAllowed = true;
  // From below the anchor down to the end-entity.
  for (let at = issued.length - 1; at >= 0; at--) {
    const plan = issued[at]!;
    const usesAny = at > 0 && anyAllowed && chance(random, 20);
    plan.policies = usesAny ? [anyPolicy] : [current, ...(chance(random, 20) ? [policy(9)] : [])];
    if (at === 0) break;
    if (chance(random, 30)) plan.policyConstraints = { requireExplicitPolicy: random.number(3) };
    if (mappingAllowed && !usesAny && chance(random, 25)) {
      const next = policy(random.pick([2, 3, 4]));
      plan.mappings = [{ issuerDomainPolicy: current, subjectDomainPolicy: next }];
      current = next;
    } else if (mappingAllowed && chance(random, 15)) {
      plan.policyConstraints = { ...plan.policyConstraints, inhibitPolicyMapping: 0 };
      mappingAllowed = false;
    }
    if (anyAllowed && chance(random, 20)) {
      plan.inhibitAnyPolicy = 0;
      anyAllowed = false;
    }
  }
  if (chance(random, 30)) asked.policy = policy(1);
  facts.add('policies');
}

function varyExtensions({ random, certificates }: Draft): void {
  for (const plan of certificates) {
    if (!chance(random, 5)) continue;
    plan.more = [...(plan.more ?? []), plannedExtension('1.3.6.1.4.1.55555.2.1', false, random.bytes(8))];
  }
  if (certificates.length > 2 && chance(random, 2)) {
    const value = encodeSequence(
      encodeSequence(encodeOid('1.3.6.1.5.5.7.48.1'), encodeImplicit(6, new TextEncoder().encode('http://ocsp.test/'))),
    );
    certificates[0]!.more = [...(certificates[0]!.more ?? []), plannedExtension('1.3.6.1.5.5.7.1.1', false, value)];
  }
}

/** Others that come along: of the same name and another key, of the same key and out of time, of nobody. */
function varyCompany(draft: Draft): void {
  const { random, certificates, others, keys } = draft;
  if (!chance(random, 12) || certificates.length < 3) return;
  const issuer = random.pick(issuersOf(draft));
  const signer = certificates[certificates.indexOf(issuer) + 1]!.key;
  const kind = random.pick(['other key', 'out of time', 'nobody'] as const);
  const serialNumber = Uint8Array.of(0x3e, ...random.bytes(8));
  if (kind === 'other key') {
    const key = keys.stranger[random.pick(['P-256', 'P-384', 'Ed25519', 'RSA'] as const)];
    others.push({ ...issuer, serialNumber, key, subjectKeyIdentifier: key.identifier });
    if (chance(random, 40)) delete certificates[certificates.indexOf(issuer) - 1]!.authorityKeyIdentifier;
  } else if (kind === 'out of time') {
    others.push({ ...issuer, serialNumber, notBefore: moment - 900 * dayMs, notAfter: moment - dayMs });
  } else {
    const subject = plannedName([organization, organizationOf(draft.number)], [commonName, 'Nobody']);
    others.push({ ...issuer, serialNumber, subject, signer, algorithm: soundAlgorithms[signer.type][0]! });
  }
}

function finishLengths(draft: Draft): void {
  const { random, certificates } = draft;
  for (const [at, authority] of certificates.entries()) {
    if (at === 0 || !chance(random, 25)) continue;
    authority.pathLength = countedBelow(draft, at) + random.pick([0, 0, 0, 1, 5]);
  }
}

/** Intermediates between this authority and the end-entity, without self-issued ones. */
export function countedBelow({ certificates }: Draft, at: number): number {
  return certificates.slice(1, at).filter(({ issuer, subject }) => !sameBytes(issuer, subject)).length;
}
