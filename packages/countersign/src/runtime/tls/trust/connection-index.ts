/** The live connections of a workload, found by what can end them: identity, issuer and serial, issuer key, trust domain, verifier. */
import type { Refusal } from '../../../ground/errors/index.ts';
import type { VerifiedPeer } from '../peer/verified-peer.ts';

export interface IndexedConnection {
  readonly peer: VerifiedPeer;
  /** Which verifier let it in, for changes of that one's policy; only told apart from others here. */
  readonly verifier?: object | undefined;
  /** Ends the connection before it returns. */
  close(refusal: Refusal): void;
}

/** Most keys have one connection, and a set of one takes 200 octets. */
type OneOrMore<C> = C | Set<C>;

export class ConnectionIndex<C extends IndexedConnection = IndexedConnection> {
  readonly #all = new Set<C>();
  readonly #byRevocationKey = new Map<string, OneOrMore<C>>();
  readonly #byTrustDomain = new Map<string, OneOrMore<C>>();
  readonly #byIdentity = new Map<string, OneOrMore<C>>();
  readonly #byIssuerKey = new Map<string, OneOrMore<C>>();
  readonly #byVerifier = new Map<object, OneOrMore<C>>();

  get size(): number {
    return this.#all.size;
  }

  has(connection: C): boolean {
    return this.#all.has(connection);
  }

  add(connection: C): void {
    this.#all.add(connection);
    const { peer, verifier } = connection;
    for (const key of peer.revocationKeys) enter(this.#byRevocationKey, key, connection);
    for (const key of issuerKeysOf(peer)) enter(this.#byIssuerKey, key, connection);
    if (verifier !== undefined) enter(this.#byVerifier, verifier, connection);
    enter(this.#byTrustDomain, peer.trustDomain, connection);
    enter(this.#byIdentity, peer.name, connection);
  }

  remove(connection: C): void {
    if (!this.#all.delete(connection)) return;
    const { peer, verifier } = connection;
    for (const key of peer.revocationKeys) leave(this.#byRevocationKey, key, connection);
    for (const key of issuerKeysOf(peer)) leave(this.#byIssuerKey, key, connection);
    if (verifier !== undefined) leave(this.#byVerifier, verifier, connection);
    leave(this.#byTrustDomain, peer.trustDomain, connection);
    leave(this.#byIdentity, peer.name, connection);
  }

  all(): readonly C[] {
    return [...this.#all];
  }

  /** @param key `issuerKey:serialNumber` of any certificate of the path below the anchor */
  withRevocationKey(key: string): readonly C[] {
    return listed(this.#byRevocationKey.get(key));
  }

  ofTrustDomain(trustDomain: string): readonly C[] {
    return listed(this.#byTrustDomain.get(trustDomain));
  }

  /** @param name a peer's `name` */
  ofIdentity(name: string): readonly C[] {
    return listed(this.#byIdentity.get(name));
  }

  /** @param issuerKey lower-case hex SHA-256 of the SubjectPublicKeyInfo of any issuer of the path, its anchor included */
  ofIssuerKey(issuerKey: string): readonly C[] {
    return listed(this.#byIssuerKey.get(issuerKey));
  }

  ofVerifier(verifier: object): readonly C[] {
    return listed(this.#byVerifier.get(verifier));
  }
}

const issuerKeys = new WeakMap<VerifiedPeer, readonly string[]>();

/** Asked twice for each connection, of which a peer has many. */
function issuerKeysOf(peer: VerifiedPeer): readonly string[] {
  const known = issuerKeys.get(peer);
  if (known !== undefined) return known;
  const keys = [...new Set(peer.revocationKeys.map((key) => key.slice(0, key.indexOf(':'))))];
  issuerKeys.set(peer, keys);
  return keys;
}

function listed<C>(entered: OneOrMore<C> | undefined): readonly C[] {
  if (entered === undefined) return [];
  return entered instanceof Set ? [...entered] : [entered];
}

function enter<K, C>(map: Map<K, OneOrMore<C>>, key: K, connection: C): void {
  const entered = map.get(key);
  if (entered === undefined) map.set(key, connection);
  else if (entered instanceof Set) entered.add(connection);
  else if (entered !== connection) map.set(key, new Set([entered, connection]));
}

function leave<K, C>(map: Map<K, OneOrMore<C>>, key: K, connection: C): void {
  const entered = map.get(key);
  if (entered === connection) map.delete(key);
  if (!(entered instanceof Set)) return;
  entered.delete(connection);
  if (entered.size === 0) map.delete(key);
}
