/** Every client of the library, each sent to a server of the attacker: does it take that server for the victim? */
import { get } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { request } from 'undici';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { isRefusal } from '../../packages/countersign/src/ground/errors/index.ts';
import { withoutRevocation } from '../../packages/countersign/src/identity/revocation/index.ts';
import {
  connect,
  createDispatcher,
  createHttpsAgent,
  fixedSource,
  type MutualClientOptions,
  Trust,
} from '../../packages/countersign/src/runtime/tls/index.ts';
import type { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
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
  const server = createServer({ ...identity, ...exactly(version), requestCert: true, rejectUnauthorized: false });
  server.on('secureConnection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      received += bytes.toString('latin1');
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok');
    });
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, server, received: () => received };
}

/** What each kind of client made of the server on `port`: the code of its refusal, or "admitted". */
export async function everyClient(authority: TestAuthority, port: number, version: TlsVersion): Promise<string[]> {
  const options = clientOptions(authority, version);
  const policy = onlyTheVictim(authority);
  const dispatcher = createDispatcher(policy, options);
  const agent = createHttpsAgent(policy, options);
  try {
    return await Promise.all([
      outcomeOf(
        connect(policy, { ...options, host: '127.0.0.1', port }).then(({ socket }) => {
          socket.destroy();
        }),
      ),
      outcomeOf(request(`https://127.0.0.1:${port}/secret`, { dispatcher }).then(({ body }) => body.dump())),
      outcomeOf(
        new Promise((resolve, reject) => {
          get(`https://127.0.0.1:${port}/secret`, { agent }, (response) => {
            response.resume().on('end', resolve);
          }).on('error', reject);
        }),
      ),
    ]);
  } finally {
    agent.destroy();
    await dispatcher.destroy();
  }
}

export function clientOptions(authority: TestAuthority, version: TlsVersion): MutualClientOptions {
  return {
    trust: new Trust({
      bundles: fixedSource(authority.bundles()),
      revocations: fixedSource(withoutRevocation),
      clock: systemClock,
    }),
    credentials: fixedSource(authority.issue('caller')),
    clock: systemClock,
    minVersion: version,
  };
}

async function outcomeOf(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
    return 'admitted';
  } catch (error) {
    return isRefusal(error) ? error.code : `not a refusal: ${String(error)}`;
  }
}
