/** One small request on a mutual TLS connection that is kept: the CPU time of the server's process, asked by Node's own clients. */
import { connect } from 'node:http2';
import { Agent } from 'node:https';
import { encodePem } from 'countersign/encoding';
import { host, requestThrough, same, streamOf } from '../frame/bare-callers.ts';
import type { Goal, Subject } from '../frame/scenario.ts';
import { twoSides } from '../frame/two-sides.ts';
import { pemOf } from '../live/clients.ts';
import { bare, bareHttp2 } from '../servers/bare.ts';
import { countersign, countersignHttp2 } from '../servers/countersign.ts';
import { pinGenerator, startTlsServer, type TlsServerProduct } from '../servers/tls-server.ts';

export { roundMs } from '../servers/compared.ts';

export const scenario = 'request-server';

/** At the same time. */
const acts = 16;

/** About a second of the server's CPU time, however busy the machine is. */
export const leastOperations = 1_000;

export const subjects: readonly Subject[] = [
  asked(countersign, 'http/1.1'),
  asked(bare, 'http/1.1'),
  asked(countersignHttp2, 'h2'),
  asked(bareHttp2, 'h2'),
];

export const goals: readonly Goal[] = [
  [countersign, bare],
  [countersignHttp2, bareHttp2],
].flatMap(([ours, nodes]) => (ours === undefined || nodes === undefined ? [] : [goalOf(ours.name, nodes.name)]));

export const notes: readonly string[] = [
  `${acts} requests at the same time; the client is Node's own, in another process`,
];

function goalOf(ours: string, nodes: string): Goal {
  return {
    goal: `${ours} for one of bare ${nodes}`,
    bound: 'at most',
    limit: 1.05,
    value: (cost) => cost(ours) / cost(nodes),
  };
}

function asked(product: TlsServerProduct, protocol: 'http/1.1' | 'h2'): Subject {
  return {
    name: product.name,
    start: async () => {
      const sides = await twoSides();
      const server = await startTlsServer(product, sides, 'X25519');
      pinGenerator();
      const client = { ...pemOf(sides.client), ca: encodePem('CERTIFICATE', sides.root), ...same };
      const callers = { ...client, maxCachedSessions: 0, checkServerIdentity: () => undefined };
      const open = protocol === 'h2' ? overHttp2 : overHttp1;
      const ask = open(server.port, callers);
      return {
        acts,
        operation: async () => {
          await Promise.all(Array.from({ length: acts }, ask));
        },
        cpuUs: () => server.cpuUs(),
        close: () => server.stop(),
      };
    },
  };
}

type Callers = Readonly<Record<string, unknown>>;

function overHttp1(port: number, callers: Callers): () => Promise<void> {
  const agent = new Agent({ ...callers, keepAlive: true });
  return () => requestThrough(agent, port);
}

/** Our server ends a session that is idle for a minute, as it may be while others have their turn. */
function overHttp2(port: number, callers: Callers): () => Promise<void> {
  const begin = () => connect(`https://${host}:${String(port)}`, { ...callers }).on('error', () => undefined);
  let session = begin();
  return () => {
    if (session.closed || session.destroyed) session = begin();
    return streamOf(session);
  };
}
