/** Whether a request is for the host that the handshake was with: the peer policy and the credential are the handshake's, the route is the request's. */
import type { IncomingMessage } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { Refusal } from '../../../ground/errors/index.ts';

/** The name that the client asked for in its handshake (RFC 6066, 3), canonical; `undefined` where it asked for none. */
export function serverNameOf({ servername }: Pick<TLSSocket, 'servername'>): string | undefined {
  // Declared as text, but false or null where the client sent none.
  const name: unknown = servername;
  return typeof name === 'string' && name !== '' ? canonicalHost(name) : undefined;
}

/**
 * CS-TLS-012 where any of the hosts that a request of HTTP/1.1 names is another one (RFC 9110, 7.4): a router may look at either.
 * The host of CONNECT is not the own one but the one to connect to.
 */
export function misdirected(serverName: string, request: IncomingMessage): Refusal | undefined {
  if (request.method === 'CONNECT') return undefined;
  const { rawHeaders, url = '' } = request;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (name.length !== 4 || name.toLowerCase() !== 'host') continue;
    const refusal = disagreement(serverName, rawHeaders[at + 1] ?? '');
    if (refusal !== undefined) return refusal;
  }
  return misdirectedTarget(serverName, url);
}

/** The same for HTTP/2 (RFC 9113, 8.3.1); a CONNECT with a protocol is for the own host, one without is not (RFC 8441, 4). */
export function misdirectedStream(serverName: string, headers: IncomingHttpHeaders): Refusal | undefined {
  if (headers[':method'] === 'CONNECT' && headers[':protocol'] === undefined) return undefined;
  for (const host of [headers[':authority'], headers.host]) {
    const refusal = host === undefined ? undefined : disagreement(serverName, host);
    if (refusal !== undefined) return refusal;
  }
  // Under a scheme other than http and https nothing else looks at it (RFC 9113, 8.3.1).
  return misdirectedTarget(serverName, headers[':path'] ?? '/');
}

/**
 * The absolute form goes before the header (RFC 9112, 3.2.2). What is neither that nor a path nor "*" would be a part of the host for whoever puts an
 * address together of host and target: "orders.test" and "*@admin.test/".
 */
function misdirectedTarget(serverName: string, target: string): Refusal | undefined {
  if (target.startsWith('/') || target === '*') return undefined;
  return disagreement(serverName, /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(target)?.[1] ?? target);
}

/** CS-TLS-012 where `host`, with or without a port, is not the server name. */
export function disagreement(serverName: string, host: string): Refusal | undefined {
  if (agreed.serverName === serverName && agreed.host === host) return undefined;
  if (delimiter.test(serverName) || (host !== serverName && canonicalHost(hostOf(host)) !== serverName))
    return new Refusal('CS-TLS-012', { serverName, host });
  agreed.serverName = serverName;
  agreed.host = host;
  return undefined;
}

/** The last two that agreed: a server has few names, and each of its requests asks. */
const agreed = { serverName: '', host: '' };

/** A server name with a port or user information in it would agree with a host that a router reads as another one. */
const delimiter = /[\s@:;,/\\?#%[\]]/;

/** Without port. User information has no place in either version (RFC 9110, 4.2.4), and some routers take it for the host: with it, it is another host. */
function hostOf(authority: string): string {
  return authority.replace(/:\d*$/, '');
}

/** Names are compared without case, and a trailing dot says only that they are absolute (RFC 4343, 3; RFC 1034, 3.1). */
function canonicalHost(name: string): string {
  const lower = name.trim().toLowerCase();
  return lower.endsWith('.') ? lower.slice(0, -1) : lower;
}
