/** The register of endpoints: every server and client that there is, each started and asked in one way. A new endpoint adds a line to it. */
import { createSecureServer } from 'node:http2';
import { createServer as createHttpsServer, get, Agent as HttpsAgent } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createNodeTlsServer, type Server as NodeTlsServer } from 'node:tls';
import type { TestContext } from 'node:test';
import { request, Agent as UndiciAgent } from 'undici';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { isRefusal, type Refusal } from '../../packages/countersign/src/ground/errors/index.ts';
import type { PeerPolicy } from '../../packages/countersign/src/identity/authorization/index.ts';
import { withoutRevocation } from '../../packages/countersign/src/identity/revocation/index.ts';
import {
  armAgent,
  armServer,
  connect,
  connectHttp2,
  createDispatcher,
  createHttp2Server,
  createFetch,
  createHttpsAgent,
  createServer,
  createTlsServer,
  type CredentialSource,
  fixedSource,
  type Listening,
  type MutualClientOptions,
  type MutualTlsServer,
  type NamedCredentials,
  peerOf,
  type PolicyOrSource,
  secureSocket,
  type ServerOptions,
  Trust,
  type VerifiedPeer,
} from '../../packages/countersign/src/runtime/tls/index.ts';
import type { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { grpcCall, grpcServer } from './grpc-endpoints.ts';
import type { TlsVersion } from './presented.ts';

export type Protocol = 'h2' | 'http/1.1' | 'bytes';

export interface Wanted {
  /** Whom it trusts, and whose `orders` it is. */
  readonly authority: TestAuthority;
  readonly policy: PolicyOrSource;
  /** The lowest that it speaks. */
  readonly version: TlsVersion;
  readonly credentials?: CredentialSource | NamedCredentials;
  readonly trust?: Trust;
}

export interface StartedServer {
  readonly port: number;
  /** What it reported. */
  readonly refusals: readonly Refusal[];
}

/** It answers every request (of bytes: the first of them, and then ends) with `answerOf(peer)`. */
export interface ServerUnderTest {
  readonly name: string;
  readonly protocols: readonly Protocol[];
  readonly versions: readonly TlsVersion[];
  start(t: TestContext, wanted: Wanted): Promise<StartedServer>;
}

export interface ClientUnderTest {
  readonly name: string;
  readonly protocols: readonly Protocol[];
  /** Sends one request for `/secret`, or connects. Resolves with 'admitted', or the code of its refusal. */
  call(destination: CalledServer, wanted: WantedClient): Promise<string>;
}

export interface CalledServer {
  readonly port: number;
  readonly servername?: string;
}

export interface WantedClient {
  readonly policy: PeerPolicy;
  readonly options: MutualClientOptions;
}

const bothVersions = ['TLSv1.3', 'TLSv1.2'] as const;

export const servers: readonly ServerUnderTest[] = [
  {
    name: 'createServer',
    protocols: ['http/1.1'],
    versions: bothVersions,
    start: (t, wanted) =>
      started(t, wanted, (options) =>
        createServer(wanted.policy, options, (asked, response) => response.end(answerOf(peerOf(asked)))),
      ),
  },
  {
    name: 'createHttp2Server',
    protocols: ['h2', 'http/1.1'],
    versions: bothVersions,
    start: (t, wanted) =>
      started(t, wanted, (options) =>
        createHttp2Server(wanted.policy, options, (asked, response) => response.end(answerOf(peerOf(asked)))),
      ),
  },
  {
    name: 'createTlsServer',
    protocols: ['bytes'],
    versions: bothVersions,
    start: (t, wanted) =>
      started(t, wanted, (options) =>
        createTlsServer(wanted.policy, options, ({ socket, peer }) => {
          socket.once('data', () => socket.end(answerOf(peer)));
        }),
      ),
  },
  {
    name: 'createGrpcServer',
    protocols: ['h2'],
    versions: bothVersions,
    start: (t, wanted) => started(t, wanted, (options) => grpcServer(wanted.policy, options, answerOf)),
  },
  {
    name: 'armServer',
    protocols: ['http/1.1'],
    versions: bothVersions,
    start: (t, wanted) =>
      armed(t, wanted, () => createHttpsServer((asked, response) => response.end(answerOf(peerOf(asked))))),
  },
  {
    name: 'armServer, HTTP/2',
    protocols: ['h2', 'http/1.1'],
    versions: bothVersions,
    start: (t, wanted) =>
      armed(t, wanted, () =>
        createSecureServer({ allowHTTP1: true }, (asked, response) => response.end(answerOf(peerOf(asked)))),
      ),
  },
  {
    name: 'armServer, bytes',
    protocols: ['bytes'],
    versions: bothVersions,
    start: (t, wanted) =>
      armed(t, wanted, () =>
        createNodeTlsServer((socket) => socket.once('data', () => socket.end(answerOf(peerOf(socket))))),
      ),
  },
];

export const clients: readonly ClientUnderTest[] = [
  {
    name: 'connect',
    protocols: ['bytes'],
    call: (to, { policy, options }) =>
      outcomeOf(async () => {
        const { socket } = await connect(policy, { ...options, ...to, host: '127.0.0.1' });
        socket.destroy();
      }),
  },
  {
    name: 'secureSocket',
    protocols: ['bytes'],
    call: (to, { policy, options }) =>
      outcomeOf(async () => {
        const { socket } = await secureSocket(policy, options, { ...to, host: '127.0.0.1' });
        socket.destroy();
      }),
  },
  {
    name: 'createDispatcher',
    protocols: ['http/1.1'],
    call: ({ port }, { policy, options }) =>
      outcomeOf(async () => {
        const dispatcher = createDispatcher(policy, options);
        try {
          const { body } = await request(`https://127.0.0.1:${port}/secret`, { dispatcher });
          await body.dump();
        } finally {
          await dispatcher.destroy();
        }
      }),
  },
  {
    name: 'createHttpsAgent',
    protocols: ['http/1.1'],
    call: (to, { policy, options }) => outcomeOf(() => getThrough(to, createHttpsAgent(policy, options))),
  },
  {
    name: 'armAgent',
    protocols: ['http/1.1'],
    call: async (to, { policy, options }) => {
      const agent = new HttpsAgent({ keepAlive: true });
      armAgent(policy, options, agent);
      const [ofNode, ofUndici] = [
        await outcomeOf(() => getThrough(to, agent)),
        await outcomeOf(() => requestThroughArmed(to, { policy, options })),
      ];
      return ofNode === ofUndici ? ofNode : `node:https ${ofNode}, undici ${ofUndici}`;
    },
  },
  {
    name: 'createFetch',
    protocols: ['http/1.1'],
    call: ({ port }, { policy, options }) =>
      outcomeOf(async () => {
        const fetch = createFetch(policy, options);
        try {
          await (await fetch(`https://127.0.0.1:${port}/secret`)).text();
        } finally {
          await fetch.close();
        }
      }),
  },
  {
    name: 'connectHttp2',
    protocols: ['h2'],
    call: async (to, { policy, options }) => {
      const outcome = await outcomeOf(async () => {
        const { session } = await connectHttp2(policy, options, { ...to, host: '127.0.0.1' });
        await new Promise((resolve, reject) => {
          session.request({ ':path': '/secret' }).on('error', reject).on('end', resolve).resume();
        }).finally(() => session.destroy());
      });
      return spokeNoHttp2(outcome);
    },
  },
  {
    name: 'createGrpcCredentials',
    protocols: ['h2'],
    call: async (to, { policy, options }) => spokeNoHttp2(await outcomeOf(() => grpcCall(policy, options, to))),
  },
];

/** It was verified, and taken for the right one, before it was found to speak no HTTP/2. */
function spokeNoHttp2(outcome: string): string {
  return outcome === 'CS-TLS-001' ? 'admitted' : outcome;
}

async function requestThroughArmed({ port }: CalledServer, { policy, options }: WantedClient): Promise<void> {
  const dispatcher = new UndiciAgent();
  const { release } = armAgent(policy, options, dispatcher);
  try {
    const { body } = await request(`https://127.0.0.1:${port}/secret`, { dispatcher });
    await body.dump();
  } finally {
    release();
    await dispatcher.destroy();
  }
}

async function getThrough(to: CalledServer, agent: HttpsAgent): Promise<void> {
  try {
    await new Promise((resolve, reject) => {
      get({ ...to, host: '127.0.0.1', path: '/secret', agent }, (response) => {
        response.resume().on('end', resolve);
      }).on('error', reject);
    });
  } finally {
    agent.destroy();
  }
}

/** Which exported function each endpoint stands for, by the subpath of the package; of its name, what stands before a comma. */
export const covers: ReadonlyMap<string, string> = new Map([
  ['countersign/tls createServer', 'createServer'],
  ['countersign/tls createHttp2Server', 'createHttp2Server'],
  ['countersign/tls createTlsServer', 'createTlsServer'],
  ['countersign/tls armServer', 'armServer'],
  ['countersign/tls connect', 'connect'],
  // The same endpoint; for first contact, where this side has nothing to present yet.
  ['countersign/tls connectWithoutCredential', 'connect'],
  ['countersign/tls secureSocket', 'secureSocket'],
  ['countersign/tls createDispatcher', 'createDispatcher'],
  ['countersign/tls createHttpsAgent', 'createHttpsAgent'],
  ['countersign/integrations createGrpcServer', 'createGrpcServer'],
  ['countersign/integrations createGrpcCredentials', 'createGrpcCredentials'],
  ['countersign/tls createFetch', 'createFetch'],
  ['countersign/tls armAgent', 'armAgent'],
  ['countersign/tls connectHttp2', 'connectHttp2'],
]);

/** Functions that are called as endpoints are, and why they are none. */
export const noEndpoints: ReadonlyMap<string, string> = new Map([
  ['countersign/tls createPeerVerifier', 'what every endpoint asks; it opens no connection'],
]);

/** What a server under test says of the peer that it let in. */
export function answerOf({ spiffeId, dnsNames }: VerifiedPeer): string {
  return JSON.stringify({ spiffeId, names: dnsNames });
}

/** Starts what `make` makes of the options that were wanted, until the test ends. */
export async function started(
  t: TestContext,
  { authority, version, credentials, trust }: Wanted,
  make: (options: ServerOptions) => MutualTlsServer,
): Promise<StartedServer> {
  const refusals: Refusal[] = [];
  const server = make({
    trust: trust ?? trustIn(authority),
    credentials: credentials ?? fixedSource(authority.issue('orders')),
    clock: systemClock,
    minVersion: version,
    onRefusal: (refusal) => refusals.push(refusal),
    onClosed: () => undefined,
  });
  t.after(() => server.close({ graceMs: 0 }));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return { port, refusals };
}

/** The second door: the same for what Node made, without a word of mutual TLS. */
async function armed(t: TestContext, wanted: Wanted, make: () => NodeTlsServer): Promise<StartedServer> {
  return started(t, wanted, (options) => {
    const server = make();
    const sockets = new Set<Socket>();
    server.on('connection', (socket: Socket) => sockets.add(socket));
    armServer(wanted.policy, server, options);
    return {
      connections: 0,
      listen: ({ ...where }) =>
        new Promise((resolve) => {
          server.listen(where, () => resolve(server.address() as AddressInfo & Listening));
        }),
      close: () => {
        for (const socket of sockets) socket.destroy();
        return new Promise((resolve) => server.close(() => resolve()));
      },
    };
  });
}

export function trustIn(authority: TestAuthority): Trust {
  return new Trust({
    bundles: fixedSource(authority.bundles()),
    revocations: fixedSource(withoutRevocation),
    clock: systemClock,
  });
}

export async function outcomeOf(attempt: () => Promise<unknown>): Promise<string> {
  try {
    await attempt();
    return 'admitted';
  } catch (error) {
    return isRefusal(error) ? error.code : `not a refusal: ${String(error)}`;
  }
}
