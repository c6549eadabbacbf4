/** A gateway's file of 10,000 routes and 1,000 partners is read again while callers go on over HTTP/1.1 and HTTP/2: the longest turn of its event loop, and requests that failed. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { host } from '../frame/bare-callers.ts';
import { keptCaller } from '../frame/kept-callers.ts';
import type { Fact, Goal, Scenario } from '../frame/scenario.ts';
import { twoSides } from '../frame/two-sides.ts';
import type { Reloaded } from '../gateway/reload-process.ts';
import { importingOptions } from '../issuing/built-package.ts';
import { freePort } from '../frame/listening.ts';
import { startTlsServer } from '../servers/tls-server.ts';

export const scenario = 'gateway-reload';
export const subjects: Scenario['subjects'] = [];

const [partners, routes] = [1_000, 10_000];
/** Unmeasured: the compiler's work. */
const warmUps = 2;
const reloads = 8;
/** Of each version of HTTP. */
const callers = 8;

const longest = 'longest turn';
const median = 'longest turn, median of the reloads';
const took = 'a reload, from its beginning until it is in force';
const answered = 'requests answered meanwhile';
const failed = 'requests failed';

export const facts: NonNullable<Scenario['facts']> = { names: [longest, median, took, answered, failed], find };

export const goals: readonly Goal[] = [
  { goal: 'ms, the longest turn of a reload (median)', bound: 'at most', limit: 50, value: (fact) => fact(median) },
  { goal: 'failed requests', bound: 'at most', limit: 0, value: (fact) => fact(failed) },
];

export const notes: readonly string[] = [
  `${partners} partners and ${routes} routes; ${reloads} reloads, each with a route and a partner more or less; ${callers} callers of either version of HTTP ask all the while`,
  'turns are CPU time of the thread that serves, what it does for the callers included',
];

async function find(): Promise<Fact[]> {
  const sides = await twoSides();
  const upstreamPort = await freePort();
  const upstream = createServer({ keepAliveTimeout: 300_000 }, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain', 'content-length': 2 }).end('ok');
  }).listen(upstreamPort, host);
  const child = fork(join(import.meta.dirname, '../gateway/reload-process.ts'), {
    execArgv: [...process.execArgv, ...importingOptions()],
  });
  const server = await startTlsServer(
    {
      name: 'countersign',
      absent: () => undefined,
      start: async ({ folder, port }) => {
        child.send({ folder, port, upstreamPort, partners, routes });
        await once(child, 'message');
        const stop = async (): Promise<void> => {
          child.disconnect();
          await once(child, 'exit');
        };
        return { pid: child.pid ?? 0, child, cpuUs: () => 0, stop };
      },
    },
    sides,
    'X25519',
  );
  const done = { answered: 0, failed: 0, going: true };
  const asking = (['http/1.1', 'h2'] as const).flatMap((protocol) => {
    const ask = keptCaller(sides, { port: server.port, protocol, name: 'orders.internal' });
    return Array.from({ length: callers }, async () => {
      while (done.going)
        await ask().then(
          () => (done.answered += 1),
          () => (done.failed += 1),
        );
    });
  });
  try {
    const told: Reloaded[] = [];
    for (let nth = 0; nth < warmUps + reloads; nth += 1) {
      child.send('reload');
      const [one] = (await once(child, 'message')) as [Reloaded];
      if (one.generation !== nth + 2) throw new Error(`generation ${one.generation} after ${nth + 1} reloads`);
      if (nth >= warmUps) told.push(one);
    }
    const turns = told.map(({ longestTurnMs }) => longestTurnMs).sort((a, b) => a - b);
    const middle = (values: readonly number[]): number => values[Math.floor(values.length / 2)] ?? Number.NaN;
    return [
      { name: longest, unit: 'ms', value: turns.at(-1) ?? Number.NaN },
      { name: median, unit: 'ms', value: middle(turns) },
      { name: took, unit: 'ms', value: middle(told.map(({ tookMs }) => tookMs).sort((a, b) => a - b)) },
      { name: answered, unit: 'count', value: done.answered },
      { name: failed, unit: 'count', value: done.failed },
    ];
  } finally {
    done.going = false;
    await Promise.all(asking);
    upstream.closeAllConnections();
    upstream.close();
    await server.stop();
  }
}
