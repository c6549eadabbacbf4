/** What a connection weighs that says nothing: memory of the server from 1,000 to 5,000 of them, ours less that of Node's own. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { residentMegabytes } from '../frame/server-process.ts';
import type { Fact, Goal, Scenario } from '../frame/scenario.ts';
import { Clients } from './clients.ts';
import type { Kind, Ready } from './idle-server.ts';

const few = 1_000;
const many = 5_000;

/** For what the last handshakes left to be collected. */
const settlingMs = 2_000;

export interface Compared {
  readonly ours: Kind;
  readonly bare: Kind;
  readonly protocol: 'http/1.1' | 'h2';
}

const resident = (kind: Kind): string => `${kind}: resident`;
const used = (kind: Kind): string => `${kind}: heap and buffers`;

export function idleFacts({ ours, bare, protocol }: Compared): NonNullable<Scenario['facts']> {
  const kinds = [ours, bare];
  return {
    names: kinds.flatMap((kind) => [resident(kind), used(kind)]),
    find: async () => {
      const found: Fact[] = [];
      for (const kind of kinds) found.push(...(await weigh(kind, protocol)));
      return found;
    },
  };
}

export function idleGoal({ ours, bare }: Compared): Goal {
  return {
    goal: `octets resident for a connection beyond those of bare ${bare}`,
    bound: 'at most',
    limit: 12 * 1024,
    value: (fact) => fact(resident(ours)) - fact(resident(bare)),
  };
}

interface Weight {
  readonly resident: number;
  readonly used: number;
}

async function weigh(kind: Kind, protocol: Compared['protocol']): Promise<Fact[]> {
  const server = fork(join(import.meta.dirname, 'idle-server.ts'), [kind], {
    execArgv: [...process.execArgv, '--expose-gc'],
  });
  const clients = new Clients();
  try {
    const [{ port, ca, credentials }] = (await once(server, 'message')) as [Ready];
    const weight = async (count: number): Promise<Weight> => {
      await clients.open({ port, ca, credentials, count, upload: true, protocol });
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
