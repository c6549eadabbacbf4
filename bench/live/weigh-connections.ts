/** What each connection weighs in a server's process: its memory with many of them less that with few, as the kernel and as V8 count it. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { residentMegabytes } from '../frame/server-process.ts';
import type { Fact } from '../frame/scenario.ts';
import { Clients } from './clients.ts';

export interface Weighed {
  /** The server's module, which sends a message once it is ready and, asked to weigh, one with its octets. */
  readonly server: string;
  readonly kind: string;
  readonly execArgv?: readonly string[];
  readonly few: number;
  readonly many: number;
  /** What its clients do on each connection. */
  readonly opened: Omit<Parameters<Clients['open']>[0], 'port' | 'ca' | 'credentials' | 'count'>;
}

interface Weight {
  readonly resident: number;
  readonly used: number;
}

type Ready = Pick<Parameters<Clients['open']>[0], 'port' | 'ca' | 'credentials'>;

/** For what the last handshakes left to be collected. */
const settlingMs = 2_000;

export const residentName = (kind: string): string => `${kind}: resident`;
export const usedName = (kind: string): string => `${kind}: heap and buffers`;

export async function weighConnections({ server: path, kind, few, many, ...more }: Weighed): Promise<Fact[]> {
  const server = fork(path, [kind], { execArgv: [...process.execArgv, ...(more.execArgv ?? []), '--expose-gc'] });
  const clients = new Clients();
  try {
    const [ready] = (await once(server, 'message')) as [Ready];
    const { port, ca, credentials } = ready;
    const weight = async (count: number): Promise<Weight> => {
      await clients.open({ ...more.opened, port, ca, credentials, count });
      await new Promise((resolve) => setTimeout(resolve, settlingMs));
      server.send('weigh');
      const [octets] = (await once(server, 'message')) as [number];
      return { resident: residentMegabytes(server.pid ?? 0) * 1024 * 1024, used: octets };
    };
    const [atFew, atMany] = [await weight(few), await weight(many - few)];
    if (clients.closedAtUs.length > 0) throw new Error('connections were closed meanwhile');
    const each = (key: keyof Weight): number => (atMany[key] - atFew[key]) / (many - few);
    return [
      { name: residentName(kind), unit: 'bytes', value: each('resident') },
      { name: usedName(kind), unit: 'bytes', value: each('used') },
    ];
  } finally {
    clients.close();
    server.disconnect();
  }
}
