/** Every client of the library, each sent to a server of the attacker: does it take that server for the victim? */
import { performServerHandshake } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { fixedSource, type MutualClientOptions } from '../../packages/countersign/src/runtime/tls/index.ts';
import type { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { clients, trustIn } from './endpoints.ts';
import { exactly, type Presented, type TlsVersion } from './presented.ts';
import { onlyTheVictim } from './victim.ts';

export interface AttackingServer {
  readonly port: number;
  readonly server: Server;
  /** What clients sent after the handshake: a client that refuses must have sent nothing. */
  readonly received: () => string;
}

export async function attackingServer(
  t: TestContext,
  identity: Presented,
  version: TlsVersion,
): Promise<AttackingServer> {
  let received = '';
  const sockets = new Set<TLSSocket>();
  const connections = new Set<Socket>();
  const server = createServer({
    ...identity,
    ...exactly(version),
    ALPNProtocols: ['http/1.1', 'h2'],
    requestCert: true,
    rejectUnauthorized: false,
  });
  server.on('connection', (socket: Socket) => connections.add(socket));
  server.on('secureConnection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    if (socket.alpnProtocol === 'h2') {
      const session = performServerHandshake(socket);
      session.on('stream', (stream) => {
        received += 'a stream of HTTP/2';
        stream.respond({ ':status': 200 });
        stream.end('ok');
      });
      session.on('error', () => undefined);
      return;
    }
    socket.on('data', (bytes: Buffer) => {
      received += bytes.toString('latin1');
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok');
    });
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
    // Of the rest the handshake is not over. Not in this turn: Node 26.10 crashes where it loses a connection that it renegotiates.
    setImmediate(() => {
      for (const socket of connections) socket.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, server, received: () => received };
}

/** What each client of the register made of the server on `port`: the code of its refusal, or "admitted". */
export async function everyClient(authority: TestAuthority, port: number, version: TlsVersion): Promise<string[]> {
  const wanted = { policy: onlyTheVictim(authority), options: clientOptions(authority, version) };
  return Promise.all(clients.map((client) => client.call({ port }, wanted)));
}

/** That outcome from every one of them. */
export function fromEveryClient(outcome: string): string[] {
  return clients.map(() => outcome);
}

export function clientOptions(authority: TestAuthority, version: TlsVersion): MutualClientOptions {
  return {
    trust: trustIn(authority),
    credentials: fixedSource(authority.issue('caller')),
    clock: systemClock,
    minVersion: version,
  };
}
