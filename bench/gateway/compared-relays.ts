/** The scenario of requests through a gateway over one version of HTTP: Countersign beside the floor and whatever else is installed. */
import { createServer } from 'node:http';
import { join } from 'node:path';
import { host } from '../frame/bare-callers.ts';
import { keptCaller, type Protocol } from '../frame/kept-callers.ts';
import type { Scenario, Subject } from '../frame/scenario.ts';
import { twoSides } from '../frame/two-sides.ts';
import { commandOptions, importingOptions } from '../issuing/built-package.ts';
import { freePort } from '../frame/listening.ts';
import { pinGenerator, startPinned, startTlsServer } from '../servers/tls-server.ts';
import { caddy, envoy, type GatewayProduct, haproxy, nginx, type WantedGateway } from './others.ts';

/** Requests at the same time. */
const acts = 16;

/** About a second of the gateway's CPU time, however busy the machine is. */
export const leastOperations = 500;

const ours: GatewayProduct = node('countersign', 'countersign-process.ts', importingOptions);
/** With few young objects, which keeps its turns short under a flood, and costs each request a little more. */
const byCommand: GatewayProduct = node('countersign by its command', 'countersign-process.ts', () => [
  ...commandOptions(),
  ...importingOptions(),
]);
const floor: GatewayProduct = node('floor', 'floor-process.ts', () => []);

const partners = 1_000;
const routes = 10_000;
const manyName = `countersign, ${partners} partners, ${routes} routes`;
const many: GatewayProduct = node(manyName, 'countersign-process.ts', importingOptions, [
  String(partners),
  String(routes),
]);
const others = [caddy, envoy, haproxy, nginx];

export function comparedRelays(
  protocol: Protocol,
): Required<Pick<Scenario, 'subjects' | 'absent' | 'goals' | 'notes'>> {
  const present = others.filter(({ program }) => program !== undefined);
  return {
    subjects: [ours, floor, many, byCommand, ...present].map((product) => relaying(product, protocol)),
    absent: others.flatMap(({ name, program }) =>
      program === undefined ? [{ name, absent: 'it is not installed' }] : [],
    ),
    goals: [
      { goal: 'of the floor', bound: 'at most', limit: 1.15, value: costOf('floor') },
      { goal: 'many for one', bound: 'at most', limit: 1.1, value: (cost) => cost(manyName) / cost('countersign') },
      ...(caddy.program === undefined
        ? []
        : [{ goal: 'of Caddy', bound: 'at most' as const, limit: 1, value: costOf('caddy') }]),
    ],
    notes: [
      `${acts} keep-alive requests at the same time through mutual TLS 1.3 to a plain upstream, ${protocol}; CPU time of the gateway's process alone`,
      'none of them writes an access log',
      'countersign: in a Node of its own options, as floor is; by its command: with the options that the command gives to Node',
      'floor: bare Node with requests written and answers read by hand, that checks nothing, names nobody and bounds nothing',
    ],
  };
}

function costOf(other: string): (cost: (subject: string) => number) => number {
  return (cost) => cost('countersign') / cost(other);
}

function node(
  name: string,
  file: string,
  options: () => readonly string[],
  more: readonly string[] = [],
): GatewayProduct {
  return {
    name,
    program: process.execPath,
    start: ({ folder, port, upstreamPort, protocol }, program) => {
      const given = [folder, String(port), String(upstreamPort), protocol, ...more];
      return startPinned(program, [...options(), join(import.meta.dirname, file), ...given]);
    },
  };
}

function relaying(gateway: GatewayProduct, protocol: Protocol): Subject {
  const { name, program = name } = gateway;
  return {
    name,
    start: async () => {
      const sides = await twoSides();
      const upstreamPort = await freePort();
      const upstream = createServer({ keepAliveTimeout: 300_000 }, (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/plain', 'content-length': 2 }).end('ok');
      }).listen(upstreamPort, host);
      const product = {
        name,
        absent: () => undefined,
        start: async (wanted: Omit<WantedGateway, 'protocol' | 'upstreamPort'>) =>
          gateway.start({ ...wanted, upstreamPort, protocol }, program),
      };
      const server = await startTlsServer(product, sides, 'X25519');
      pinGenerator();
      const ask = keptCaller(sides, { port: server.port, protocol, name: 'orders.internal' });
      return {
        acts,
        operation: async () => {
          await Promise.all(Array.from({ length: acts }, ask));
        },
        cpuUs: () => server.cpuUs(),
        close: async () => {
          upstream.closeAllConnections();
          upstream.close();
          await server.stop();
        },
      };
    },
  };
}
