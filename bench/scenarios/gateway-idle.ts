/**
 * What a connection of the gateway weighs that rests after its first request: memory as they grow to 5,000, ours less that of bare Node. Some minutes long.
 * `COUNTERSIGN_RESTING` is another number of them.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { residentMegabytes } from '../frame/server-process.ts';
import type { Fact, Goal, Scenario } from '../frame/scenario.ts';
import type { Kind, Ready } from '../gateway/idle-process.ts';
import { importingOptions } from '../issuing/built-package.ts';
import { Clients } from '../live/clients.ts';

export const scenario = 'gateway-idle';
export const slow = true;
export const subjects: Scenario['subjects'] = [];

const many = Number(process.env['COUNTERSIGN_RESTING'] ?? 5_000);
const few = many / 5;

/** For what the last handshakes left to be collected. */
const settlingMs = 2_000;

const kinds: readonly Kind[] = ['countersign', 'node:https', 'node:tls', 'countersign, HTTP/2', 'node:http2'];
const resident = (kind: Kind): string => `${kind}: resident`;
const used = (kind: Kind): string => `${kind}: heap and buffers`;

export const facts: NonNullable<Scenario['facts']> = {
  names: kinds.flatMap((kind) => [resident(kind), used(kind)]),
  find: async () => {
    const found: Fact[] = [];
    for (const kind of kinds) found.push(...(await weigh(kind)));
    return found;
  },
};

export const goals: readonly Goal[] = [
  beyond('countersign', 'node:tls'),
  beyond('countersign', 'node:https'),
  beyond('countersign, HTTP/2', 'node:http2'),
];

export const notes: readonly string[] = [
  `memory as it grows from ${String(few)} connections to ${String(many)}; mutual TLS 1.3, one request answered on each`,
];

function beyond(ours: Kind, bare: Kind): Goal {
  return {
    goal: `octets resident for a connection of ${ours} beyond those of bare ${bare}`,
    bound: 'at most',
    limit: 12 * 1024,
    value: (fact) => fact(resident(ours)) - fact(resident(bare)),
  };
}

interface Weight {
  readonly resident: number;
  readonly used: number;
}

async function weigh(kind: Kind): Promise<Fact[]> {
  const server = fork(join(import.meta.dirname, '../gateway/idle-process.ts'), [kind], {
    execArgv: [...process.execArgv, ...importingOptions(), '--expose-gc'],
  });
  const clients = new Clients();
  try {
    const [{ port, ca, credentials }] = (await once(server, 'message')) as [Ready];
    const protocol = kind.endsWith('2') ? 'h2' : 'http/1.1';
    const ask = { host: 'orders.internal', until: 'rests' };
    const weight = async (count: number): Promise<Weight> => {
      await clients.open({ port, ca, credentials, count, upload: false, ask, protocol });
      await new Promise((resolve) => setTimeout(resolve, settlingMs));
      server.send('weigh');
      const [octets] = (await once(server, 'message')) as [number];
      return { resident: residentMegabytes(server.pid ?? 0) * 1024 * 1024, used: octets };
    };
    const [atFew, atMany] = [await weight(few), await weight(many - few)];
    if (clients.closedAtUs.length > 0) throw new Error('connections were closed meanwhile');
    const each = (key: keyof Weight): number => (atMany[key] - atFew[key]) / (many - few);
    return [
      { name: resident(kind), unit: 'bytes', value: each('resident') },
      { name: used(kind), unit: 'bytes', value: each('used') },
    ];
  } finally {
    clients.close();
    server.disconnect();
  }
}
