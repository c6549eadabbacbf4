/** Whether the verified claims of a token let the peer of this very connection in (RFC 8705, 3; RFC 9068, 4). */
import { Refusal } from '../../ground/errors/index.ts';
import { canonicalDnsName, decide } from '../authorization/index.ts';
import type { TokenClaims } from './token-claims.ts';
import { type BoundPeer, defaultClockToleranceMs, type RouteRules, type TokenRules } from './token-rules.ts';

export interface BoundTokenQuestion {
  /** Whose signature was verified, or which the issuer said to be active. */
  readonly claims: TokenClaims;
  /** The other end of the connection on which the token came, as the peer verifier made it. */
  readonly peer: BoundPeer;
  readonly rules: TokenRules;
  readonly route: RouteRules;
  /** Which partner the peer is, as whoever asks has decided by its certificate; `undefined`: none. */
  readonly partner?: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** @throws CS-BEARER-003 and -009 to -016 */
export function checkBoundToken({ claims, peer, rules, route, partner, now }: BoundTokenQuestion): void {
  requireOrigin(claims, rules);
  requireTime(claims, rules.clockToleranceMs ?? defaultClockToleranceMs, now);
  requireBinding(claims, peer, route);
  if (route.otherIdentities !== 'allow') requireIdentity(claims, peer, rules, partner);
  requireScopes(claims, route.scopes ?? []);
}

function requireOrigin({ issuer, audience }: TokenClaims, rules: TokenRules): void {
  if (issuer !== undefined && issuer !== rules.issuer)
    throw new Refusal('CS-BEARER-009', { expected: rules.issuer, found: issuer });
  const expected = typeof rules.audience === 'string' ? [rules.audience] : rules.audience;
  if (!expected.some((one) => audience.includes(one)))
    throw new Refusal('CS-BEARER-010', { expected, found: audience });
}

/** RFC 7519, 4.1.4: `exp` is the first moment at which it must not be accepted. */
function requireTime({ expiresAt, notBefore, issuedAt }: TokenClaims, toleranceMs: number, now: number): void {
  if (now >= expiresAt) throw new Refusal('CS-BEARER-011', { expiredAt: expiresAt, at: now });
  if (notBefore !== undefined && notBefore > now + toleranceMs)
    throw new Refusal('CS-BEARER-012', { claim: 'nbf', from: notBefore, at: now });
  if (issuedAt !== undefined && issuedAt > now + toleranceMs)
    throw new Refusal('CS-BEARER-012', { claim: 'iat', from: issuedAt, at: now });
}

function requireBinding({ binding, issuer }: TokenClaims, peer: BoundPeer, route: RouteRules): void {
  switch (binding.kind) {
    case 'dpop':
      throw new Refusal('CS-BEARER-003', { issuer: issuer ?? 'not said' });
    case 'certificate':
      if (!sameText(binding.thumbprint, peer.thumbprint))
        throw new Refusal('CS-BEARER-013', { peer: peer.name, presented: peer.thumbprint });
      return;
    case 'unknown':
      // Bound to something, and not to be told what: no route can have meant that by allowing what is not bound.
      throw new Refusal('CS-BEARER-014', { peer: peer.name });
    case 'none':
      if (route.unboundTokens !== 'allow') throw new Refusal('CS-BEARER-014', { peer: peer.name });
  }
}

/** In a time that depends on the lengths alone. */
function sameText(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let at = 0; at < a.length; at += 1) difference |= a.charCodeAt(at) ^ b.charCodeAt(at);
  return difference === 0;
}

function requireIdentity(
  { subject, clientId }: TokenClaims,
  peer: BoundPeer,
  { clients, partners }: TokenRules,
  partner: string | undefined,
): void {
  const policy = clientId === undefined ? undefined : clients?.get(clientId);
  const named = clientId === undefined ? undefined : partners?.get(clientId);
  const same =
    policy !== undefined
      ? decide(policy, peer).allowed
      : named !== undefined
        ? named === partner
        : isNameOf(peer, clientId) || isNameOf(peer, subject);
  if (!same)
    throw new Refusal('CS-BEARER-015', {
      peer: peer.name,
      subject: subject ?? 'not said',
      client: clientId ?? 'not said',
    });
}

/** Octet for octet, and DNS names in lower case; never a subject, whose text has many spellings. */
function isNameOf({ spiffeId, uris, dnsNames }: BoundPeer, name: string | undefined): boolean {
  if (name === undefined) return false;
  if (name === spiffeId || uris.includes(name)) return true;
  const dnsName = canonicalDnsName(name);
  return dnsName !== undefined && dnsNames.some((one) => canonicalDnsName(one) === dnsName);
}

function requireScopes({ scopes }: TokenClaims, needed: readonly string[]): void {
  const missing = needed.filter((scope) => !scopes.includes(scope));
  if (missing.length > 0) throw new Refusal('CS-BEARER-016', { needed, missing });
}
