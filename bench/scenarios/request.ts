/** One small request on a mutual TLS connection that is kept, both sides in this process; beside it the same with Node and undici alone. */
import { connect as connectHttp2Bare, createSecureServer } from 'node:http2';
import { Agent, createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:tls';
import { spiffeId } from 'countersign/authorization';
import { systemClock } from 'countersign/clock';
import { encodePem } from 'countersign/encoding';
import { withoutRevocation } from 'countersign/revocation';
import {
  connectHttp2,
  createDispatcher,
  createHttp2Server,
  createHttpsAgent,
  createServer,
  fixedSource,
  type MutualClientOptions,
  Trust,
} from 'countersign/tls';
import { type Dispatcher, Agent as UndiciAgent, request } from 'undici';
import { host, requestThrough, same, streamOf } from '../frame/bare-callers.ts';
import type { Goal, Running, Subject } from '../frame/scenario.ts';
import { type TwoSides, twoSides } from '../frame/two-sides.ts';
import { pemOf } from '../live/clients.ts';

export const scenario = 'request';

/** One at a time costs mostly wake-ups of the event loop, which both sides have alike. */
const acts = 16;

const answer = 'ok';

export const subjects: readonly Subject[] = [
  {
    name: 'countersign',
    start: async () => {
      const { port, client, close } = await ourServer();
      const agent = createHttpsAgent(toOrders, client);
      return running(() => requestThrough(agent, port), agent, close);
    },
  },
  {
    name: 'node:https',
    start: async () => {
      const { port, client, close } = await bareServer('http/1.1');
      const agent = new Agent({
        ...client,
        keepAlive: true,
        maxCachedSessions: 0,
        checkServerIdentity: () => undefined,
      });
      return running(() => requestThrough(agent, port), agent, close);
    },
  },
  {
    name: 'countersign, undici',
    start: async () => {
      const { port, client, close } = await ourServer();
      const dispatcher = createDispatcher(toOrders, client);
      return running(() => requestOf(dispatcher, port), dispatcher, close);
    },
  },
  {
    name: 'undici',
    start: async () => {
      const { port, client, close } = await bareServer('http/1.1');
      const connect = { ...client, maxCachedSessions: 0, checkServerIdentity: () => undefined };
      const dispatcher = new UndiciAgent({ connect });
      return running(() => requestOf(dispatcher, port), dispatcher, close);
    },
  },
  {
    name: "our https agent, Node's server",
    start: async () => {
      const { port, sides, close } = await bareServer('http/1.1');
      const agent = createHttpsAgent(toOrders, optionsOf(sides));
      return running(() => requestThrough(agent, port), agent, close);
    },
  },
  {
    name: "our dispatcher, Node's server",
    start: async () => {
      const { port, sides, close } = await bareServer('http/1.1');
      const dispatcher = createDispatcher(toOrders, optionsOf(sides));
      return running(() => requestOf(dispatcher, port), dispatcher, close);
    },
  },
  {
    name: 'countersign, HTTP/2',
    start: async () => {
      const { port, client, close } = await ourServer(createHttp2Server);
      let { session } = await connectHttp2(toOrders, client, { host, port });
      return {
        ...running(() => streamOf(session), { destroy: () => session.destroy() }, close),
        // Our server ends a session that is idle for a minute, as it may be while others have their turn.
        prepare: async () => {
          if (session.closed || session.destroyed) ({ session } = await connectHttp2(toOrders, client, { host, port }));
        },
      };
    },
  },
  {
    name: 'node:http2',
    start: async () => {
      const { port, client, close } = await bareServer('h2');
      const session = connectHttp2Bare(`https://${host}:${port}`, { ...client, checkServerIdentity: () => undefined });
      await new Promise((resolve) => session.once('connect', resolve));
      return running(() => streamOf(session), session, close);
    },
  },
];

export const goals: readonly Goal[] = [
  ['countersign', 'node:https'],
  ['countersign, undici', 'undici'],
  ['countersign, HTTP/2', 'node:http2'],
].map(([ours = '', bare = '']) => ({
  goal: `${ours} for one of ${bare}`,
  bound: 'at most',
  limit: 1.05,
  value: (cost) => cost(ours) / cost(bare),
}));

export const notes: readonly string[] = [
  `${acts} requests at the same time, server and client in one process`,
  "our clients with Node's server stand beside node:https and undici: what the client alone adds",
];

const toOrders = spiffeId('spiffe://bench.internal/orders');

function optionsOf({ client, bundles }: TwoSides): MutualClientOptions {
  return { trust: trustIn(bundles), credentials: fixedSource(client), clock: systemClock };
}

function trustIn(bundles: TwoSides['bundles']): Trust {
  return new Trust({ bundles: fixedSource(bundles), revocations: fixedSource(withoutRevocation), clock: systemClock });
}

async function ourServer(
  create: typeof createServer | typeof createHttp2Server = createServer,
): Promise<{ port: number; client: MutualClientOptions; close: () => Promise<void> }> {
  const sides = await twoSides();
  const server = create(
    spiffeId('spiffe://bench.internal/web'),
    { trust: trustIn(sides.bundles), credentials: fixedSource(sides.server), clock: systemClock },
    (_request: unknown, response: { end(text: string): unknown }) => void response.end(answer),
  );
  const { port } = await server.listen({ host, port: 0 });
  return { port, client: optionsOf(sides), close: () => server.close({ graceMs: 0 }) };
}

interface Bare {
  readonly port: number;
  readonly client: { cert: string; key: string; ca: string };
  readonly sides: TwoSides;
  readonly close: () => Promise<void>;
}

async function bareServer(protocol: 'http/1.1' | 'h2'): Promise<Bare> {
  const sides = await twoSides();
  const ca = encodePem('CERTIFICATE', sides.root);
  const options = { ...pemOf(sides.server), ca, requestCert: true, rejectUnauthorized: true, ...same };
  // A server of HTTPS as ours has it: idle connections stay, small answers go at once.
  const server: Server =
    protocol === 'h2'
      ? createSecureServer(options, (_request, response) => response.end(answer))
      : createHttpsServer({ ...options, keepAliveTimeout: 60_000, noDelay: true }, (_request, response) => {
          response.end(answer);
        });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
  return { port, client: { ...pemOf(sides.client), ca, ...same }, sides, close };
}

function running(ask: () => Promise<void>, client: { destroy(): unknown }, closeServer: () => Promise<void>): Running {
  return {
    acts,
    operation: async () => {
      await Promise.all(Array.from({ length: acts }, ask));
    },
    close: async () => {
      client.destroy();
      await closeServer();
    },
  };
}

async function requestOf(dispatcher: Dispatcher, port: number): Promise<void> {
  const { statusCode, body } = await request(`https://${host}:${port}/`, { dispatcher });
  if (statusCode !== 200) throw new Error(`answered ${String(statusCode)}`);
  await body.dump();
}
