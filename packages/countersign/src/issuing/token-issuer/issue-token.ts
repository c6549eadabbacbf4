/** The client credentials grant (RFC 6749, 4.4): an access token (RFC 9068) that is bound to the certificate of the request. */
import { toBase64Url } from '../../ground/encoding/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import type { JsonObject } from '../../identity/bound-tokens/index.ts';
import { randomBytes } from '../../runtime/cryptography/index.ts';
import type { AuthenticatedClient } from './authenticate-client.ts';
import { certificateClaim, certificateClaimName } from './certificate-claim.ts';
import type { TokenForm } from './token-form.ts';
import type { TokenKeys } from './token-keys.ts';

export interface TokenQuestion {
  readonly client: AuthenticatedClient;
  readonly form: TokenForm;
  readonly issuer: string;
  readonly keys: TokenKeys;
  readonly lifeMs: number;
  readonly now: number;
}

export interface IssuedToken {
  readonly claims: JsonObject;
  /** RFC 6749, 5.1; no refresh token, as a client can always ask again. */
  readonly answer: JsonObject;
}

/** @throws CS-OAUTH-003, -005, -006, -007 */
export function issueToken({ client, form, issuer, keys, lifeMs, now }: TokenQuestion): IssuedToken {
  const grantType = form.one('grant_type');
  if (grantType === undefined) throw new Refusal('CS-OAUTH-002', { rule: 'the grant_type is named' });
  if (grantType !== 'client_credentials') throw new Refusal('CS-OAUTH-005', { grantType: grantType.slice(0, 64) });
  const scopes = scopesFor(client, form.one('scope'));
  const resources = resourcesFor(client, form.resources);
  const issuedAt = Math.floor(now / 1000);
  // A token that outlives its certificate could be used by nobody.
  const expiresAt = Math.floor(Math.min(now + lifeMs, client.notAfter) / 1000);
  if (expiresAt <= issuedAt)
    throw new Refusal('CS-OAUTH-003', {
      client: client.clientId,
      peer: client.peer?.name ?? client.clientId,
      reason: 'the certificate ends now',
    });
  const claims = {
    iss: issuer,
    // RFC 9068, 2.2: without a resource owner the client itself; by the name that its certificate has, where it has one.
    sub: client.peer?.spiffeId ?? client.clientId,
    client_id: client.clientId,
    aud: resources.length === 1 ? resources[0] : resources,
    iat: issuedAt,
    exp: expiresAt,
    jti: toBase64Url(randomBytes(16)),
    ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
    cnf: { 'x5t#S256': client.thumbprint },
    [certificateClaimName]: certificateClaim(client, now),
  };
  return {
    claims,
    answer: {
      access_token: keys.sign(claims),
      token_type: 'Bearer',
      expires_in: expiresAt - issuedAt,
      ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
    },
  };
}

/** All that the client was granted, where it names none (RFC 6749, 3.3). */
function scopesFor({ clientId, scopes }: AuthenticatedClient, asked: string | undefined): readonly string[] {
  if (asked === undefined) return scopes;
  const wanted = [...new Set(asked.split(' '))];
  const others = wanted.filter((scope) => !scopes.includes(scope));
  if (others.length > 0)
    throw new Refusal('CS-OAUTH-006', { client: clientId, scopes: others.map((one) => one.slice(0, 64)) });
  return wanted;
}

/** RFC 8707, 2: of several the client says for which, so that no token is good at more resources than it is meant for. */
function resourcesFor({ clientId, resources }: AuthenticatedClient, asked: readonly string[]): readonly string[] {
  if (asked.length === 0 && resources.length === 1) return resources;
  const others = asked.filter((one) => !resources.includes(one));
  if (asked.length === 0 || others.length > 0)
    throw new Refusal('CS-OAUTH-007', { client: clientId, resources: others.map((one) => one.slice(0, 256)) });
  return [...new Set(asked)];
}
