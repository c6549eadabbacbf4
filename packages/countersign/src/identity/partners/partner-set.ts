/** All partners at one moment, and which of them a verified peer is: found by its names, so that a thousand partners cost what one does. */
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import { fromBase64, fromHex, toHex } from '../../ground/encoding/index.ts';
import { canonicalDnsName, decide, type PeerIdentity, type PeerPolicy } from '../authorization/index.ts';
import { parseCertificate, parseNameText } from '../x509/index.ts';
import { organizationIdentifierOf, paymentServicesOf } from './organization.ts';
import type { Partner, PartnerIdentity } from './partner.ts';
import { isPattern, policyOf } from './partner-policy.ts';

/** The part of a `VerifiedPeer` that says whose it is. */
export interface PartnerPeer {
  readonly name: string;
  readonly trustDomain: string;
  readonly spiffeId?: string | undefined;
  /** Lower-case hex SHA-256 of the SubjectPublicKeyInfo. */
  readonly spkiPin: string;
  /** The leaf, DER. */
  readonly certificate: Uint8Array;
}

/** Whom names alone describe, without a certificate: one that is only asked about. It declares no organization and no role. */
export interface PartnerCaller extends PeerIdentity {
  readonly name: string;
  readonly trustDomain: string;
}

export interface PartnerSetOptions {
  /**
   * What becomes of two partners with one identity to the letter. `refused` (the default): no such set is made. `denied`: the peer is nobody
   * (CS-PARTNER-003), for sets that are made while they are in use.
   */
  readonly oneIdentity?: 'refused' | 'denied';
  /** The one that it takes the place of: where each partner has the identities that it had there, who is which partner need not be found again. */
  readonly before?: PartnerSet | undefined;
}

/** The name of the one partner that a peer is; `null`: it is none. */
type Known = string | Refusal | null;

interface Candidate {
  readonly partner: Partner;
  readonly identity: PartnerIdentity;
  readonly policy: PeerPolicy | undefined;
}

/** What the peer's certificate says, under the trust domain that vouches for it: a partner names that domain, so nobody else is believed. */
interface PeerFacts extends PeerIdentity {
  /** DER, for what is rarely asked of it. */
  readonly certificate: Uint8Array | undefined;
  readonly organizationIdentifier: string | undefined;
}

export class PartnerSet {
  readonly partners: readonly Partner[];
  readonly #byName: ReadonlyMap<string, Partner>;
  readonly #byKey = new Map<string, Candidate[]>();
  /** Asked for each request of a connection; a peer is the same object for all of them. */
  readonly #known: WeakMap<PartnerPeer, Known>;

  /** @throws CS-PARTNER-002 where two have one name, or one identity to the letter */
  constructor(partners: readonly Partner[], { oneIdentity = 'refused', before }: PartnerSetOptions = {}) {
    this.partners = [...partners];
    this.#known = before !== undefined && sameIdentities(partners, before.partners) ? before.#known : new WeakMap();
    this.#byName = new Map(partners.map((partner) => [partner.name, partner]));
    if (this.#byName.size !== partners.length)
      throw twice(
        'name',
        partners.map(({ name }) => name),
      );
    if (oneIdentity === 'refused') requireDistinct(partners);
    for (const partner of partners) for (const identity of partner.who) this.#add(partner, identity);
  }

  named(name: string): Partner | undefined {
    return this.#byName.get(name);
  }

  /** `undefined` where the peer is no partner. @throws CS-PARTNER-003 where it is more than one */
  partnerOf(peer: PartnerPeer): Partner | undefined {
    let known = this.#known.get(peer);
    if (known === undefined) this.#known.set(peer, (known = this.#find(peer)));
    return this.#partnerIn(known);
  }

  /** The same of names alone; nothing is remembered. @throws CS-PARTNER-003 */
  partnerOfCaller(caller: PartnerCaller): Partner | undefined {
    const found = this.#fitting(caller, { ...caller, certificate: undefined, organizationIdentifier: undefined });
    return this.#partnerIn(found);
  }

  #partnerIn(known: Known): Partner | undefined {
    if (isRefusal(known)) throw known;
    return known === null ? undefined : this.#byName.get(known);
  }

  #add(partner: Partner, identity: PartnerIdentity): void {
    const key = keyOf(identity);
    const candidates = this.#byKey.get(key) ?? [];
    candidates.push({ partner, identity, policy: policyOf(identity) });
    this.#byKey.set(key, candidates);
  }

  #find(peer: PartnerPeer): Known {
    return this.#fitting(peer, factsOf(peer));
  }

  #fitting(peer: Pick<PartnerPeer, 'name' | 'trustDomain'>, facts: PeerFacts): Known {
    const fitting = new Set<Partner>();
    for (const key of keysOf(peer.trustDomain, facts))
      for (const candidate of this.#byKey.get(key) ?? []) if (fits(candidate, facts)) fitting.add(candidate.partner);
    const [only, ...others] = fitting;
    if (only === undefined) return null;
    if (others.length === 0) return only.name;
    return new Refusal('CS-PARTNER-003', { peer: peer.name, partners: [...fitting].map(({ name }) => name) });
  }
}

/** Which partner a verified peer is. @throws CS-PARTNER-003 */
export function partnerOf(peer: PartnerPeer, partners: PartnerSet): Partner | undefined {
  return partners.partnerOf(peer);
}

/** To the letter: what merely overlaps shows with a peer that fits both. */
function requireDistinct(partners: readonly Partner[]): void {
  const identities = new Map<string, string>();
  for (const { name, who } of partners)
    for (const identity of who) {
      const whole = identityText(identity);
      const other = identities.get(whole);
      if (other !== undefined && other !== name) throw twice(whole, [other, name]);
      identities.set(whole, name);
    }
}

/** The same text for the same identity. */
export function identityText(identity: PartnerIdentity): string {
  const given = Object.entries(identity).filter(([, value]) => value !== undefined);
  return JSON.stringify(given.sort());
}

function twice(what: string, partners: readonly string[]): Refusal {
  const names = what === 'name' ? partners.filter((name, index) => partners.indexOf(name) !== index) : partners;
  return new Refusal('CS-PARTNER-002', { what, partners: [...new Set(names)] });
}

function sameIdentities(partners: readonly Partner[], others: readonly Partner[]): boolean {
  return (
    partners.length === others.length &&
    partners.every(({ name, who }, at) => {
      const other = others[at];
      return (
        name === other?.name && who.length === other.who.length && who.every((one, nth) => same(one, other.who[nth]))
      );
    })
  );
}

function same(one: PartnerIdentity, other: PartnerIdentity | undefined): boolean {
  return one === other || (other !== undefined && identityText(one) === identityText(other));
}

/** A change of partners asks of each peer that is connected which of them it is, all in one turn: reading its certificate would be nearly all of that. */
const read = new WeakMap<PartnerPeer, PeerFacts>();

function factsOf(peer: PartnerPeer): PeerFacts {
  let facts = read.get(peer);
  if (facts === undefined) read.set(peer, (facts = readFacts(peer)));
  return facts;
}

function readFacts(peer: PartnerPeer): PeerFacts {
  const certificate = parseCertificate(peer.certificate);
  const { dns, ip, uri } = certificate.subjectAltName;
  return {
    spiffeId: peer.spiffeId,
    dnsNames: dns.flatMap((name) => canonicalDnsName(name) ?? []),
    ipAddresses: ip,
    uris: uri,
    subject: certificate.subject.isEmpty ? undefined : certificate.subject,
    spkiPin: peer.spkiPin,
    certificate: peer.certificate,
    organizationIdentifier: organizationIdentifierOf(certificate),
  };
}

function fits({ identity, policy }: Candidate, facts: PeerFacts): boolean {
  const { organizationIdentifier, paymentRoles } = identity;
  if (organizationIdentifier !== undefined && organizationIdentifier !== facts.organizationIdentifier) return false;
  if (policy !== undefined && !decide(policy, facts).allowed) return false;
  return paymentRoles === undefined || declares(facts.certificate, paymentRoles);
}

function declares(certificate: Uint8Array | undefined, asked: readonly string[]): boolean {
  if (certificate === undefined) return false;
  try {
    const roles = paymentServicesOf(parseCertificate(certificate))?.roles.map(({ name }) => name) ?? [];
    return asked.every((role) => roles.includes(role));
  } catch (error) {
    // What is declared in no form that can be read is not declared.
    if (isRefusal(error)) return false;
    throw error;
  }
}

/** By one of what it asks for, the rarest first; the rest is compared. */
function keyOf(identity: PartnerIdentity): string {
  const { trustDomain, spiffeId, organizationIdentifier, dnsName, uri, spkiPin, subject } = identity;
  if (spiffeId !== undefined)
    return isPattern(spiffeId)
      ? key(trustDomain, 'pattern', fixedPart(spiffeId))
      : key(trustDomain, 'spiffe', spiffeId);
  if (organizationIdentifier !== undefined) return key(trustDomain, 'organization', organizationIdentifier);
  if (dnsName !== undefined) return key(trustDomain, 'dns', canonicalDnsName(dnsName) ?? '');
  if (uri !== undefined) return key(trustDomain, 'uri', uri);
  if (spkiPin !== undefined) return key(trustDomain, 'pin', hexPin(spkiPin));
  return key(trustDomain, 'subject', ...parseNameText(subject ?? '').keys);
}

function keysOf(trustDomain: string, facts: PeerFacts): readonly string[] {
  const { spiffeId, organizationIdentifier, dnsNames, uris, spkiPin, subject } = facts;
  return [
    ...(spiffeId === undefined
      ? []
      : [key(trustDomain, 'spiffe', spiffeId), ...foldersOf(spiffeId).map((one) => key(trustDomain, 'pattern', one))]),
    ...(organizationIdentifier === undefined ? [] : [key(trustDomain, 'organization', organizationIdentifier)]),
    ...dnsNames.map((name) => key(trustDomain, 'dns', name)),
    ...uris.map((uri) => key(trustDomain, 'uri', uri)),
    key(trustDomain, 'pin', spkiPin),
    ...(subject === undefined ? [] : [key(trustDomain, 'subject', ...subject.keys)]),
  ];
}

/** Of a pattern the segments before the first wildcard: patterns are found by them. */
function fixedPart(pattern: string): string {
  return pattern.slice(0, pattern.indexOf('/*'));
}

/** What the fixed part of a pattern for this ID can be. */
function foldersOf(spiffeId: string): readonly string[] {
  const folders: string[] = [];
  const start = 'spiffe://'.length;
  for (let at = spiffeId.indexOf('/', start); at !== -1; at = spiffeId.indexOf('/', at + 1))
    folders.push(spiffeId.slice(0, at));
  return folders;
}

function hexPin(pin: string): string {
  return toHex(fromHex(pin) ?? fromBase64(pin) ?? new Uint8Array());
}

function key(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}
