/** A gateway of two workers whose primary can not write the record of decisions: none of them lets anything through, one that comes meanwhile neither, and all go on together. */
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { manualClock } from '../../packages/countersign/src/ground/clock/index.ts';
import type { Refusal } from '../../packages/countersign/src/ground/errors/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { GatewayWorkers } from '../../packages/countersign/src/traffic/gateway/index.ts';
import { compiledModules } from '../fixtures/compiled-modules.ts';
import { presented } from '../fixtures/presented.ts';
import { configurationOf } from './running-gateway.ts';

test('two workers halt together, and go on together', async (t) => {
  const record = await mkdtemp(join(tmpdir(), 'countersign-record-'));
  t.after(() => rm(record, { recursive: true }));
  const upstream = createServer((_, response) => response.end('done')).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  t.after(() => {
    upstream.closeAllConnections();
    upstream.close();
  });
  const authority = new TestAuthority();
  const domain = authority.trustDomain;
  const configuration = await configurationOf(t, {
    authorities: [authority],
    credentials: { main: authority.issue('gateway') },
    rest: `workers: 2
evidence: { folder: ${record}, unwritable: refuse }
partners: [{ name: acme, trust: ${domain}, who: [{ spiffeId: spiffe://${domain}/acme }] }]
hosts: { api.test: { certificate: required, credential: main, trust: [${domain}] } }
routes: [{ name: payments, host: api.test, path: /, allow: [acme], upstream: plain }]
upstreams: { plain: { targets: ['http://127.0.0.1:${(upstream.address() as AddressInfo).port}'] } }
`,
  });
  const clock = manualClock(Date.now());
  const processes: ChildProcess[] = [];
  const refusals: Refusal[] = [];
  let started = Promise.withResolvers<undefined>();
  const workers = new GatewayWorkers(configuration, {
    clock,
    count: 2,
    start: (worker) => {
      const child = fork(join(import.meta.dirname, '../fixtures/gateway/worker-process.ts'), [], {
        execArgv: ['--conditions=source'],
        env: { ...process.env, ...compiledModules },
        serialization: 'advanced',
      });
      processes[worker - 1] = child;
      return child;
    },
    onStarted: () => started.resolve(undefined),
    onRefusal: (refusal) => refusals.push(refusal),
    onWarning: (warning) => refusals.push(warning),
    onLimitsNotKept: (error) => assert.fail(String(error)),
  });
  t.after(() => workers.close());
  const { port } = await workers.listen();

  const as = presented(authority.issue('acme'));
  const agents: readonly Agent[] = Array.from({ length: 12 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  t.after(() => agents.forEach((agent) => agent.destroy()));
  const call = async (agent: Agent): Promise<number> => {
    const asking = request({
      ...{ host: '127.0.0.1', port, path: '/1', servername: 'api.test', headers: { host: 'api.test' }, agent },
      ...{ rejectUnauthorized: false, ...as },
    }).end();
    const [answer] = (await once(asking, 'response')) as [IncomingMessage];
    await once(answer.resume(), 'end');
    return answer.statusCode ?? 0;
  };
  /** Over connections to both of them. */
  const answers = async (): Promise<readonly number[]> => [...new Set(await Promise.all(agents.map(call)))];
  const until = async (status: number): Promise<void> => {
    for (let seen = await answers(); seen.length !== 1 || seen[0] !== status; seen = await answers());
  };
  const readiness = async (): Promise<unknown> => {
    const { status, value } = (await workers.look('/readyz')) ?? assert.fail();
    const { halted, serving } = value as { readonly halted?: string; readonly serving: number };
    return [status, halted, serving];
  };
  assert.deepEqual([await answers(), await readiness()], [[200], [200, undefined, 2]]);
  const { value } = (await workers.look('/status')) ?? assert.fail();
  const told = (value as { readonly workers: readonly { readonly value: { readonly connections: number } }[] }).workers;
  assert.ok(
    told.every((one) => one.value.connections > 0),
    'both have some',
  );

  const [name = assert.fail()] = (await readdir(record)).filter((one) => one.endsWith('.jsonl'));
  const file = join(record, name);
  await rename(file, `${file}.aside`);
  await mkdir(file);
  // That one has ended has to be written.
  started = Promise.withResolvers();
  const ended = once(processes[0] ?? assert.fail(), 'exit');
  processes[0]?.kill('SIGKILL');
  await ended;
  while (!refusals.some(({ code }) => code === 'CS-GATEWAY-075')) await new Promise(setImmediate);
  clock.advance(60_000);
  await started.promise;
  await until(503);
  assert.deepEqual(await readiness(), [503, 'CS-GATEWAY-094', 0]);

  await rmdir(file);
  await rename(`${file}.aside`, file);
  clock.advance(5_000);
  await until(200);
  assert.deepEqual(await readiness(), [200, undefined, 2]);
});
