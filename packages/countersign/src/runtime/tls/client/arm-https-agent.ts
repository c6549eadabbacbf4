/** Puts an endpoint of ours in the place where an agent of node:https makes its connections. */
import { Agent } from 'node:https';
import type { AgentOptions, RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import type { Armed } from './armed.ts';
import type { ClientEndpoint } from './client-endpoint.ts';
import { Generations } from './generations.ts';

/** Node copies the agent's options into those of each request, and names the pool of its connection by them from first to last. */
interface Generation {
  generation?: number;
}

type Asked = Generation & AgentOptions & RequestOptions;

const makers = ['createConnection', 'createSocket', 'addRequest', 'getName', 'keepSocketAlive'] as const;

/** @throws TypeError for one that makes its connections in a way of its own, or has some already */
export function armHttpsAgent(agent: Agent, endpoint: ClientEndpoint): Armed {
  requireAsKnown(agent);
  const { options } = endpoint;
  const generationOf = new WeakMap<Duplex, number>();
  const begin = (): void => {
    (agent.options as Generation).generation = generations.current;
    for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
  };
  const generations: Generations = new Generations(options, begin);
  const keepSocketAlive: (stream: Duplex) => unknown = agent.keepSocketAlive.bind(agent);
  const getName = agent.getName.bind(agent);
  const addRequest = requestAdder(agent);
  const destroy = agent.destroy.bind(agent);
  Object.assign(agent, {
    createConnection: (asked: Asked, callback: (error: Error | null, stream?: Duplex) => void): void => {
      const { generation = generations.current } = asked;
      if (typeof asked.socketPath === 'string')
        throw new TypeError('mutual TLS is spoken over TCP, not over a socketPath');
      endpoint.open(destinationOf(asked), { expectsAnswer: true }).then(
        ({ socket, live }) => {
          generationOf.set(socket, generation);
          if (generation === generations.current) generations.retireAt(live.retireAt);
          callback(null, socket);
        },
        (error: unknown) => callback(error as Error),
      );
    },
    keepSocketAlive: (stream: Duplex): boolean =>
      generationOf.get(stream) === generations.current &&
      // Declared as void; it answers whether the socket may be kept.
      keepSocketAlive(stream) !== false,
    // Before Node copies the agent's options: of a queue, too, a request belongs to the generation in which it was asked.
    addRequest: (...request: readonly unknown[]): void => {
      generations.catchUp();
      addRequest(...request);
    },
    getName: (asked?: Asked): string => `${getName(asked)}:generation ${asked?.generation ?? generations.current}`,
    destroy: (): void => {
      generations.close();
      destroy();
      endpoint.giveUpHandshakes();
    },
  });
  begin();
  return { release: () => generations.close() };
}

/** Node's types leave it out. */
function requestAdder(agent: Agent): (...request: readonly unknown[]) => void {
  const addRequest: unknown = Reflect.get(agent, 'addRequest');
  if (typeof addRequest !== 'function') throw new TypeError('an agent of Node has requests added');
  return (...request) => void Reflect.apply(addRequest, agent, request);
}

function requireAsKnown(agent: Agent): void {
  const strange = makers.find((name) => (agent as never)[name] !== (Agent.prototype as never)[name]);
  if (strange !== undefined)
    throw new TypeError(`the agent has a ${strange} of its own, in which it would connect past what arms it`);
  const held = [agent.sockets, agent.freeSockets, agent.requests].some((pool) => Object.keys(pool).length > 0);
  if (held) throw new TypeError('the agent has connections already; arm it before its first request');
}

function destinationOf({ host, port, servername }: Asked): { host: string; port: number; servername?: string } {
  return { host: host ?? 'localhost', port: port ?? 443, ...(servername ? { servername } : {}) };
}
