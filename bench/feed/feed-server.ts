/** An authority in a process of its own, or bare node:tls, whose memory is looked at while very many hold a connection that says nothing. */
import { createServer } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { systemClock } from 'countersign/clock';
import { encodePem } from 'countersign/encoding';
import { startAuthorityServer } from 'countersign/server';
import { openSqliteStore } from 'countersign/sqlite';
import { TestAuthority } from 'countersign/testing';
import { pemOf } from '../live/clients.ts';
import { heldOctets } from '../live/held-octets.ts';

export type Kind = 'countersign' | 'node:tls';

/** What it tells when it is ready; afterwards, whenever it is asked, how many octets of memory it holds. */
export interface Ready {
  readonly port: number;
  readonly ca: string;
  /** Of those who may connect; the authority's own are asked for at its socket. */
  readonly credentials: readonly { readonly cert: string; readonly key: string }[];
}

const [, , kind, dir = ''] = process.argv;

if (process.send !== undefined) {
  process.once('disconnect', () => process.exit());
  process.on('message', () => process.send?.(heldOctets()));
  process.send(await (kind === 'countersign' ? startAuthority() : startBare()));
}

async function startAuthority(): Promise<Ready> {
  const stores = await openSqliteStore({ file: join(dir, 'authority.db'), clock: systemClock });
  const listen = { host: '127.0.0.1', port: 0 };
  // Nobody acknowledges, so that there is nothing to wait for.
  const quick = { enforcementWaitMs: 100, log: () => undefined };
  const server = await startAuthorityServer({ clock: systemClock, listen, ...quick, dir, stores });
  return { port: Number(new URL(server.url).port), ca: '', credentials: [] };
}

async function startBare(): Promise<Ready> {
  const authority = new TestAuthority();
  const ca = encodePem('CERTIFICATE', authority.root.raw);
  const credentials = Array.from({ length: 10 }, () => pemOf(authority.issue('web')));
  const asked = { ca, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' } as const;
  const server = createServer({ ...pemOf(authority.issue('orders')), ...asked }, (socket) => {
    socket.on('error', () => undefined).resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, ca, credentials };
}
