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
  // Absolute form (RFC 9112, 3.2.2) goes before the header.
  const authority = url.startsWith('/') ? undefined : /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(url)?.[1];
  return authority === undefined ? undefined : disagreement(serverName, authority);
}

/** The same for HTTP/2 (RFC 9113, 8.3.1); a CONNECT with a protocol is for the own host, one without is not (RFC 8441, 4). */
export function misdirectedStream(serverName: string, headers: IncomingHttpHeaders): Refusal | undefined {
  if (headers[':method'] === 'CONNECT' && headers[':protocol'] === undefined) return undefined;
  for (const host of [headers[':authority'], headers.host]) {
    const refusal = host === undefined ? undefined : disagreement(serverName, host);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** CS-TLS-012 where `host`, with or without a port, is not the server name. */
export function disagreement(serverName: string, host: string): Refusal | undefined {
  // The usual case costs one comparison.
  if (host === serverName || canonicalHost(hostOf(host)) === serverName) return undefined;
  return new Refusal('CS-TLS-012', { serverName, host });
}

/** Without user information and port (RFC 3986, 3.2). */
function hostOf(authority: string): string {
  return authority.slice(authority.lastIndexOf('@') + 1).replace(/:\d*$/, '');
}

/** Names are compared without case, and a trailing dot says only that they are absolute (RFC 4343, 3; RFC 1034, 3.1). */
function canonicalHost(name: string): string {
  const lower = name.trim().toLowerCase();
  return lower.endsWith('.') ? lower.slice(0, -1) : lower;
}
