/** What a resource asks of tokens: once for all of its routes, and for a route beside that. */
import { isPeerPolicy, type PeerIdentity, type PeerPolicy } from '../authorization/index.ts';

export interface TokenRules {
  /** Compared octet for octet with `iss`. */
  readonly issuer: string;
  /** What this resource is called in `aud`; one of them must be there. */
  readonly audience: string | readonly string[];
  /**
   * Whose certificate a client uses, by its `client_id`, where that is not itself the name in the certificate. A client that stands here is
   * compared by its policy alone.
   */
  readonly clients?: ReadonlyMap<string, PeerPolicy>;
  /** Which partner a client is, by its `client_id`, where partners are told apart by somebody else: compared with the partner that the peer is. */
  readonly partners?: ReadonlyMap<string, string>;
  /** Milliseconds by which `iat` and `nbf` may lie ahead; default 10,000, at most 60,000 (FAPI 2.0, 5.3.2.1). `exp` is given none. */
  readonly clockToleranceMs?: number;
}

export interface RouteRules {
  /** All of them are needed; default none. */
  readonly scopes?: readonly string[];
  /** By this word alone a route takes tokens that whoever steals them can use. Where a token is bound it is compared all the same. */
  readonly unboundTokens?: 'allow';
  /** By this word alone a route takes tokens of another identity than the certificate's; what they are bound to is compared all the same. */
  readonly otherIdentities?: 'allow';
}

/** What is asked of the peer of the connection: its names, and `thumbprint`, SHA-256 of its certificate as `x5t#S256` has it. */
export interface BoundPeer extends PeerIdentity {
  readonly name: string;
  readonly thumbprint: string;
}

export const defaultClockToleranceMs = 10_000;
const mostClockToleranceMs = 60_000;

/** RFC 6749, 3.3. */
const scopeForm = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** @throws TypeError for what cannot be meant, at the moment at which the rules are made */
export function requireTokenRules({ issuer, audience, clients, clockToleranceMs = 0 }: TokenRules): void {
  if (typeof issuer !== 'string' || issuer === '') throw new TypeError('issuer is the text of iss');
  const audiences: readonly unknown[] = Array.isArray(audience) ? audience : [audience];
  if (audiences.length === 0 || !audiences.every((one) => typeof one === 'string' && one !== ''))
    throw new TypeError('audience is what aud must name, one text or more');
  if (!(clockToleranceMs >= 0 && clockToleranceMs <= mostClockToleranceMs))
    throw new TypeError(`clockToleranceMs is at most ${mostClockToleranceMs}`);
  for (const policy of clients?.values() ?? [])
    if (!isPeerPolicy(policy)) throw new TypeError('clients holds what spiffeId(), dnsName(), anyOf() returned');
}

/** @throws TypeError for what cannot be meant: a word misspelled must not open a route, nor one that is meant to be open stay shut */
export function requireRouteRules({ scopes = [], unboundTokens, otherIdentities }: RouteRules): void {
  if (!Array.isArray(scopes) || !scopes.every((one) => typeof one === 'string' && scopeForm.test(one)))
    throw new TypeError('scopes is a list of scopes (RFC 6749, 3.3)');
  for (const [name, word] of Object.entries({ unboundTokens, otherIdentities }))
    if (word !== undefined && word !== 'allow') throw new TypeError(`${name} is 'allow', or absent`);
}
