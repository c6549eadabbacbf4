import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { test } from 'node:test';
import { manualClock } from '../../ground/clock/index.ts';
import { exposition, Metrics } from '../../runtime/telemetry/index.ts';
import { TestAuthority } from '../../surfaces/testing/index.ts';
import type { HealthChange } from '../upstream/index.ts';
import type { LoadedConfiguration } from './configuration/load-configuration.ts';
import { configurationFrom } from '../../../../../tests/fixtures/gateway/configurations.ts';
import { listeningOn } from '../../../../../tests/fixtures/gateway/listening-on.ts';
import { openGateway } from '../../../../../tests/fixtures/gateway/open-gateway.ts';

const authority = new TestAuthority();
const credentials = new Map([['main', authority.issue('gateway')]]);

const loaded = (targets: readonly string[], slowStartMs: number): Promise<LoadedConfiguration> =>
  configurationFrom(
    `version: 1
listen: { port: 0 }
credentials: { main: { folder: unused } }
trust: { ${authority.trustDomain}: { anchors: [unused] } }
hosts: { www.test: { certificate: none, credential: main } }
routes: [{ name: pages, host: www.test, path: /, upstream: pool }]
upstreams:
  pool:
    targets: [${targets.map((one) => `'${one}'`).join(', ')}]
    balance: round-robin
    slowStartMs: ${slowStartMs}
    health: { passive: { failures: 1, outMs: 10000 } }
`,
    { credentials, bundles: new Map([[authority.trustDomain, authority.bundle()]]) },
  );

test('a target that is left out and comes back is told, and counted over a reload as long as it is one', async (t) => {
  const good = `http://127.0.0.1:${await listeningOn(t, (_, response) => response.end('there'))}`;
  const bad = `http://127.0.0.1:${await listeningOn(t, (_, response) => response.destroy())}`;
  const clock = manualClock(Date.now());
  const changes: HealthChange[] = [];
  const metrics = new Metrics();
  const onHealth = (change: HealthChange): void => {
    changes.push(change);
    // What whoever listens throws is his affair.
    throw new Error('the log is gone');
  };
  const { gateway, port, refusals } = await openGateway(t, await loaded([good, bad], 0), { clock, onHealth });
  gateway.observe(metrics);
  const call = async (): Promise<number> => {
    const where = { host: '127.0.0.1', port, servername: 'www.test', headers: { host: 'www.test' } };
    const asking = request({ ...where, agent: new Agent(), rejectUnauthorized: false }).end();
    const [answer] = (await once(asking, 'response')) as [IncomingMessage];
    await once(answer.resume(), 'end');
    return answer.statusCode ?? 0;
  };
  const counted = async (): Promise<readonly string[]> =>
    exposition(await metrics.read(), undefined)
      .text.split('\n')
      .filter((line) => line.startsWith('countersign_gateway_target_changes_total') && !line.endsWith(' 0'))
      .map((line) => line.replace(/^.*target="([^"]*)",to="([^"]*)"} /, '$1 $2 '));

  while (changes.length === 0) assert.equal(await call(), 200, 'another one is asked');
  assert.deepEqual(changes, [{ upstream: 'pool', target: bad, isWell: false, because: 'failures' }]);
  assert.deepEqual(await counted(), [`${bad} left out 1`]);
  clock.advance(10_000);
  assert.deepEqual(await counted(), [`${bad} left out 1`, `${bad} well 1`]);
  assert.deepEqual(changes.at(1), { upstream: 'pool', target: bad, isWell: true, because: 'time is over' });
  assert.deepEqual(
    refusals.map(({ code, evidence }) => [code, evidence['part']]),
    [
      ['CS-GATEWAY-099', 'onHealth'],
      ['CS-GATEWAY-099', 'onHealth'],
    ],
  );

  gateway.apply(await loaded([bad, good], 1_000));
  assert.deepEqual(await counted(), [`${bad} left out 1`, `${bad} well 1`]);
  gateway.apply(await loaded([good], 1_000));
  gateway.apply(await loaded([good, bad], 1_000));
  assert.deepEqual(
    (await counted()).filter((line) => !line.endsWith(' 0')),
    [],
  );
});
