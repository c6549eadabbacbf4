/** The one peer verifier: every endpoint goes through it, and only it makes a `VerifiedPeer`. */
import type { Clock } from '../../../ground/clock/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { isPeerPolicy, type PeerPolicy } from '../../../identity/authorization/index.ts';
import { thumbprint } from '../../cryptography/index.ts';
import type { Source } from '../trust/source.ts';
import type { Trust } from '../trust/trust.ts';
import type { Asked, StatusAsking } from './ask-status.ts';
import { KnownPeers } from './known-peers.ts';
import { policySourceOf, type PolicyOrSource } from './policy-source.ts';
import { revoked, scopeOf } from './revoked-peer.ts';
import type { VerifiedPeer } from './verified-peer.ts';
import { mustStaple, requireAllowed, verifyAnew } from './verify-anew.ts';

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
    return mustStaple(verified) ? verified : known.remember(verified);
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
