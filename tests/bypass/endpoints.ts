/** The register of endpoints: every server and client that there is, each started and asked in one way. A new endpoint adds a line to it. */
import { createSecureServer } from 'node:http2';
import { createServer as createHttpsServer, get, Agent as HttpsAgent } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createNodeTlsServer, type Server as NodeTlsServer } from 'node:tls';
import { PassThrough } from 'node:stream';
import type { TestContext } from 'node:test';
import { request, Agent as UndiciAgent } from 'undici';
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
  createStreamServer,
  createTlsServer,
  type Listening,
  peerOf,
  secureSocket,
} from '../../packages/countersign/src/runtime/tls/index.ts';
import { callOutbound, startFront } from './front-and-preload.ts';
import { startGatewayFor } from './gateways.ts';
import { grpcCall, grpcServer } from './grpc-endpoints.ts';
import type { TlsVersion } from './presented.ts';
import {
  allOf,
  answerOf,
  answerOn,
  type CalledServer,
  outcomeOf,
  type Protocol,
  started,
  type StartedServer,
  trustIn,
  type Wanted,
  type WantedClient,
} from './wanted.ts';

export { allOf, answerOf, outcomeOf, started, trustIn };
export type { CalledServer, Protocol, StartedServer, Wanted, WantedClient };

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

/** Characters: more than the kernel takes of it, and that twice. */
const longAnswer = 16 * 1024 * 1024;

const bothVersions = ['TLSv1.3', 'TLSv1.2'] as const;

export const servers: readonly ServerUnderTest[] = [
  {
    name: 'createServer',
    protocols: ['http/1.1'],
    versions: bothVersions,
    start: (t, wanted) =>
      started(t, wanted, (options) =>
        createServer(wanted.policy, options, (asked, response) =>
          answerOn(wanted, response, () => answerOf(peerOf(asked))),
        ),
      ),
  },
  {
    name: 'createHttp2Server',
    protocols: ['h2', 'http/1.1'],
    versions: bothVersions,
    start: (t, wanted) =>
      started(t, wanted, (options) =>
        createHttp2Server(wanted.policy, options, (asked, response) =>
          answerOn(wanted, response, () => answerOf(peerOf(asked))),
        ),
      ),
  },
  {
    name: 'createStreamServer',
    protocols: ['h2', 'http/1.1'],
    versions: bothVersions,
    start: (t, wanted) =>
      started(t, wanted, (options) =>
        createStreamServer(wanted.policy, options, {
          onRequest: (asked, response) => answerOn(wanted, response, () => answerOf(peerOf(asked))),
          onStream: (stream) => answerOn(wanted, stream, () => answerOf(peerOf(stream))),
          onUpgrade: (_asked, socket) => socket.destroy(),
        }),
      ),
  },
  {
    name: 'createTlsServer',
    protocols: ['bytes'],
    versions: bothVersions,
    start: (t, wanted) =>
      started(t, wanted, (options) =>
        createTlsServer(wanted.policy, options, ({ socket, peer }) => {
          socket.once('data', () => answerOn(wanted, socket, () => answerOf(peer)));
        }),
      ),
  },
  {
    name: 'createGrpcServer',
    protocols: ['h2'],
    versions: bothVersions,
    start: (t, wanted) =>
      started(t, wanted, (options) =>
        // A message is no stream: it is given whole, and nobody's writing shows.
        grpcServer(wanted.policy, options, (peer) =>
          wanted.answer?.(new PassThrough()) === true ? 'x'.repeat(longAnswer) : answerOf(peer),
        ),
      ),
  },
  {
    name: 'armServer',
    protocols: ['http/1.1'],
    versions: bothVersions,
    start: (t, wanted) =>
      armed(t, wanted, () =>
        createHttpsServer((asked, response) => answerOn(wanted, response, () => answerOf(peerOf(asked)))),
      ),
  },
  {
    name: 'armServer, HTTP/2',
    protocols: ['h2', 'http/1.1'],
    versions: bothVersions,
    start: (t, wanted) =>
      armed(t, wanted, () =>
        createSecureServer({ allowHTTP1: true }, (asked, response) =>
          answerOn(wanted, response, () => answerOf(peerOf(asked))),
        ),
      ),
  },
  {
    name: 'armServer, bytes',
    protocols: ['bytes'],
    versions: bothVersions,
    start: (t, wanted) =>
      armed(t, wanted, () =>
        createNodeTlsServer((socket) =>
          socket.once('data', () => answerOn(wanted, socket, () => answerOf(peerOf(socket)))),
        ),
      ),
  },
  { name: 'createFront', protocols: ['h2', 'http/1.1'], versions: bothVersions, start: startFront('http') },
  {
    name: 'createFront, plain HTTP/2',
    protocols: ['h2', 'http/1.1'],
    versions: bothVersions,
    start: startFront('h2c'),
  },
  { name: 'createFront, bytes', protocols: ['bytes'], versions: bothVersions, start: startFront('tcp') },
];

/** What they trust and let in stands in a file: under a running one it changes as a whole, by another file, and no scenario hands it sources. */
export const gateways: readonly ServerUnderTest[] = [
  { name: 'Gateway', protocols: ['h2', 'http/1.1'], versions: ['TLSv1.3'], start: startGatewayFor('required') },
  {
    name: 'Gateway, a certificate is optional',
    protocols: ['h2', 'http/1.1'],
    versions: ['TLSv1.3'],
    start: startGatewayFor('optional'),
  },
];

export const serversAndGateways: readonly ServerUnderTest[] = [...servers, ...gateways];

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
    call: (to, { policy, options }) =>
      outcomeOf(async () => {
        const { session } = await connectHttp2(policy, options, { ...to, host: '127.0.0.1' });
        await new Promise((resolve, reject) => {
          session.request({ ':path': '/secret' }).on('error', reject).on('end', resolve).resume();
        }).finally(() => session.destroy());
      }),
  },
  {
    name: 'armOutbound',
    protocols: ['http/1.1'],
    call: (to, wanted) => callOutbound(to, wanted, getThrough),
  },
  {
    name: 'createGrpcCredentials',
    protocols: ['h2'],
    call: (to, { policy, options }) => outcomeOf(() => grpcCall(policy, options, to)),
  },
];

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
  ['countersign/tls createStreamServer', 'createStreamServer'],
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
  ['traffic/sidecar createFront', 'createFront'],
  ['traffic/gateway Gateway', 'Gateway'],
  ['traffic/preload armOutbound', 'armOutbound'],
  // What armOutbound is made of; the suite calls it, since it needs no folder.
  ['traffic/preload guardConnect', 'armOutbound'],
  // Its servers and dispatchers are these, with the workload's own trust and credentials.
  ['traffic/agent openWorkload', 'createServer'],
  // Its connections are those of dispatchers, one for each credential; what it does with tokens is tried in tests/tokens.
  ['traffic/token-client createTokenDispatcher', 'createDispatcher'],
  // Without self-signed certificates it is that server; what it answers is tried by scenarios of its own.
  ['issuing/token-issuer createTokenServer', 'createServer'],
]);

/** Functions that are called as endpoints are, and why they are none. */
export const noEndpoints: ReadonlyMap<string, string> = new Map([
  ['issuing/token-issuer openRevokedTokens', 'a file; nobody reaches it over a connection'],
  ['countersign/tls createPeerVerifier', 'what every endpoint asks; it opens no connection'],
  ['traffic/check createCheckServer', 'it answers everybody with a verdict; its own scenario is the-check-endpoint'],
  ['traffic/revocation-sources openLists', 'it fetches what is published for anybody, and lets nobody in'],
  ['traffic/revocation-sources openStatusMeans', 'lists and OCSP, as composed for a command'],
  ['traffic/revocation-sources openStaple', 'it asks a responder about its own certificate'],
  ['traffic/revocation-sources openOcsp', 'it asks responders about others, and lets nobody in'],
  ['traffic/gateway openAdmin', 'a socket of mode 0600, and health and metrics on loopback; TLS is not spoken there'],
  ['traffic/limits connectionsRefusal', 'a text; it opens nothing'],
  ['traffic/upstream createUpstream', 'towards services, by the clients of this register'],
  ['traffic/token-sources createPromptTokenCheck', 'what a handler asks, answered in the same turn where it can be'],
  [
    'traffic/token-sources createPromptTokenCheck',
    'what the gateway asks; it opens no connection, and its own scenario is no-token-replaces-a-partners-certificate',
  ],
  [
    'traffic/token-sources createTokenCheck',
    'what a handler asks; it opens no connection, and its own scenario is a-stolen-token',
  ],
]);

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
