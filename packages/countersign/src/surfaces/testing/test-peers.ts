/** Peers for tests of one's own endpoints: the right one and the wrong, as clients and as servers, each in two lines. Never for anything else. */
import { type Clock, systemClock } from '../../ground/clock/index.ts';
import {
  revocationKey,
  type RevokedEntry,
  type RevocationView,
  withoutRevocation,
} from '../../identity/revocation/index.ts';
import { extendedKeyUsages } from '../../identity/x509/index.ts';
import { type Credential, type CredentialSource, fixedSource, MutableSource, Trust } from '../../runtime/tls/index.ts';
import { TestAuthority } from './test-authority.ts';
import { type Called, callAs, type Destination } from './test-client.ts';
import { serveAs, type ServedPeer } from './test-server.ts';

/** What is wrong with a peer; `slow` and `silent` are those that do not come to a handshake. */
export const testPeerKinds = [
  'right',
  'no-certificate',
  'another-authority',
  'expired',
  'not-yet-valid',
  'revoked',
  'wrong-name',
  'wrong-usage',
  'slow',
  'silent',
] as const;

export type TestPeerKind = (typeof testPeerKinds)[number];

export interface TestPeersOptions {
  /** Who the right peer is: `spiffe://<trust domain>/<name>` and the DNS name `<name>.internal`. Default `web`. */
  readonly name?: string;
  /** Default a new one, for test.internal. */
  readonly authority?: TestAuthority;
  /** Default the machine's. */
  readonly clock?: Clock;
}

/** What each endpoint of `countersign/tls` takes. */
export interface OwnSide {
  readonly trust: Trust;
  readonly credentials: CredentialSource;
  readonly clock: Clock;
}

const dayMs = 86_400_000;

export class TestPeers {
  readonly authority: TestAuthority;
  /** Trusts the authority, and knows who is revoked. */
  readonly trust: Trust;
  readonly #name: string;
  readonly #clock: Clock;
  readonly #revocations: MutableSource<RevocationView>;
  readonly #revoked: RevokedEntry[] = [];

  constructor({ name = 'web', clock = systemClock, authority = new TestAuthority({ clock }) }: TestPeersOptions = {}) {
    this.authority = authority;
    this.#name = name;
    this.#clock = clock;
    this.#revocations = new MutableSource(withoutRevocation);
    this.trust = new Trust({ bundles: fixedSource(authority.bundles()), revocations: this.#revocations, clock });
  }

  /** For the endpoint under test: `createServer(policy, peers.own('orders'), handler)`. */
  own(name: string): OwnSide {
    return { trust: this.trust, credentials: fixedSource(this.authority.issue(name)), clock: this.#clock };
  }

  /** What such a peer presents; `undefined` where it presents nothing. @param side on which it is: what it is certified for */
  credential(kind: TestPeerKind, side: 'client' | 'server' = 'client'): Credential | undefined {
    const [authority, name] = [this.authority, this.#name];
    const { clientAuth, serverAuth } = extendedKeyUsages;
    switch (kind) {
      case 'no-certificate':
      case 'slow':
      case 'silent':
        return undefined;
      case 'right':
        return authority.issue(name);
      case 'another-authority':
        return new TestAuthority({ trustDomain: authority.trustDomain, clock: this.#clock }).issue(name);
      case 'expired':
        return authority.issue(name, { notBeforeMs: -2 * dayMs, notAfterMs: -dayMs });
      case 'not-yet-valid':
        return authority.issue(name, { notBeforeMs: dayMs, notAfterMs: 2 * dayMs });
      case 'revoked':
        return this.#revokedCredential();
      case 'wrong-name':
        return authority.issue('mallory');
      case 'wrong-usage':
        return authority.issue(name, { usages: [side === 'client' ? serverAuth : clientAuth] });
    }
  }

  /** Revokes it: live connections of its peer are closed before this returns. */
  revoke(credential: Credential): void {
    this.#revoked.push(this.authority.revoked(credential));
    this.#revocations.set(viewOf([...this.#revoked]));
  }

  /** Calls a server as such a client, and tells what came of it. */
  call(kind: TestPeerKind, destination: Destination): Promise<Called> {
    return callAs(kind, this.credential(kind), destination);
  }

  /** Starts such a server on a port of loopback; it answers whatever comes with an empty 200. */
  serve(kind: TestPeerKind): Promise<ServedPeer> {
    return serveAs(kind, this.credential(kind, 'server'));
  }

  #revokedCredential(): Credential {
    const credential = this.authority.issue(this.#name);
    this.revoke(credential);
    return credential;
  }
}

function viewOf(entries: readonly RevokedEntry[]): RevocationView {
  const byKey = new Map(entries.map((entry) => [revocationKey(entry.issuerKey, entry.serialNumber), entry]));
  const { number, freshUntil } = withoutRevocation;
  return {
    number: number + entries.length,
    freshUntil,
    isRevoked: (issuerKey, serialNumber) => byKey.get(revocationKey(issuerKey, serialNumber)),
  };
}
