import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manualClock } from '../../ground/clock/index.ts';
import type { Call } from '../call.ts';
import { gatewayLog } from './gateway-log.ts';

test('a target that is left out or comes back is a line of the log', () => {
  const lines: unknown[] = [];
  const output = { json: true, event: (name: string, fields: object) => lines.push([name, fields]) };
  const call = { output, world: { clock: manualClock(0) } } as unknown as Call;
  const change = { upstream: 'pool', target: 'http://127.0.0.1:1', isWell: false, because: 'health check' } as const;
  gatewayLog(call).ofGateway.onHealth?.(change);
  assert.deepEqual(lines, [['target', { time: '1970-01-01T00:00:00Z', ...change }]]);
});
