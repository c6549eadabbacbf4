/** Revocation of a single token by its own client (RFC 7009). */
import { Refusal } from '../../ground/errors/index.ts';
import type { AuthenticatedClient } from './authenticate-client.ts';
import { ownToken } from './own-token.ts';
import type { RevokedTokens } from './revoked-tokens.ts';
import type { TokenForm } from './token-form.ts';
import type { TokenKeys } from './token-keys.ts';

export interface RevocationQuestion {
  readonly client: AuthenticatedClient;
  readonly form: TokenForm;
  readonly issuer: string;
  readonly keys: TokenKeys;
  readonly revoked: RevokedTokens;
}

/** Resolves when it lasts; what is no token is none afterwards either (RFC 7009, 2.2). @throws CS-OAUTH-002, -008 */
export async function revokeToken({ client, form, issuer, keys, revoked }: RevocationQuestion): Promise<void> {
  const text = form.one('token');
  if (text === undefined) throw new Refusal('CS-OAUTH-002', { rule: 'the token is in the parameter token' });
  const token = ownToken(text, keys, issuer);
  if (token === undefined) return;
  if (token.claims.clientId !== client.clientId) throw new Refusal('CS-OAUTH-008', { client: client.clientId });
  await revoked.add(token.tokenId, token.claims.expiresAt);
}
