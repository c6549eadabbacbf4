/** One small request on a mutual TLS connection that is kept: the CPU time of the server's process, asked by Node's own clients. */
import { keptCaller, type Protocol } from '../frame/kept-callers.ts';
import type { Goal, Subject } from '../frame/scenario.ts';
import { twoSides } from '../frame/two-sides.ts';
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

function asked(product: TlsServerProduct, protocol: Protocol): Subject {
  return {
    name: product.name,
    start: async () => {
      const sides = await twoSides();
      const server = await startTlsServer(product, sides, 'X25519');
      pinGenerator();
      const ask = keptCaller(sides, { port: server.port, protocol });
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
