/** Which live connections a change concerns: of bundles, of revocations and their leases, or of what lists, responders and staples say. */
import { revocationKey } from '../../../identity/revocation/index.ts';
import type { Bundle, BundleSet } from '../../../identity/spiffe/index.ts';
import { keyOfIssuer } from '../peer/key-of-issuer.ts';
import type { ConnectionIndex, IndexedConnection } from './connection-index.ts';
import type { RevokedSince } from './revoked-since.ts';
import type { StatusChange } from './status-check.ts';

/** Of what a set was exchanged for another. */
export interface ConcernedByBundles<C> {
  /** Those under what was taken away: they are the ones that go, and come first. */
  readonly below: readonly C[];
  /** Whose path may be another one now. */
  readonly rest: readonly C[];
}

export function concernedByBundles<C extends IndexedConnection>(
  connections: ConnectionIndex<C>,
  before: BundleSet,
  after: BundleSet,
): ConcernedByBundles<C> {
  const domains = changedDomains(before, after);
  const below = [...removedIssuers(before, after, domains)].flatMap((key) => connections.ofIssuerKey(key));
  // Which bundle certificates without a SPIFFE ID are looked up in may be another.
  const all = before.home !== after.home || before.attributed || after.attributed;
  const rest = all ? connections.all() : domains.flatMap((domain) => connections.ofTrustDomain(domain));
  return { below, rest };
}

export function concernedByRevocations<C extends IndexedConnection>(
  connections: ConnectionIndex<C>,
  { added, scopes }: RevokedSince,
): readonly C[] {
  if (added === undefined) return connections.all();
  const revoked = added.flatMap(({ issuerKey, serialNumber }) =>
    connections.withRevocationKey(revocationKey(issuerKey, serialNumber)),
  );
  const within = scopes.flatMap((scope) =>
    scope.kind === 'identity' ? connections.ofIdentity(scope.identity) : connections.ofIssuerKey(scope.issuerKey),
  );
  return [...revoked, ...within];
}

export function concernedByStatus<C extends IndexedConnection>(
  connections: ConnectionIndex<C>,
  change: StatusChange,
): readonly C[] {
  if (change.kind === 'issuers') return change.issuerKeys.flatMap((key) => connections.ofIssuerKey(key));
  if (change.kind === 'certificates') return change.revocationKeys.flatMap((key) => connections.withRevocationKey(key));
  return connections.all();
}

/** @param ended the trust domains whose leases have ended */
export function concernedByLeases<C extends IndexedConnection>(
  connections: ConnectionIndex<C>,
  ended: 'all' | readonly string[],
): readonly C[] {
  return ended === 'all' ? connections.all() : ended.flatMap((domain) => connections.ofTrustDomain(domain));
}

function changedDomains(before: BundleSet, after: BundleSet): readonly string[] {
  const domains = new Set([...before.all(), ...after.all()].map(({ trustDomain }) => trustDomain));
  return [...domains].filter((domain) => before.get(domain) !== after.get(domain));
}

/** The keys of anchors and intermediates that the bundles of these domains no longer hold. */
function removedIssuers(before: BundleSet, after: BundleSet, domains: readonly string[]): ReadonlySet<string> {
  const keysIn = (set: BundleSet): readonly string[] => domains.flatMap((domain) => issuersIn(set.get(domain)));
  const kept = new Set(keysIn(after));
  return new Set(keysIn(before).filter((key) => !kept.has(key)));
}

function issuersIn(bundle: Bundle | undefined): readonly string[] {
  if (bundle === undefined) return [];
  return [...bundle.anchors, ...bundle.intermediates].map(keyOfIssuer);
}
