/**
 * What a subscriber of the feed weighs: memory of the authority from 1,000 to 5,000 of them, less that of bare node:tls with as many idle connections; and how
 * long one revocation takes to reach all. Some minutes long. `COUNTERSIGN_SUBSCRIBERS` is another number of them.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLocalAuthority } from 'countersign/api';
import { kernelMonotonicUs } from 'countersign/clock';
import { enrolled, pemOfHeld, rootsOfHeld } from '../feed/credentials.ts';
import type { Kind, Ready } from '../feed/feed-server.ts';
import { Subscribers } from '../feed/subscribers.ts';
import { median } from '../frame/median.ts';
import { residentMegabytes } from '../frame/server-process.ts';
import { launcherOptions } from '../issuing/built-package.ts';
import type { Fact, Goal, Scenario } from '../frame/scenario.ts';

export const scenario = 'feed';
export const slow = true;
export const subjects: Scenario['subjects'] = [];

const many = Number(process.env['COUNTERSIGN_SUBSCRIBERS'] ?? 5_000);
const few = many / 5;

/** The feed takes a thousand subscriptions of one identity. */
const identities = 10;

/** Odd, so that the median is one that happened. */
const revocations = 5;

/** For what the last handshakes left to be collected, and for a heartbeat: until the next message the octets of the one before are kept. */
const settlingMs = 7_000;

const kinds: readonly Kind[] = ['countersign', 'node:tls'];
const resident = (kind: Kind): string => `${kind}: resident`;
const used = (kind: Kind): string => `${kind}: heap and buffers`;
const reached = 'from asking to revoke until the last has it (median)';
const slowest = 'from asking to revoke until the last has it (slowest)';

export const facts: NonNullable<Scenario['facts']> = {
  names: [...kinds.flatMap((kind) => [resident(kind), used(kind)]), reached, slowest],
  find: async () => [...(await ofAuthority()), ...(await ofNode())],
};

export const goals: readonly Goal[] = [
  {
    goal: 'octets resident for a subscriber beyond those of an idle connection of bare node:tls',
    bound: 'at most',
    limit: 25 * 1024,
    value: (fact) => fact(resident('countersign')) - fact(resident('node:tls')),
  },
  {
    goal: 'ms until one revocation has reached all',
    bound: 'at most',
    limit: 1_000,
    value: (fact) => fact(slowest),
  },
];

export const notes: readonly string[] = [
  `${String(many)} subscribers of ${String(identities)} identities over mutual TLS 1.3; memory as it grows from ${String(few)} of them`,
  `${String(revocations)} revocations one after the other; the subscribers verify nothing, and do not acknowledge`,
];

async function ofAuthority(): Promise<Fact[]> {
  const dir = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  try {
    return await withServer('countersign', dir, async ({ port }, weight) => {
      const local = openLocalAuthority(dir);
      const names = Array.from({ length: identities }, (_, index) => `service-${String(index)}`);
      const held = await Promise.all(names.map((name) => enrolled(local, name)));
      const doomed = await Promise.all(Array.from({ length: revocations }, () => enrolled(local, 'doomed')));
      const [first] = held;
      if (first === undefined) throw new TypeError('there are identities');
      const to = { port, ca: rootsOfHeld(first), credentials: held.map(pemOfHeld), follow: true };
      return weighed('countersign', to, weight, async (subscribers) => {
        const took: number[] = [];
        for (const { leaf } of doomed) {
          const all = subscribers.reached();
          const beganUs = Number(kernelMonotonicUs());
          const answered = local.revoke({ serial: leaf.serialNumber });
          took.push(((await all) - beganUs) / 1000);
          await answered;
        }
        await local.close();
        return [
          { name: reached, unit: 'ms', value: median(took) },
          { name: slowest, unit: 'ms', value: Math.max(...took) },
        ];
      });
    });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function ofNode(): Promise<Fact[]> {
  return withServer('node:tls', '', ({ port, ca, credentials }, weight) =>
    weighed('node:tls', { port, ca, credentials, follow: false }, weight, async () => []),
  );
}

interface Weight {
  readonly resident: number;
  readonly used: number;
}

type To = Omit<Parameters<Subscribers['open']>[0], 'count'>;

async function weighed(
  kind: Kind,
  to: To,
  weight: () => Promise<Weight>,
  then: (subscribers: Subscribers) => Promise<Fact[]>,
): Promise<Fact[]> {
  const subscribers = new Subscribers();
  try {
    await subscribers.open({ ...to, count: few });
    const atFew = await weight();
    await subscribers.open({ ...to, count: many - few });
    const atMany = await weight();
    if (subscribers.closed > 0) throw new Error('connections were closed meanwhile');
    const each = (key: keyof Weight): number => (atMany[key] - atFew[key]) / (many - few);
    return [
      { name: resident(kind), unit: 'bytes', value: each('resident') },
      { name: used(kind), unit: 'bytes', value: each('used') },
      ...(await then(subscribers)),
    ];
  } finally {
    subscribers.close();
  }
}

async function withServer<T>(
  kind: Kind,
  dir: string,
  act: (ready: Ready, weight: () => Promise<Weight>) => Promise<T>,
): Promise<T> {
  const server = fork(join(import.meta.dirname, '../feed/feed-server.ts'), [kind, dir], {
    // As `up` is started.
    execArgv: [...process.execArgv, ...launcherOptions(), '--expose-gc'],
  });
  try {
    const [ready] = (await once(server, 'message')) as [Ready];
    return await act(ready, async () => {
      await new Promise((resolve) => setTimeout(resolve, settlingMs));
      server.send('weigh');
      const [octets] = (await once(server, 'message')) as [number];
      return { resident: residentMegabytes(server.pid ?? 0) * 1024 * 1024, used: octets };
    });
  } finally {
    server.disconnect();
  }
}
