/** Every server that the suite attacks, asked the same question: as whom did you let this client in? */
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { connect, type ConnectionOptions, type PeerCertificate, TLSSocket } from 'node:tls';
import type { Refusal } from '../../packages/countersign/src/ground/errors/index.ts';
import { allowAnyPeer } from '../../packages/countersign/src/identity/authorization/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { startHouse } from '../authority/server-house.ts';
import { type Protocol, serversAndGateways, type ServerUnderTest, type Wanted } from './endpoints.ts';
import { answerTo, requestIn } from './http2-request.ts';
import { exactly, pemOf, presented, type Presented, type TlsVersion } from './presented.ts';
import { authorityOf, onlyTheVictim } from './victim.ts';

export interface AttackedServer {
  readonly name: string;
  /** The victim alone, or everybody of the authority. */
  readonly lets: 'one' | 'all';
  readonly port: number;
  readonly protocol: Protocol;
  readonly version: TlsVersion;
  /** Whom it trusts. */
  readonly authority: TestAuthority;
  /** Whether it tells its refusals; the authority's listener tells them to its own log. */
  readonly tells: boolean;
  readonly refusals: readonly Refusal[];
}

/** Every server of the register, and the authority's listener. */
export async function everyServer(t: TestContext): Promise<AttackedServer[]> {
  return [...(await everyRegisteredServer(t, new TestAuthority())), await authorityListener(t)];
}

/** Each under both kinds of policy, over each protocol and version of TLS. */
export async function everyRegisteredServer(t: TestContext, authority: TestAuthority): Promise<AttackedServer[]> {
  const matrix = serversAndGateways.flatMap((server) =>
    server.versions.flatMap((version) => [
      attacked(t, server, { authority, policy: onlyTheVictim(authority), version }, 'one'),
      attacked(t, server, { authority, policy: allowAnyPeer(), version }, 'all'),
    ]),
  );
  return (await Promise.all(matrix)).flat();
}

/** The server once for each protocol that it speaks. */
async function attacked(
  t: TestContext,
  server: ServerUnderTest,
  wanted: Wanted,
  lets: AttackedServer['lets'],
): Promise<AttackedServer[]> {
  const { port, refusals } = await server.start(t, wanted);
  const { authority, version } = wanted;
  return server.protocols.map((protocol) => ({
    name: `${server.name} for ${lets}, ${protocol}, ${version}`,
    lets,
    port,
    protocol,
    version,
    authority,
    tells: true,
    refusals,
  }));
}

async function authorityListener(t: TestContext): Promise<AttackedServer> {
  const { server, dir } = await startHouse(t);
  const port = Number(new URL(server.url).port);
  const authority = authorityOf(dir, 'dev.internal');
  const name = "the authority's listener, TLSv1.3";
  return { name, lets: 'all', port, protocol: 'http/1.1', version: 'TLSv1.3', authority, tells: false, refusals: [] };
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
  const name = `bare server, ${version}`;
  return { name, lets: 'one', port, protocol: 'http/1.1', version, authority, tells: false, refusals: [] };
}

export interface Outcome {
  /** The names under which the client was let in; empty where it was refused. */
  readonly admittedAs: readonly string[];
  /** What the client saw. */
  readonly seen: string;
}

/** Calls `GET /v1/whoami` with this certificate and key, in the server's protocol, and says what came of it. */
export async function knock(server: AttackedServer, client: Presented | undefined): Promise<Outcome> {
  const seen = await (server.protocol === 'h2' ? knockOverHttp2(server, client) : knockInBytes(server, client));
  const admitted = server.protocol === 'http/1.1' ? seen.startsWith('HTTP/1.1 200 ') : seen.startsWith('{"');
  return { admittedAs: admitted && !seen.includes('"urn:countersign:refusal:') ? namesIn(seen) : [], seen };
}

/** The request's text is as good as any bytes for a server that speaks no HTTP. */
function knockInBytes(server: AttackedServer, client: Presented | undefined): Promise<string> {
  return new Promise((resolve) => {
    let seen = '';
    let socket: TLSSocket;
    try {
      socket = connect(knocking(server, client));
    } catch (error) {
      resolve(`not sent: ${String(error)}`);
      return;
    }
    socket.on('secureConnect', () =>
      socket.write('GET /v1/whoami HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\nConnection: close\r\n\r\n'),
    );
    socket.on('data', (bytes: Buffer) => (seen += bytes.toString('latin1')));
    socket.on('error', (error) => (seen += String(error)));
    socket.on('close', () => {
      resolve(seen);
    });
  });
}

async function knockOverHttp2(server: AttackedServer, client: Presented | undefined): Promise<string> {
  let session: ClientHttp2Session | undefined;
  let seen = '';
  try {
    session = connectHttp2(`https://127.0.0.1:${server.port}`, { ...knocking(server, client), ALPNProtocols: ['h2'] });
    // What ends the session ends its stream, which is awaited.
    session.on('error', () => undefined);
    // The same host as over HTTP/1.1.
    seen = await answerTo(requestIn(session, { ':authority': 'x' }));
  } catch (error) {
    seen += String(error);
  } finally {
    session?.destroy();
  }
  return seen;
}

function knocking({ port, version }: AttackedServer, client: Presented | undefined): ConnectionOptions {
  return { host: '127.0.0.1', port, rejectUnauthorized: false, ...exactly(version), ...client };
}

function namesIn(answer: string): readonly string[] {
  const body = /\{.*\}/s.exec(answer)?.[0] ?? '{}';
  const { spiffeId, names } = JSON.parse(body) as { spiffeId?: string; names?: string[] };
  const found = [...(spiffeId === undefined ? [] : [spiffeId]), ...(names ?? [])];
  return found.length === 0 ? ['nobody by name'] : found;
}
