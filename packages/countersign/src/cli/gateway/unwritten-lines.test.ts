import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { exposition, Metrics } from '../../runtime/telemetry/index.ts';
import { systemClock } from '../../ground/clock/index.ts';
import type { Call } from '../call.ts';
import { createOutput } from '../output/output.ts';
import { gatewayLog } from './gateway-log.ts';

test('what a slow reader of the log misses is counted, and told when it goes on', async (t) => {
  // A pipe that nobody empties for now.
  const reader = spawn('cat', { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => reader.kill());
  const stdout = reader.stdin as unknown as NodeJS.WriteStream;
  const output = createOutput(true, { stdout, stderr: process.stderr, env: {} });
  const { ofGateway, observe } = gatewayLog({ output, world: { clock: systemClock } } as unknown as Call);
  const metrics = new Metrics();
  observe(metrics);
  const ask = (path: string): void =>
    ofGateway.onAccess({ atMs: 0, method: 'GET', path } as Parameters<typeof ofGateway.onAccess>[0]);
  let written = 0;
  for (; !output.behind; written += 1) ask(`/${'x'.repeat(10_000)}`);
  for (let nth = 0; nth < 3; nth += 1) ask('/missed');
  const drained = once(stdout, 'drain');
  let log = '';
  reader.stdout.setEncoding('utf8').on('data', (piece: string) => (log += piece));
  await drained;
  ask('/next');
  ask('/last');
  const ended = once(reader.stdout, 'end');
  reader.stdin.end();
  await ended;
  const lines = log
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string; lines?: number; path?: string });
  assert.deepEqual(
    lines.slice(written).map(({ event, lines: missed, path }) => [event, missed ?? path]),
    [
      ['lines not written', 3],
      ['request', '/next'],
      ['request', '/last'],
    ],
  );
  const text = exposition(await metrics.read(), undefined).text;
  assert.match(text, /^countersign_gateway_log_lines_not_written(_total)? 3$/m);
});
