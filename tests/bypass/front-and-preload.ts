/**
 * The front of `run` and the calls of programs under it, for the register: both in this process, through the functions that the processes of
 * `run` call, since a process for each scenario would take minutes. What the processes add is tried in tests/e2e.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttp2cServer } from 'node:http2';
import { Agent as HttpsAgent } from 'node:https';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { connect as nodeConnect } from 'node:tls';
import type { TestContext } from 'node:test';
import { request, Agent as UndiciAgent } from 'undici';
import { isPeerPolicy, type PeerPolicy } from '../../packages/countersign/src/identity/authorization/index.ts';
import {
  type Credential,
  type MutualClientOptions,
  type PolicyOrSource,
  sharedContext,
  type VerifiedPeer,
} from '../../packages/countersign/src/runtime/tls/index.ts';
import { guardConnect } from '../../packages/countersign/src/traffic/preload/index.ts';
import { createFront, type FrontProtocol } from '../../packages/countersign/src/traffic/sidecar/index.ts';
import {
  answerOf,
  answerOn,
  type CalledServer,
  type KeptClient,
  outcomeOf,
  started,
  type StartedServer,
  type Wanted,
  type WantedClient,
} from './wanted.ts';

/** A program that knows nothing of TLS, and the front before it. Of bytes nobody is named to the program: it answers whom the front let in. */
export function startFront(protocol: FrontProtocol): (t: TestContext, wanted: Wanted) => Promise<StartedServer> {
  return async (t, wanted) => {
    const admitted: VerifiedPeer[] = [];
    const program = programOf(protocol, admitted, wanted);
    const sockets = new Set<Socket>();
    program.on('connection', (socket: Socket) => sockets.add(socket));
    await once(program.listen(0, '127.0.0.1'), 'listening');
    t.after(() => {
      for (const socket of sockets) socket.destroy();
      program.close();
    });
    const { port } = program.address() as AddressInfo;
    return started(t, wanted, (options) =>
      createFront(wanted.policy, {
        ...options,
        protocol,
        own: () => 'spiffe://test.internal/orders',
        upstream: () => ({ host: '127.0.0.1', port }),
        onAdmitted: (_, peer) => peer && admitted.push(peer),
      }),
    );
  };
}

function programOf(protocol: FrontProtocol, admitted: VerifiedPeer[], wanted: Wanted): Server {
  switch (protocol) {
    case 'http':
      return createHttpServer(({ headers }, response) =>
        answerOn(wanted, response, () => namedIn(headers['x-forwarded-client-cert'])),
      );
    case 'h2c':
      return createHttp2cServer(({ headers }, response) => {
        if (wanted.answer?.(response) === true) return;
        const text = namedIn(headers['x-forwarded-client-cert']);
        // In one piece: the renegotiating client takes one piece for the answer.
        response.setHeader('content-length', Buffer.byteLength(text));
        response.end(text);
      });
    case 'tcp':
      // In the order in which they were let in.
      return createTcpServer((socket) => {
        const peer = admitted.shift();
        socket.on('error', () => undefined);
        socket.once('data', () => answerOn(wanted, socket, () => (peer === undefined ? 'nobody' : answerOf(peer))));
      });
  }
}

/** As a program reads who calls. */
export function namedIn(header: unknown): string {
  const pairs = String(header)
    .split(';')
    .map((pair) => pair.split('=', 2));
  const values = (key: string): (string | undefined)[] => pairs.flatMap(([one, value]) => (one === key ? [value] : []));
  return JSON.stringify({ spiffeId: values('URI')[0], names: values('DNS') });
}

type Connect = typeof nodeConnect;

/** Whose calls the preload has under it: in a process under `run` all, here those of one attempt. */
const armed = new AsyncLocalStorage<Connect>();

// As the preload does it: node:https and undici look there at each call.
const tls = createRequire(import.meta.url)('node:tls') as { connect: Connect };
const plainConnect = tls.connect;
tls.connect = ((...given: Parameters<Connect>) => (armed.getStore() ?? plainConnect)(...given)) as Connect;

export async function callOutbound(
  to: CalledServer,
  { policy, options }: WantedClient,
  getThrough: (to: CalledServer, agent: HttpsAgent) => Promise<void>,
): Promise<string> {
  // A `run` without one asks for the name that is called; here it is the caller's mistake, as for every other client.
  if ((policy as unknown) === undefined) throw new TypeError('a policy is wanted');
  if ((options.credentials as unknown) === undefined) throw new TypeError('a credential is wanted');
  return armed.run(connectUnder(policy, options), async () => {
    const [ofHttps, ofUndici] = [
      await outcomeOf(() => getThrough(to, new HttpsAgent())),
      await outcomeOf(() => requestPlainly(to)),
    ];
    return ofHttps === ofUndici ? inOtherWords(ofHttps) : `node:https ${ofHttps}, undici ${ofUndici}`;
  });
}

/** What the preload puts in the place of `tls.connect`. */
function connectUnder(policy: PeerPolicy, options: MutualClientOptions): Connect {
  const { trust, credentials, clock, timeoutMs, minVersion = 'TLSv1.3' } = options;
  const credential = (): Credential => {
    const held = credentials.current() as Credential | undefined;
    if (held === undefined) throw new TypeError('a credential is wanted');
    return held;
  };
  return guardConnect(plainConnect, () => ({
    trust,
    clock,
    trustDomain: trust.bundles.current().home,
    to: policy,
    isPublic: () => false,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    context: () => sharedContext({ credential: credential(), bundles: trust.bundles.current(), minVersion }),
  }));
}

/**
 * An agent of the program's own that stays, with the preload under its calls; what it keeps (connections, sessions) is Node's and undici's affair. `run` has
 * one policy for its life: for another one there is another preload, under the same agent.
 */
export function underPreload(client: KeptClient, policy: PolicyOrSource, options: MutualClientOptions): KeptClient {
  const made = new Map<PeerPolicy, Connect>();
  const connect = ((...given: Parameters<Connect>) => {
    const now = isPeerPolicy(policy) ? policy : policy.current();
    const guarded = made.get(now) ?? connectUnder(now, options);
    made.set(now, guarded);
    return guarded(...given);
  }) as Connect;
  return { ask: (to) => armed.run(connect, () => client.ask(to)), close: () => client.close() };
}

/**
 * Where an agent of ours says that no path leads to a root, `run` says that the server is not of the trust domain; where it says that a source failed,
 * that what the call is made with can't be had.
 */
export function inOtherWords(outcome: string): string {
  if (outcome === 'CS-RUN-011') return 'CS-TLS-007';
  return outcome === 'CS-RUN-007' ? 'CS-PEER-002' : outcome;
}

async function requestPlainly({ port, servername }: CalledServer): Promise<void> {
  const dispatcher = new UndiciAgent(servername === undefined ? {} : { connect: { servername } });
  try {
    const { body } = await request(`https://127.0.0.1:${port}/secret`, { dispatcher });
    await body.dump();
  } finally {
    await dispatcher.destroy();
  }
}
