/** The clients of a token issuer: those that are registered, and identities that are clients by themselves. */
import { Refusal } from '../../ground/errors/index.ts';
import { decide, type PeerPolicy } from '../../identity/authorization/index.ts';
import type { VerifiedPeer } from '../../runtime/tls/index.ts';
import { type Grants, readTokenClient, type TokenClient } from './client-registration.ts';

/** Whoever the policy allows is a client under its own SPIFFE ID, without registration. */
export interface IdentityGrant extends Grants {
  readonly who: PeerPolicy;
}

/** Clients that come and go while the set is in use; those of the set itself go before them. */
export interface AddedClients {
  find(clientId: string): TokenClient | undefined;
  /** When one of this name was registered, or else removed last, milliseconds since 1970: tokens of before do not count. */
  countsFromMs(clientId: string): number | undefined;
}

const noneAdded: AddedClients = { find: () => undefined, countsFromMs: () => undefined };

export class ClientSet {
  readonly #clients: ReadonlyMap<string, TokenClient>;
  readonly #identities: readonly IdentityGrant[];
  readonly #added: AddedClients;

  /** @param registrations client metadata (RFC 7591), as JSON has it @throws CS-OAUTH-001 */
  constructor(
    registrations: readonly unknown[],
    identities: readonly IdentityGrant[] = [],
    added: AddedClients = noneAdded,
  ) {
    const clients = new Map<string, TokenClient>();
    for (const registration of registrations) {
      const client = readTokenClient(registration);
      const { clientId } = client;
      if (clients.has(clientId))
        throw new Refusal('CS-OAUTH-001', { client: clientId, rule: 'a client is registered once' });
      clients.set(clientId, client);
    }
    this.#clients = clients;
    this.#added = added;
    this.#identities = identities.map(({ who, scopes, resources }) => ({
      who,
      scopes: [...scopes],
      resources: [...resources],
    }));
  }

  registered(clientId: string): TokenClient | undefined {
    return this.#clients.get(clientId) ?? this.#added.find(clientId);
  }

  /** What a peer is granted under its own SPIFFE ID, where nobody is registered under it. */
  byIdentity(clientId: string, peer: VerifiedPeer): Grants | undefined {
    if (peer.spiffeId !== clientId || this.registered(clientId) !== undefined) return undefined;
    return this.#identities.find(({ who }) => decide(who, peer).allowed);
  }

  /** Whether a self-signed certificate is still one of the client's: what was taken out of its jwks has ended. */
  hasCertificate(clientId: string, thumbprint: string, key: string | undefined): boolean {
    const authentication = this.registered(clientId)?.authentication;
    if (authentication?.method !== 'self_signed_tls_client_auth') return false;
    const { thumbprints, keys } = authentication.certificates;
    return thumbprints.has(thumbprint) || (key !== undefined && keys.has(key));
  }

  /** Whether a client may still have tokens; of identities nothing is known without their certificate. */
  mayHaveTokens(clientId: string): boolean {
    const client = this.registered(clientId);
    return client === undefined
      ? this.#identities.length > 0 && clientId.startsWith('spiffe://')
      : client.state === 'active';
  }

  /** Tokens that a client of this name got before do not count. Milliseconds since 1970. */
  countsFrom(clientId: string): number {
    return this.#added.countsFromMs(clientId) ?? 0;
  }
}
