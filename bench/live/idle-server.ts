/** A server in a process of its own whose memory is looked at: ours, or Node's of the same protocol. */
import { createSecureServer, type Http2ServerRequest } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { allowAnyPeer } from 'countersign/authorization';
import { systemClock } from 'countersign/clock';
import { encodePem } from 'countersign/encoding';
import { withoutRevocation } from 'countersign/revocation';
import { TestAuthority } from 'countersign/testing';
import { createHttp2Server, createServer, fixedSource, Trust } from 'countersign/tls';
import { pemOf } from './clients.ts';
import { heldOctets } from './held-octets.ts';

export type Kind = 'countersign' | 'node:https' | 'countersign, HTTP/2' | 'node:http2';

/** What it tells when it is ready; afterwards, whenever it is asked, how many octets of memory it holds. */
export interface Ready {
  readonly port: number;
  readonly ca: string;
  readonly credentials: readonly { readonly cert: string; readonly key: string }[];
}

const kind = process.argv[2] as Kind;

if (process.send !== undefined) {
  process.once('disconnect', () => process.exit());
  process.on('message', () => process.send?.(heldOctets()));
  process.send(await start());
}

async function start(): Promise<Ready> {
  const authority = new TestAuthority();
  const ca = encodePem('CERTIFICATE', authority.root.raw);
  // A certificate each ten connections, as replicas of a service have.
  const credentials = Array.from({ length: 500 }, () => pemOf(authority.issue('web')));
  const handler = (request: IncomingMessage | Http2ServerRequest): void => {
    request.resume().on('error', () => undefined);
  };
  if (kind === 'countersign' || kind === 'countersign, HTTP/2') {
    const create = kind === 'countersign' ? createServer : createHttp2Server;
    const bundles = fixedSource(authority.bundles());
    const trust = new Trust({ bundles, revocations: fixedSource(withoutRevocation), clock: systemClock });
    const serving = fixedSource(authority.issue('orders'));
    const server = create(allowAnyPeer(), { trust, credentials: serving, clock: systemClock }, handler);
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    return { port, ca, credentials };
  }
  const asked = { ca, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' } as const;
  const options = { ...pemOf(authority.issue('orders')), ...asked };
  const server = kind === 'node:http2' ? createSecureServer(options, handler) : createHttpsServer(options, handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, ca, credentials };
}
