/** The warning that a server never asked for the certificate that this side has: mutual TLS that is not. Once a server. */
import type { TLSSocket } from 'node:tls';
import { Refusal } from '../../../ground/errors/index.ts';
import { remoteOf } from '../remote.ts';
import { tell } from '../tell.ts';
import type { Trust } from '../trust/trust.ts';
import type { ClientOptions } from './client-options.ts';

/** Servers of one workload that were named. Our own choice; beyond it nothing more is said. */
const mostNamed = 10_000;

const named = new WeakMap<Trust, Set<string>>();

/**
 * Whether the server asked for a certificate: its CertificateRequest must name signature algorithms (RFC 8446, 4.3.2; RFC 5246, 7.4.4),
 * and OpenSSL knows none where there was no such message.
 */
export function askedForCertificate(socket: TLSSocket): boolean {
  return socket.getSharedSigalgs().length > 0;
}

export function warnNeverAsked(socket: TLSSocket, server: string, { trust, onWarning }: ClientOptions): void {
  const servers = named.get(trust) ?? new Set<string>();
  named.set(trust, servers);
  if (servers.has(server) || servers.size >= mostNamed) return;
  servers.add(server);
  const warning = new Refusal('CS-TLS-015', { server });
  if (onWarning !== undefined) tell(onWarning, warning, remoteOf(socket));
  else process.emitWarning(warning.message, { type: 'CountersignWarning', code: warning.code, detail: warning.remedy });
}
