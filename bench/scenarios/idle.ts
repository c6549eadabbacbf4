/** What a connection weighs that says nothing: memory of the server from 1,000 to 5,000 of them, ours less that of bare node:https. Some minutes long. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { residentMegabytes } from '../frame/server-process.ts';
import type { Fact, Goal, Scenario } from '../frame/scenario.ts';
import { Clients } from '../live/clients.ts';
import type { Kind, Ready } from '../live/idle-server.ts';

export const scenario = 'idle';
export const slow = true;
export const subjects: Scenario['subjects'] = [];

const few = 1_000;
const many = 5_000;

/** For what the last handshakes left to be collected. */
const settlingMs = 2_000;

const kinds: readonly Kind[] = ['countersign', 'node:https'];
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
  {
    goal: 'octets resident for a connection beyond those of bare node:https',
    bound: 'at most',
    limit: 12 * 1024,
    value: (fact) => fact(resident('countersign')) - fact(resident('node:https')),
  },
];

export const notes: readonly string[] = ['each connection has a request whose end never comes; HTTP/1.1, TLS 1.3'];

interface Weight {
  readonly resident: number;
  readonly used: number;
}

async function weigh(kind: Kind): Promise<Fact[]> {
  const server = fork(join(import.meta.dirname, '../live/idle-server.ts'), [kind], {
    execArgv: [...process.execArgv, '--expose-gc'],
  });
  const clients = new Clients();
  try {
    const [{ port, ca, credentials }] = (await once(server, 'message')) as [Ready];
    const weight = async (count: number): Promise<Weight> => {
      await clients.open({ port, ca, credentials, count, upload: true });
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
