/** Introspection (RFC 7662; RFC 8705, 3.2) for resource servers that are known by their certificate, of tokens that are meant for them. */
import { Refusal } from '../../ground/errors/index.ts';
import { decide, type PeerPolicy } from '../../identity/authorization/index.ts';
import type { JsonObject } from '../../identity/bound-tokens/index.ts';
import type { Trust, VerifiedPeer } from '../../runtime/tls/index.ts';
import { certificateClaimName, certificateHasEnded, issuedAtMsOf, selfSignedIn } from './certificate-claim.ts';
import type { ClientSet } from './client-set.ts';
import { ownToken } from './own-token.ts';
import type { RevokedTokens } from './revoked-tokens.ts';
import type { TokenForm } from './token-form.ts';
import type { TokenKeys } from './token-keys.ts';

/** Who may ask about tokens whose `aud` names this resource. */
export interface ResourceServer {
  readonly resource: string;
  readonly who: PeerPolicy;
}

export interface IntrospectionQuestion {
  readonly form: TokenForm;
  readonly peer: VerifiedPeer | undefined;
  readonly resourceServers: readonly ResourceServer[];
  readonly issuer: string;
  readonly keys: TokenKeys;
  readonly clients: ClientSet;
  readonly revoked: RevokedTokens;
  readonly trust: Trust;
  readonly now: number;
  /** Milliseconds since 1970: tokens that were issued before do not count; default all do. */
  readonly countFromMs?: number | undefined;
}

const inactive: JsonObject = { active: false };

/** @throws CS-OAUTH-002, -003, -011 */
export function introspect(question: IntrospectionQuestion): JsonObject {
  const { form, peer, issuer, keys, clients, revoked, trust, now, countFromMs = 0 } = question;
  const resources = resourcesOf(question);
  if (resources.length === 0)
    throw new Refusal('CS-OAUTH-003', {
      client: 'a resource server',
      peer: peer?.name ?? 'nobody that is verified',
      reason: 'its certificate is that of no resource server',
    });
  const text = form.one('token');
  if (text === undefined) throw new Refusal('CS-OAUTH-002', { rule: 'the token is in the parameter token' });
  // Fails closed: what may be revoked by now is not called active.
  if (!trust.fresh) throw new Refusal('CS-OAUTH-011', {});
  const token = ownToken(text, keys, issuer);
  if (token === undefined) return inactive;
  const { claims, all, tokenId } = token;
  if (now >= claims.expiresAt || revoked.has(tokenId)) return inactive;
  // RFC 7662, 4: about the tokens of others nobody learns anything.
  if (!claims.audience.some((one) => resources.includes(one))) return inactive;
  if (claims.clientId === undefined || !clients.mayHaveTokens(claims.clientId)) return inactive;
  const from = Math.max(countFromMs, clients.countsFrom(claims.clientId));
  if ((issuedAtMsOf(all) ?? 0) < from) return inactive;
  if (certificateHasEnded(all, trust)) return inactive;
  const [selfSigned, { binding }] = [selfSignedIn(all), claims];
  if (selfSigned !== undefined) {
    if (binding.kind !== 'certificate') return inactive;
    if (!clients.hasCertificate(claims.clientId, binding.thumbprint, selfSigned.key)) return inactive;
  }
  const { [certificateClaimName]: _, ...said } = all;
  return { active: true, token_type: 'Bearer', ...said };
}

function resourcesOf({ peer, resourceServers }: IntrospectionQuestion): readonly string[] {
  if (peer === undefined) return [];
  return resourceServers.filter(({ who }) => decide(who, peer).allowed).map(({ resource }) => resource);
}
