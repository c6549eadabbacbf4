/** What a connection weighs that says nothing: memory of the server from 1,000 to 5,000 of them, ours less that of Node's own. */
import { join } from 'node:path';
import type { Fact, Goal, Scenario } from '../frame/scenario.ts';
import type { Kind } from './idle-server.ts';
import { residentName, usedName, weighConnections } from './weigh-connections.ts';

const few = 1_000;
const many = 5_000;

export interface Compared {
  readonly ours: Kind;
  readonly bare: Kind;
  readonly protocol: 'http/1.1' | 'h2';
}

export function idleFacts({ ours, bare, protocol }: Compared): NonNullable<Scenario['facts']> {
  const kinds = [ours, bare];
  return {
    names: kinds.flatMap((kind) => [residentName(kind), usedName(kind)]),
    find: async () => {
      const found: Fact[] = [];
      const server = join(import.meta.dirname, 'idle-server.ts');
      for (const kind of kinds)
        found.push(...(await weighConnections({ server, kind, few, many, opened: { upload: true, protocol } })));
      return found;
    },
  };
}

export function idleGoal({ ours, bare }: Compared): Goal {
  return {
    goal: `octets resident for a connection beyond those of bare ${bare}`,
    bound: 'at most',
    limit: 12 * 1024,
    value: (fact) => fact(residentName(ours)) - fact(residentName(bare)),
  };
}
