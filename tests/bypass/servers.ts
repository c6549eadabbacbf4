/** Every server that the suite attacks, asked the same question: as whom did you let this client in? */
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { connect, type PeerCertificate, TLSSocket } from 'node:tls';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import type { Refusal } from '../../packages/countersign/src/ground/errors/index.ts';
import { allowAnyPeer, type PeerPolicy } from '../../packages/countersign/src/identity/authorization/index.ts';
import { withoutRevocation } from '../../packages/countersign/src/identity/revocation/index.ts';
import { createServer, fixedSource, peerOf, Trust } from '../../packages/countersign/src/runtime/tls/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { startAuthority } from '../e2e/authority-process.ts';
import { exactly, pemOf, presented, type Presented, type TlsVersion } from './presented.ts';
import { authorityOf, onlyTheVictim } from './victim.ts';

export interface AttackedServer {
  readonly name: string;
  readonly port: number;
  readonly version: TlsVersion;
  /** Whom it trusts. */
  readonly authority: TestAuthority;
  /** What it reported; the authority's listener reports to its own log. */
  readonly refusals: readonly Refusal[];
}

/** The library server under both kinds of policy and both versions of TLS, and the authority's listener. */
export async function everyServer(t: TestContext): Promise<AttackedServer[]> {
  const authority = new TestAuthority();
  return Promise.all([
    libraryServer(t, {
      authority,
      policy: onlyTheVictim(authority),
      version: 'TLSv1.3',
      name: 'library server for one',
    }),
    libraryServer(t, {
      authority,
      policy: onlyTheVictim(authority),
      version: 'TLSv1.2',
      name: 'library server for one',
    }),
    libraryServer(t, { authority, policy: allowAnyPeer(), version: 'TLSv1.3', name: 'library server for all' }),
    libraryServer(t, { authority, policy: allowAnyPeer(), version: 'TLSv1.2', name: 'library server for all' }),
    authorityListener(t),
  ]);
}

interface LibraryServer {
  readonly authority: TestAuthority;
  readonly policy: PeerPolicy;
  readonly version: TlsVersion;
  readonly name: string;
}

export async function libraryServer(t: TestContext, wanted: LibraryServer): Promise<AttackedServer> {
  const { authority, policy, version, name } = wanted;
  const refusals: Refusal[] = [];
  const trust = new Trust({
    bundles: fixedSource(authority.bundles()),
    revocations: fixedSource(withoutRevocation),
    clock: systemClock,
  });
  const server = createServer(
    policy,
    {
      trust,
      credentials: fixedSource(authority.issue('orders')),
      clock: systemClock,
      minVersion: version,
      onRefusal: (refusal) => refusals.push(refusal),
    },
    (request, response) => {
      const { spiffeId, dnsNames } = peerOf(request);
      response.end(JSON.stringify({ spiffeId, names: dnsNames }));
    },
  );
  t.after(() => server.close({ graceMs: 0 }));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return { name: `${name}, ${version}`, port, version, authority, refusals };
}

async function authorityListener(t: TestContext): Promise<AttackedServer> {
  const { port, dir } = await startAuthority(t);
  const authority = authorityOf(dir, 'dev.internal');
  return { name: "the authority's listener, TLSv1.3", port, version: 'TLSv1.3', authority, refusals: [] };
}

/**
 * A server of node:tls alone with the hole under test: it lets in whom `admits` takes for the victim.
 * Each scenario is first shown to get through here, where the hole exists.
 */
export async function bareServer(
  t: TestContext,
  authority: TestAuthority,
  version: TlsVersion,
  admits: (certificate: PeerCertificate) => boolean,
): Promise<AttackedServer> {
  const server = createHttpsServer(
    {
      ...presented(authority.issue('orders')),
      ca: pemOf([authority.root.raw]),
      requestCert: true,
      rejectUnauthorized: true,
      ...exactly(version),
    },
    ({ socket }, response) => {
      if (!(socket instanceof TLSSocket)) throw new TypeError('an https server has TLS sockets');
      const names = admits(socket.getPeerCertificate(true)) ? ['the victim'] : ['somebody else'];
      response.end(JSON.stringify({ names }));
    },
  );
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { name: `bare server, ${version}`, port, version, authority, refusals: [] };
}

export interface Outcome {
  /** The names under which the client was let in; empty where it was refused. */
  readonly admittedAs: readonly string[];
  /** What the client saw. */
  readonly seen: string;
}

/** Calls `GET /v1/whoami` with this certificate and key, and says what came of it. */
export function knock(server: AttackedServer, client: Presented | undefined): Promise<Outcome> {
  return new Promise((resolve) => {
    let seen = '';
    let socket: TLSSocket;
    try {
      socket = connect({
        host: '127.0.0.1',
        port: server.port,
        rejectUnauthorized: false,
        ...exactly(server.version),
        ...client,
      });
    } catch (error) {
      resolve({ admittedAs: [], seen: `not sent: ${String(error)}` });
      return;
    }
    socket.on('secureConnect', () =>
      socket.write('GET /v1/whoami HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\nConnection: close\r\n\r\n'),
    );
    socket.on('data', (bytes: Buffer) => (seen += bytes.toString('latin1')));
    socket.on('error', (error) => (seen += String(error)));
    socket.on('close', () => {
      resolve({ admittedAs: namesIn(seen), seen });
    });
  });
}

function namesIn(answer: string): readonly string[] {
  if (!answer.startsWith('HTTP/1.1 200 ')) return [];
  const body = /\{.*\}/s.exec(answer)?.[0] ?? '{}';
  const { spiffeId, names } = JSON.parse(body) as { spiffeId?: string; names?: string[] };
  const found = [...(spiffeId === undefined ? [] : [spiffeId]), ...(names ?? [])];
  return found.length === 0 ? ['nobody by name'] : found;
}
