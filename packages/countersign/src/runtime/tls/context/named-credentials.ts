/** Several credentials of one server, chosen by the server name that the client asks for (RFC 6066, 3). */
import { canonicalDnsName } from '../../../identity/authorization/index.ts';
import type { CredentialSource } from './credential.ts';

export interface NamedCredentials {
  /** For clients without a server name, or with one that is not known here. */
  readonly otherwise: CredentialSource;
  /** By server name, exact, or `*.` for one label; an exact name goes before a pattern. */
  readonly byServerName: Readonly<Record<string, CredentialSource>>;
}

/** The credential of who asks for no name. @throws TypeError for names that are none, or twice the same */
export function defaultCredentials(credentials: CredentialSource | NamedCredentials): CredentialSource {
  if (typeof credentials !== 'object') throw new TypeError('a server has credentials');
  if (!isNamed(credentials)) return credentials;
  byCanonicalName(credentials);
  return credentials.otherwise;
}

/** The credential for this server name: compared in lower case and without a dot at its end, never by a regular expression. */
export function credentialsFor(
  credentials: CredentialSource | NamedCredentials,
  servername: string | undefined,
): CredentialSource {
  if (!isNamed(credentials)) return credentials;
  const name = servername === undefined ? undefined : canonicalServerName(servername);
  if (name === undefined) return credentials.otherwise;
  const known = byCanonicalName(credentials);
  return known.get(name) ?? known.get(`*${name.slice(firstDot(name))}`) ?? credentials.otherwise;
}

/** Each source once. */
export function allCredentials(credentials: CredentialSource | NamedCredentials): readonly CredentialSource[] {
  if (!isNamed(credentials)) return [credentials];
  return [...new Set([credentials.otherwise, ...byCanonicalName(credentials).values()])];
}

export function isNamed(credentials: CredentialSource | NamedCredentials): credentials is NamedCredentials {
  return 'otherwise' in credentials;
}

/** RFC 6066, 3 sends none with a dot at its end; some clients do. `undefined` for what is no DNS name. */
export function canonicalServerName(servername: string): string | undefined {
  return canonicalDnsName(servername.endsWith('.') ? servername.slice(0, -1) : servername);
}

const read = new WeakMap<NamedCredentials, ReadonlyMap<string, CredentialSource>>();

/** Read once: what is added to the record later is not seen. */
function byCanonicalName(named: NamedCredentials): ReadonlyMap<string, CredentialSource> {
  const known = read.get(named);
  if (known !== undefined) return known;
  const made = new Map<string, CredentialSource>();
  for (const [written, source] of Object.entries(named.byServerName)) {
    const name = canonicalKey(written);
    if (made.has(name)) throw new TypeError(`two credentials for the server name ${JSON.stringify(name)}`);
    made.set(name, source);
  }
  read.set(named, made);
  return made;
}

function canonicalKey(written: string): string {
  const wildcard = written.startsWith('*.') ? '*.' : '';
  const name = canonicalDnsName(written.slice(wildcard.length));
  if (name !== undefined) return wildcard + name;
  throw new TypeError(`${JSON.stringify(written)} is no server name: a DNS name, or *. and one`);
}

/** Where the parent of a name begins; its end where it has none. */
function firstDot(name: string): number {
  const at = name.indexOf('.');
  return at === -1 ? name.length : at;
}
