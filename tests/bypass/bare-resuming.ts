/** Servers of node:tls alone that resume, as Node does unless told otherwise: where the attacks on resumption get through. */
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { type Server, type TlsOptions, TLSSocket } from 'node:tls';
import { exactly, type Presented, type TlsVersion } from './presented.ts';

export interface BareResuming {
  readonly port: number;
  readonly server: Server;
}

/** With these keys each server takes up what another gave: those of a fleet, or of one process before and after a change. */
const ticketKeys = Buffer.alloc(48, 7);

/** It answers every request with the names in the certificate that it takes for the client's. */
export async function bareResuming(
  t: TestContext,
  { cert, key }: Presented,
  version: TlsVersion,
  options: TlsOptions,
): Promise<BareResuming> {
  const server = createHttpsServer(
    { cert, key, ticketKeys, requestCert: true, rejectUnauthorized: true, ...exactly(version), ...options },
    ({ socket }, response) => {
      if (!(socket instanceof TLSSocket)) throw new TypeError('an https server has TLS sockets');
      response.end(socket.authorized ? (socket.getPeerCertificate().subjectaltname ?? 'nobody') : 'nobody');
    },
  );
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, server };
}

/** What stateful resumption needs: a cache of sessions by their IDs. */
export function keepSessions(server: Server): void {
  const kept = new Map<string, Buffer>();
  server.on('newSession', (id: Buffer, data: Buffer, done: () => void) => {
    kept.set(id.toString('hex'), data);
    done();
  });
  server.on('resumeSession', (id: Buffer, done: (error: Error | null, data: Buffer | null) => void) => {
    done(null, kept.get(id.toString('hex')) ?? null);
  });
}
