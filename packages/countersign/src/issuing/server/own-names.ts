/** The names of the authority's own server certificate, and the address that it hands out. */
import { hostname } from 'node:os';
import { isIP } from 'node:net';

import { authorityId } from '../../runtime/api/index.ts';
import { authorityServerProfile, grantNames, type IssuerFacts, isPermitted } from '../authority/index.ts';

/**
 * Clients authorize the SPIFFE ID; the others are for programs that know only addresses, such as curl. Those that the constraints above the
 * issuer exclude are left out, since nobody would take a certificate with one of them.
 */
export function ownNames(trustDomain: string, host: string, issuer: IssuerFacts): string[] {
  const always = ['localhost', '127.0.0.1', '::1'];
  const listener = isUnspecified(host) ? allowed(trustDomain, hostname().toLowerCase()) : [plain(host)];
  const names = [...new Set([...always, ...listener])].filter((name) => isPermitted(name, issuer));
  return [...names, authorityId(trustDomain)];
}

/** A machine's name need not be one that is allowed; it is then left out. */
function allowed(trustDomain: string, name: string): string[] {
  try {
    return grantNames([authorityId(trustDomain), name], trustDomain, authorityServerProfile).dns.slice();
  } catch {
    return [];
  }
}

/** `https://host:port` for tokens and answers. */
export function ownUrl(host: string, port: number): string {
  const reachable = isUnspecified(host) ? hostname().toLowerCase() : plain(host);
  return `https://${isIP(reachable) === 6 ? `[${reachable}]` : reachable}:${String(port)}`;
}

/** Every address of the machine, and so none in particular. */
function isUnspecified(host: string): boolean {
  return host === '0.0.0.0' || plain(host) === '::' || host === '';
}

function plain(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}
