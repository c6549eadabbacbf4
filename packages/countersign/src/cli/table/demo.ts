/** `demo` as data. */
import type { Command } from './command.ts';

export const demo: Command = {
  name: 'demo',
  group: 'start here',
  summary: 'see it all in 20 seconds: rotation, refusals, a revocation',
  about:
    'Starts an authority and two services on this machine, rotates their certificates under load, lets five strangers try, and closes a live connection by a revocation. Needs nothing, changes nothing, leaves no files behind.',
  arguments: [],
  options: [],
  examples: [{ line: 'countersign demo', shows: 'watch it; about 20 seconds' }],
  result: ['requests', 'lost', 'rotations', 'refused', 'revocation'],
};
