/** Every client of the register, opened once and asked many times: what it keeps between two requests is what is tried. */
import { get, Agent as HttpsAgent } from 'node:https';
import { text } from 'node:stream/consumers';
import { type Dispatcher, request, Agent as UndiciAgent } from 'undici';
import {
  armAgent,
  connect,
  connectHttp2,
  createDispatcher,
  createFetch,
  createHttpsAgent,
  type MutualClientOptions,
  type PolicyOrSource,
  secureSocket,
} from '../../packages/countersign/src/runtime/tls/index.ts';
import { underPreload } from './front-and-preload.ts';
import { openGrpcClient } from './grpc-endpoints.ts';
import type { CalledServer, KeptClient, Protocol } from './wanted.ts';

export type { KeptClient };

export interface KeptClientUnderTest {
  /** As in the register; after a comma, of which kind. */
  readonly name: string;
  readonly protocols: readonly Protocol[];
  /** Whether it keeps connections, and chooses among them. */
  readonly pools: boolean;
  open(policy: PolicyOrSource, options: MutualClientOptions): KeptClient;
}

const host = '127.0.0.1';
const both = ['http/1.1', 'h2'] as const;
const requestText = (name: string): string => `GET / HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`;

export const keptClients: readonly KeptClientUnderTest[] = [
  {
    name: 'connect',
    protocols: ['http/1.1'],
    pools: false,
    open: (policy, options) => ({
      ask: async (to) => {
        const { socket } = await connect(policy, { ...options, ...to, host });
        socket.write(requestText(to.servername ?? host));
        return bodyOf(await text(socket));
      },
      close: () => undefined,
    }),
  },
  {
    name: 'secureSocket',
    protocols: ['http/1.1'],
    pools: false,
    open: (policy, options) => ({
      ask: async (to) => {
        const { socket } = await secureSocket(policy, options, { ...to, host, expectsAnswer: true });
        socket.write(requestText(to.servername ?? host));
        return bodyOf(await text(socket));
      },
      close: () => undefined,
    }),
  },
  {
    name: 'connectHttp2',
    protocols: ['h2'],
    pools: false,
    open: (policy, options) => ({
      ask: async (to) => {
        const { session } = await connectHttp2(policy, options, { ...to, host });
        session.on('error', () => undefined);
        return text(session.request({ ':path': '/' })).finally(() => session.destroy());
      },
      close: () => undefined,
    }),
  },
  {
    name: 'createGrpcCredentials',
    protocols: ['h2'],
    pools: true,
    open: openGrpcClient,
  },
  {
    name: 'createDispatcher',
    protocols: both,
    pools: true,
    open: (policy, options) => ofDispatcher(createDispatcher(policy, options)),
  },
  {
    name: 'createFetch',
    protocols: both,
    pools: true,
    open: (policy, options) => {
      const fetch = createFetch(policy, options);
      return { ask: async (to) => (await fetch(urlOf(to), headersFor(to))).text(), close: () => fetch.close() };
    },
  },
  {
    name: 'createHttpsAgent',
    protocols: ['http/1.1'],
    pools: true,
    open: (policy, options) => ofAgent(createHttpsAgent(policy, options)),
  },
  {
    name: 'armAgent, of node:https',
    protocols: ['http/1.1'],
    pools: true,
    open: (policy, options) => armedOfNode(new HttpsAgent({ keepAlive: true }), policy, options),
  },
  {
    name: 'armAgent, of node:https with one connection at a time',
    protocols: ['http/1.1'],
    pools: true,
    open: (policy, options) => armedOfNode(new HttpsAgent({ keepAlive: true, maxSockets: 1 }), policy, options),
  },
  {
    name: 'armAgent, of undici',
    protocols: both,
    pools: true,
    open: (policy, options) => armedOfUndici(new UndiciAgent({ allowH2: true }), policy, options),
  },
  {
    name: 'armAgent, of undici with one connection at a time',
    protocols: both,
    pools: true,
    open: (policy, options) => armedOfUndici(new UndiciAgent({ allowH2: true, connections: 1 }), policy, options),
  },
];

/** Programs under `run`: how they pool is Node's and undici's affair, and whether they resume is the preload's. */
export const preloadedClients: readonly KeptClientUnderTest[] = [
  {
    name: 'armOutbound, of node:https',
    protocols: ['http/1.1'],
    pools: false,
    open: (policy, options) => underPreload(ofAgent(new HttpsAgent({ keepAlive: true })), policy, options),
  },
  {
    name: 'armOutbound, of undici',
    protocols: both,
    pools: false,
    open: (policy, options) => underPreload(ofDispatcher(new UndiciAgent({ allowH2: true })), policy, options),
  },
];

function armedOfNode(agent: HttpsAgent, policy: PolicyOrSource, options: MutualClientOptions): KeptClient {
  armAgent(policy, options, agent);
  return ofAgent(agent);
}

function armedOfUndici(agent: UndiciAgent, policy: PolicyOrSource, options: MutualClientOptions): KeptClient {
  const { release } = armAgent(policy, options, agent);
  const client = ofDispatcher(agent);
  return {
    ...client,
    close: () => {
      release();
      return client.close();
    },
  };
}

export function ofAgent(agent: HttpsAgent): KeptClient {
  return {
    ask: (to) =>
      new Promise((resolve, reject) => {
        get({ host, path: '/', agent, ...to, ...headersFor(to) }, (response) => {
          text(response).then(resolve, reject);
        }).on('error', reject);
      }),
    close: () => {
      agent.destroy();
    },
  };
}

export function ofDispatcher(dispatcher: Dispatcher): KeptClient {
  return {
    ask: async (to) => (await request(urlOf(to), { dispatcher, ...headersFor(to) })).body.text(),
    close: () => dispatcher.destroy(),
  };
}

function urlOf({ port }: CalledServer): string {
  return `https://${host}:${port}/`;
}

/** From it undici and node:https take the server name of the handshake, too. */
function headersFor({ servername }: CalledServer): { headers?: { host: string } } {
  return servername === undefined ? {} : { headers: { host: servername } };
}

function bodyOf(answer: string): string {
  return answer.slice(answer.indexOf('\r\n\r\n') + 4);
}
