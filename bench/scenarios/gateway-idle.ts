/**
 * What a connection of the gateway weighs that rests after its first request: memory as they grow to 5,000, ours less that of bare Node. Some minutes long.
 * `COUNTERSIGN_RESTING` is another number of them.
 */
import { join } from 'node:path';
import type { Fact, Goal, Scenario } from '../frame/scenario.ts';
import type { Kind } from '../gateway/idle-process.ts';
import { importingOptions } from '../issuing/built-package.ts';
import { residentName, usedName, weighConnections } from '../live/weigh-connections.ts';

export const scenario = 'gateway-idle';
export const slow = true;
export const subjects: Scenario['subjects'] = [];

const many = Number(process.env['COUNTERSIGN_RESTING'] ?? 5_000);
const few = many / 5;

const kinds: readonly Kind[] = ['countersign', 'node:https', 'node:tls', 'countersign, HTTP/2', 'node:http2'];

export const facts: NonNullable<Scenario['facts']> = {
  names: kinds.flatMap((kind) => [residentName(kind), usedName(kind)]),
  find: async () => {
    const found: Fact[] = [];
    const server = join(import.meta.dirname, '../gateway/idle-process.ts');
    const ask = { host: 'orders.internal', until: 'rests' };
    for (const kind of kinds) {
      const opened = { upload: false, ask, protocol: kind.endsWith('2') ? 'h2' : 'http/1.1' } as const;
      found.push(...(await weighConnections({ server, kind, few, many, execArgv: importingOptions(), opened })));
    }
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
    value: (fact) => fact(residentName(ours)) - fact(residentName(bare)),
  };
}
