/** The live connections of a workload, found by what can end them: identity, issuer and serial, issuer key, trust domain, verifier. */
import type { Refusal } from '../../../ground/errors/index.ts';
import type { VerifiedPeer } from '../peer/verified-peer.ts';

export interface IndexedConnection {
  readonly peer: VerifiedPeer;
  /** Which verifier let it in, for changes of that one's policy; only told apart from others here. */
  readonly verifier?: object | undefined;
  /** Verifies the peer again under what is trusted now. @throws Refusal */
  recheck(): VerifiedPeer;
  /** Ends the connection before it returns. */
  close(refusal: Refusal): void;
}

export class ConnectionIndex {
  readonly #all = new Set<IndexedConnection>();
  readonly #byRevocationKey = new Map<string, Set<IndexedConnection>>();
  readonly #byTrustDomain = new Map<string, Set<IndexedConnection>>();
  readonly #byIdentity = new Map<string, Set<IndexedConnection>>();
  readonly #byIssuerKey = new Map<string, Set<IndexedConnection>>();
  readonly #byVerifier = new Map<object, Set<IndexedConnection>>();

  get size(): number {
    return this.#all.size;
  }

  add(connection: IndexedConnection): void {
    this.#all.add(connection);
    const { peer, verifier } = connection;
    for (const key of peer.revocationKeys) enter(this.#byRevocationKey, key, connection);
    for (const key of issuerKeysOf(peer)) enter(this.#byIssuerKey, key, connection);
    if (verifier !== undefined) enter(this.#byVerifier, verifier, connection);
    enter(this.#byTrustDomain, peer.trustDomain, connection);
    enter(this.#byIdentity, peer.name, connection);
  }

  remove(connection: IndexedConnection): void {
    if (!this.#all.delete(connection)) return;
    const { peer, verifier } = connection;
    for (const key of peer.revocationKeys) leave(this.#byRevocationKey, key, connection);
    for (const key of issuerKeysOf(peer)) leave(this.#byIssuerKey, key, connection);
    if (verifier !== undefined) leave(this.#byVerifier, verifier, connection);
    leave(this.#byTrustDomain, peer.trustDomain, connection);
    leave(this.#byIdentity, peer.name, connection);
  }

  all(): readonly IndexedConnection[] {
    return [...this.#all];
  }

  /** @param key `issuerKey:serialNumber` of any certificate of the path below the anchor */
  withRevocationKey(key: string): readonly IndexedConnection[] {
    return [...(this.#byRevocationKey.get(key) ?? [])];
  }

  ofTrustDomain(trustDomain: string): readonly IndexedConnection[] {
    return [...(this.#byTrustDomain.get(trustDomain) ?? [])];
  }

  /** @param name a peer's `name` */
  ofIdentity(name: string): readonly IndexedConnection[] {
    return [...(this.#byIdentity.get(name) ?? [])];
  }

  /** @param issuerKey lower-case hex SHA-256 of the SubjectPublicKeyInfo of any issuer of the path, its anchor included */
  ofIssuerKey(issuerKey: string): readonly IndexedConnection[] {
    return [...(this.#byIssuerKey.get(issuerKey) ?? [])];
  }

  ofVerifier(verifier: object): readonly IndexedConnection[] {
    return [...(this.#byVerifier.get(verifier) ?? [])];
  }
}

function issuerKeysOf({ revocationKeys }: VerifiedPeer): ReadonlySet<string> {
  return new Set(revocationKeys.map((key) => key.slice(0, key.indexOf(':'))));
}

function enter<K>(map: Map<K, Set<IndexedConnection>>, key: K, connection: IndexedConnection): void {
  const entered = map.get(key);
  if (entered === undefined) map.set(key, new Set([connection]));
  else entered.add(connection);
}

function leave<K>(map: Map<K, Set<IndexedConnection>>, key: K, connection: IndexedConnection): void {
  const entered = map.get(key);
  entered?.delete(connection);
  if (entered?.size === 0) map.delete(key);
}
