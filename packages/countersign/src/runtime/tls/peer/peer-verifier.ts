/** The one peer verifier: every endpoint goes through it, and only it makes a `VerifiedPeer`. */
import { toRfc3339, type Clock } from '../../../ground/clock/index.ts';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { canonicalDnsName, decide, isPeerPolicy, type PeerPolicy } from '../../../identity/authorization/index.ts';
import {
  issuerKeyOf,
  revocationKey,
  type RevocationView,
  type RevokedScope,
} from '../../../identity/revocation/index.ts';
import { svidId, type Bundle } from '../../../identity/spiffe/index.ts';
import { parseCertificate, validatePath, type Certificate, type ValidatedPath } from '../../../identity/x509/index.ts';
import { sha256, thumbprint } from '../../cryptography/index.ts';
import { verifyWithin } from './bundle-signatures.ts';
import { promisesStaple, requireGoodStaple } from './must-staple.ts';
import { peerRefusalOf } from './path-refusal.ts';
import { policySourceOf, type PolicyOrSource } from './policy-source.ts';
import type { StatusSubject } from '../trust/peer-statuses.ts';
import type { Source } from '../trust/source.ts';
import { expiryOf, type Trust } from '../trust/trust.ts';
import { mintVerifiedPeer, type VerifiedPeer } from './verified-peer.ts';

export interface PeerVerifierOptions {
  /** Which side the peer is on: a client must be certified for clientAuth, a server for serverAuth. */
  readonly peer: 'client' | 'server';
  readonly policy: PolicyOrSource;
  readonly trust: Trust;
  readonly clock: Clock;
}

export interface PeerVerifier {
  /**
   * @param chain DER as presented, the leaf first. Only the leaf is an identity: the rest are candidates for intermediates.
   * @throws CS-PEER-002 to -012, -014, -020 to -022
   */
  verify(chain: readonly Uint8Array[]): VerifiedPeer;
  /** The same for a chain of which the rest costs something to read: it is read only where the bundle has no path. */
  verifyPresented(leaf: Uint8Array, others: () => readonly Uint8Array[], asking?: StatusAsking): VerifiedPeer;
  /**
   * A peer that this verifier let in, under what is trusted now; the same object where its path still leads to what is trusted.
   * @throws CS-PEER-002 to -012, -014, -020, -021
   */
  verifyAgain(peer: VerifiedPeer): VerifiedPeer;
}

/** For peers whose status is asked of lists, responders and staples. */
export interface StatusAsking {
  /** DER: the OCSP response that the peer stapled (RFC 6066, 8). */
  readonly staple?: Uint8Array | undefined;
  /** Whether the caller can wait for what is not known: it is refused then even where softness would let it in. Default false. */
  readonly mayWait?: boolean;
}

/** What `fetchFor` is to be asked with, where a peer was refused since its status is not known. */
export function unansweredFor(refusal: unknown): StatusSubject | undefined {
  return isRefusal(refusal) ? unanswered.get(refusal) : undefined;
}

const unanswered = new WeakMap<Refusal, StatusSubject>();

/** Bytes of one certificate. Our own choice: those of our profiles take about 600, the largest seen in the wild below 16 KiB. */
const mostCertificateBytes = 32 * 1024;

/** Certificates presented beside the leaf that are looked at. Our own choice; path building stops at 6 intermediates. */
const mostPresented = 8;

/** Known peers of one endpoint. Our own choice: about 1 KiB each. */
const mostCached = 10_000;

/** By trust and policy, so that whoever connects again and again need not verify a known peer again and again. */
const shared = new WeakMap<Trust, WeakMap<PolicyOrSource, Map<'client' | 'server', PeerVerifier>>>();

/** What was asked for, with the policy as a source of them. */
type Given = Omit<PeerVerifierOptions, 'policy'> & { readonly policy: Source<PeerPolicy> };

export function createPeerVerifier(options: PeerVerifierOptions): PeerVerifier {
  const { peer, policy, trust, clock } = options;
  const given = { peer, trust, clock, policy: policySourceOf(policy) };
  if (clock !== trust.clock) return watching(newPeerVerifier(given), options);
  const byPolicy = shared.get(trust) ?? new WeakMap<PolicyOrSource, Map<'client' | 'server', PeerVerifier>>();
  shared.set(trust, byPolicy);
  const bySide = byPolicy.get(policy) ?? new Map<'client' | 'server', PeerVerifier>();
  byPolicy.set(policy, bySide);
  const verifier = bySide.get(peer) ?? watching(newPeerVerifier(given), options);
  bySide.set(peer, verifier);
  return verifier;
}

/** A policy that never changes is not watched: there may be one for each call. */
function watching(verifier: PeerVerifier, { policy, trust }: PeerVerifierOptions): PeerVerifier {
  if (!isPeerPolicy(policy)) trust.watchPolicy(policy, verifier);
  return verifier;
}

function newPeerVerifier(given: Given): PeerVerifier {
  const known = new KnownPeers(given);
  const look = (leaf: Uint8Array, others: () => readonly Uint8Array[], asking: Asked): VerifiedPeer => {
    const leafThumbprint = thumbprint(leaf);
    const found = known.find(leafThumbprint, asking.staple);
    if (found !== undefined) return found;
    let read: readonly Uint8Array[] = [];
    const verified = verifyAnew({ ...given, leaf, others: () => (read = others()), leafThumbprint, asking });
    if (read.length > 0) presentedWith.set(verified, read);
    // Each connection has to bring its own.
    return stapling.has(verified) ? verified : known.remember(verified);
  };
  const verifyPresented: PeerVerifier['verifyPresented'] = (leaf, others, asking = {}) => look(leaf, others, asking);
  return {
    verifyPresented,
    verify: (chain) => {
      const [leaf, ...others] = chain;
      if (leaf === undefined) throw new Refusal('CS-PEER-001', { address: 'not known' });
      return verifyPresented(leaf, () => others);
    },
    verifyAgain: (peer) => {
      if (standsStill(peer, given)) return peer;
      const staple = given.trust.statuses?.stapleOf(peer);
      return look(peer.certificate, () => presentedWith.get(peer) ?? [], { staple, isAgain: true });
    },
  };
}

/** With whether it was let in before: a staple is a promise for the handshake, and may be out of date since. */
type Asked = StatusAsking & { readonly isAgain?: boolean };

/** Those whose certificates promise a staple. */
const stapling = new WeakSet<VerifiedPeer>();

/** What a peer presented beside its leaf, where that was read: most need none of it, as the bundle holds the issuers. */
const presentedWith = new WeakMap<VerifiedPeer, readonly Uint8Array[]>();

/** By what can be looked up alone: with the bundles as they were nothing of a path changes but what is revoked, and when it ends. @throws Refusal */
function standsStill(peer: VerifiedPeer, { trust, policy }: Given): boolean {
  trust.requireUnexpired(peer);
  if (peer.epoch < trust.bundleEpoch) return false;
  const view = trust.revocations.current();
  for (const [place, key] of peer.revocationKeys.entries()) {
    const [issuerKey = '', serialNumber = ''] = key.split(':');
    const entry = view.isRevoked(issuerKey, serialNumber);
    // Around a revoked intermediate there may be another path; around the leaf there is none: whoever signed it holds that key.
    if (entry !== undefined && place > 0) return false;
    if (entry !== undefined) throw revoked(peer.name, serialNumber, entry);
  }
  const scope = scopeOf(peer, view);
  // Around an issuer's revoked key there may be another path, too.
  if (scope?.kind === 'issuer') return false;
  if (scope !== undefined) throw revoked(peer.name, peer.serialNumber, scope);
  requireAllowed(policy.current(), peer);
  trust.requireStatus(peer);
  return true;
}

/** The peers that were verified under the bundles and policies of now, by their leaf. */
class KnownPeers {
  readonly #given: Given;
  readonly #peers = new Map<string, VerifiedPeer>();
  #epoch: number;

  constructor(given: Given) {
    this.#given = given;
    this.#epoch = given.trust.epoch;
  }

  /** @throws CS-PEER-010 */
  find(leafThumbprint: string, staple: Uint8Array | undefined): VerifiedPeer | undefined {
    const { trust, clock } = this.#given;
    if (this.#epoch < Math.max(trust.bundleEpoch, trust.policyEpoch)) this.#peers.clear();
    this.#epoch = trust.epoch;
    const found = this.#peers.get(leafThumbprint);
    if (found === undefined || clock.now() >= expiryOf(found)) return undefined;
    trust.requireFresh(found.name, found.trustDomain);
    if (trust.statuses?.countsFor(found, staple) === false) return undefined;
    return isRevoked(found, trust) ? undefined : found;
  }

  remember(verified: VerifiedPeer): VerifiedPeer {
    const peers = this.#peers;
    const oldest = peers.size >= mostCached ? peers.keys().next().value : undefined;
    if (oldest !== undefined) peers.delete(oldest);
    peers.set(verified.thumbprint, verified);
    return verified;
  }
}

function isRevoked(peer: VerifiedPeer, trust: Trust): boolean {
  const view = trust.revocations.current();
  if (scopeOf(peer, view) !== undefined) return true;
  return peer.revocationKeys.some((key) => {
    const [issuerKey = '', serialNumber = ''] = key.split(':');
    return view.isRevoked(issuerKey, serialNumber) !== undefined;
  });
}

function scopeOf(peer: VerifiedPeer, view: RevocationView): RevokedScope | undefined {
  return view.scopeOf?.({
    identity: peer.spiffeId,
    issuerKeys: () => peer.revocationKeys.map((key) => key.slice(0, key.indexOf(':'))),
    notBefore: () => parseCertificate(peer.certificate).notBefore,
  });
}

interface Question extends Given {
  readonly leaf: Uint8Array;
  readonly others: () => readonly Uint8Array[];
  readonly leafThumbprint: string;
  readonly asking: Asked;
}

function verifyAnew(question: Question): VerifiedPeer {
  const leaf = parseLeaf(question.leaf);
  const subject = nameOf(leaf);
  try {
    const id = svidId(leaf);
    const { bundle, path } = foundPath(leaf, id?.trustDomain, subject, question);
    const { certificates } = path;
    const keys = requireUnrevoked(certificates, subject, question.trust);
    requireOutsideScopes(leaf, { identity: id?.toString(), keys, subject }, question.trust.revocations.current());
    question.trust.requireFresh(subject, bundle.trustDomain);
    // A DNS name, address, URI or subject is scoped by no trust domain: only the home domain's authority is believed about them.
    const vouched = bundle.trustDomain === question.trust.bundles.current().home;
    const verified = mintVerifiedPeer({
      spiffeId: id?.toString(),
      trustDomain: bundle.trustDomain,
      // What is no DNS name, whatever the certificate calls it (a wildcard, a URI), is no identity that could be shown or compared.
      dnsNames: vouched ? leaf.subjectAltName.dns.flatMap((name) => canonicalDnsName(name) ?? []) : [],
      ipAddresses: vouched ? leaf.subjectAltName.ip : [],
      uris: vouched ? leaf.subjectAltName.uri : [],
      emails: vouched ? leaf.subjectAltName.email : [],
      hasSubject: vouched && leaf.subject.relativeNames.length > 0,
      serialNumber: leaf.serialNumber,
      issuerKey: (keys[0] ?? '').split(':')[0] ?? '',
      thumbprint: question.leafThumbprint,
      certificate: leaf.raw,
      notAfter: Math.min(...certificates.map(({ notAfter }) => notAfter)),
      epoch: question.trust.epoch,
      revocationKeys: keys,
    });
    requireAllowed(question.policy.current(), verified);
    if (question.peer === 'server' && promisesStaple(leaf)) {
      stapling.add(verified);
      requirePromised(path, subject, question);
    }
    // Last, since it may be asked of somebody else: of whom nothing else is wrong with.
    requireStatus(verified, { path, trustDomain: bundle.trustDomain, staple: question.asking.staple }, question);
    return verified;
  } catch (error) {
    if (!isRefusal(error) || error.code.startsWith('CS-PEER-')) throw error;
    throw peerRefusalOf(error, subject);
  }
}

/** @throws CS-PEER-008, -020, -022 */
function requirePromised(path: ValidatedPath, peer: string, { asking, clock }: Question): void {
  if (asking.isAgain !== true) requireGoodStaple({ path, peer, staple: asking.staple, at: clock.now() });
}

/** @throws CS-PEER-008, -020, -021 */
function requireStatus(peer: VerifiedPeer, subject: StatusSubject, { trust, asking }: Question): void {
  const { statuses } = trust;
  if (statuses === undefined) return;
  const status = statuses.ask(subject, peer.name);
  const unknown = status.outcome === 'undetermined' ? status.refusal : status.outcome === 'stands' && status.open;
  if (unknown) unanswered.set(unknown, subject);
  if (status.outcome !== 'stands') throw status.refusal;
  if (status.open !== undefined && asking.mayWait === true) throw status.open;
  statuses.remember(peer, subject, status, trust.epoch);
}

function parseLeaf(der: Uint8Array): Certificate {
  if (der.length > mostCertificateBytes) {
    throw new Refusal('CS-PEER-006', { subject: 'not read', reason: `larger than ${mostCertificateBytes} bytes` });
  }
  try {
    return parseCertificate(der);
  } catch (error) {
    if (isRefusal(error)) throw peerRefusalOf(error, 'not readable');
    throw error;
  }
}

interface FoundPath {
  readonly bundle: Bundle;
  readonly path: ValidatedPath;
}

function foundPath(leaf: Certificate, trustDomain: string | undefined, subject: string, question: Question): FoundPath {
  const bundles = question.trust.bundles.current();
  if (trustDomain === undefined && bundles.attributed && bundles.all().length > 1)
    return onlyPath(leaf, bundles.all(), subject, question);
  const bundle = bundleFor(question.trust, trustDomain, subject);
  return { bundle, path: pathOf(leaf, bundle, question) };
}

/**
 * The one bundle that has a path. With several it could be a customer of either authority, and which would depend on what the peer presents beside its leaf.
 * @throws CS-PEER-014, and what is in the way where none has
 */
function onlyPath(leaf: Certificate, bundles: readonly Bundle[], subject: string, question: Question): FoundPath {
  const found: FoundPath[] = [];
  let refusal: Refusal | undefined;
  for (const bundle of bundles) {
    try {
      found.push({ bundle, path: pathOf(leaf, bundle, question) });
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refusal = moreUseful(refusal, error);
    }
  }
  const [first, second] = found;
  if (first === undefined) throw refusal ?? new Refusal('CS-PEER-009', { peer: subject, known: [] });
  if (second === undefined) return first;
  throw new Refusal('CS-PEER-014', {
    peer: subject,
    trustDomains: found.map(({ bundle }) => bundle.trustDomain),
  });
}

/** That it is of another authority is known of all but one: what else is wrong with it says more. */
function moreUseful(one: Refusal | undefined, other: Refusal): Refusal {
  const isForeign = (refusal: Refusal): boolean => peerRefusalOf(refusal, '').code === 'CS-PEER-002';
  return one === undefined || (isForeign(one) && !isForeign(other)) ? other : one;
}

/** Exactly one bundle: that of the trust domain which the leaf itself names, else the home one; never a union of them. */
function bundleFor(trust: Trust, trustDomain: string | undefined, subject: string): Bundle {
  const bundles = trust.bundles.current();
  const bundle = bundles.get(trustDomain ?? bundles.home);
  if (bundle !== undefined) return bundle;
  throw new Refusal('CS-PEER-009', { peer: subject, known: bundles.all().map((one) => one.trustDomain) });
}

function pathOf(leaf: Certificate, bundle: Bundle, question: Question): ValidatedPath {
  const validate = (presented: readonly Certificate[]): ValidatedPath =>
    validatePath({
      leaf,
      intermediates: [...bundle.intermediates, ...presented],
      anchors: bundle.anchors,
      at: question.clock.now(),
      purpose: question.peer,
      verifySignature: verifyWithin(bundle),
    });
  try {
    return validate([]);
  } catch (error) {
    const presented = isRefusal(error) ? intermediatesOf(question.others()) : [];
    if (presented.length === 0) throw error;
    return validate(presented);
  }
}

/** Of what was presented beside the leaf: those that could be intermediates. The rest is filler and counts for nothing. */
function intermediatesOf(presented: readonly Uint8Array[]): readonly Certificate[] {
  return presented.slice(0, mostPresented).flatMap((der) => {
    try {
      const certificate = der.length > mostCertificateBytes ? undefined : parseCertificate(der);
      return certificate?.basicConstraints?.ca === true ? [certificate] : [];
    } catch (error) {
      if (isRefusal(error)) return [];
      throw error;
    }
  });
}

/** The leaf and every intermediate; the anchor is taken out of use by the bundle. Returns their keys. */
function requireUnrevoked(path: readonly Certificate[], subject: string, trust: Trust): string[] {
  const view = trust.revocations.current();
  return path.slice(0, -1).map((certificate, index) => {
    const issuer = path[index + 1];
    if (issuer === undefined) throw new TypeError('a validated path ends with its anchor');
    const issuerKey = keyOf(issuer);
    const entry = view.isRevoked(issuerKey, certificate.serialNumber);
    if (entry === undefined) return revocationKey(issuerKey, certificate.serialNumber);
    throw revoked(subject, certificate.serialNumber, entry);
  });
}

function requireOutsideScopes(
  { notBefore, serialNumber }: Certificate,
  { identity, keys, subject }: { identity: string | undefined; keys: readonly string[]; subject: string },
  view: RevocationView,
): void {
  const scope = view.scopeOf?.({
    identity,
    issuerKeys: () => keys.map((key) => key.slice(0, key.indexOf(':'))),
    notBefore: () => notBefore,
  });
  if (scope !== undefined) throw revoked(subject, serialNumber, scope);
}

const issuerKeys = new WeakMap<Certificate, string>();

/** The issuers of a bundle are the same objects for every peer. */
function keyOf(issuer: Certificate): string {
  const known = issuerKeys.get(issuer);
  if (known !== undefined) return known;
  const key = issuerKeyOf(issuer, sha256);
  issuerKeys.set(issuer, key);
  return key;
}

interface Decided {
  readonly revokedAt: number;
  readonly reason: string;
}

function revoked(peer: string, serialNumber: string, { revokedAt, reason }: Decided): Refusal {
  if (reason === 'certificateHold')
    return new Refusal('CS-PEER-020', { peer, serialNumber, heldSince: toRfc3339(revokedAt) });
  return new Refusal('CS-PEER-008', { peer, serialNumber, revokedAt: toRfc3339(revokedAt) });
}

function requireAllowed(policy: PeerPolicy, verified: VerifiedPeer): void {
  const decision = decide(policy, verified);
  if (!decision.allowed) throw new Refusal('CS-PEER-007', { peer: verified.name, expected: decision.expected });
}

function nameOf(certificate: Certificate): string {
  const { uri, dns, ip } = certificate.subjectAltName;
  return uri[0] ?? dns[0] ?? ip[0] ?? (certificate.subject.text || `serial ${certificate.serialNumber}`);
}
