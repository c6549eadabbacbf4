/** Several credentials of one server, chosen by the server name that the client asks for (RFC 6066, 3). */
import type { CredentialSource } from './credential.ts';

export interface NamedCredentials {
  /** For clients without a server name, or with one that is not known here. */
  readonly otherwise: CredentialSource;
  /** By server name in lower case, exact, or `*.` for one label. */
  readonly byServerName: Readonly<Record<string, CredentialSource>>;
}

/** The credential of who asks for no name. @throws TypeError for credentials by name, which no server of this room presents yet */
export function defaultCredentials(credentials: CredentialSource | NamedCredentials): CredentialSource {
  if (typeof credentials !== 'object') throw new TypeError('a server has credentials');
  if (!('otherwise' in credentials)) return credentials;
  if (Object.keys(credentials.byServerName).length > 0)
    throw new TypeError('credentials by server name are not presented yet: give `otherwise` alone');
  return credentials.otherwise;
}
