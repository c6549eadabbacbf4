import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { manualClock } from '../../../ground/clock/index.ts';
import type { Refusal } from '../../../ground/errors/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import type { LoadedConfiguration } from '../configuration/load-configuration.ts';
import { GatewayEvidence } from './gateway-evidence.ts';
import { configurationFrom } from '../../../../../../tests/fixtures/gateway/configurations.ts';

const authority = new TestAuthority();
const domain = authority.trustDomain;
const credentials = new Map([['main', authority.issue('gateway')]]);
const bundles = new Map([[domain, authority.bundle()]]);

const configuration = (folder: string, evidence: string): Promise<LoadedConfiguration> =>
  configurationFrom(
    `version: 1
listen: { port: 0 }
evidence: ${evidence}
credentials: { main: { folder: unused } }
trust: { ${domain}: { anchors: [unused] } }
hosts: { api.test: { certificate: required, credential: main, trust: [${domain}] } }
`,
    { path: join(folder, 'gateway.yaml'), credentials, bundles },
  );

test('what halts requests is known with the write that fails, tried again after 5 s, and taken at a reload', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'halt-'));
  t.after(() => rm(folder, { recursive: true }));
  const clock = manualClock(Date.UTC(2026, 0, 10, 12));
  const halts: (string | undefined)[] = [];
  let next = Promise.withResolvers<undefined>();
  const evidence = new GatewayEvidence({
    clock,
    elsewhere: false,
    onTrouble: () => undefined,
    onHalt: (why: Refusal | undefined) => {
      halts.push(why?.code);
      next.resolve(undefined);
      next = Promise.withResolvers();
    },
  });
  const after = async (ms: number): Promise<void> => {
    const turned = next.promise;
    clock.advance(ms);
    await turned;
  };
  const refusing = await configuration(folder, '{ folder: record, unwritable: refuse }');
  const going = await configuration(folder, '{ folder: record }');
  await evidence.prepare(refusing);
  evidence.take(refusing);
  await evidence.begun();
  assert.deepEqual([halts, evidence.halt.denial], [[], undefined]);

  const [name = assert.fail()] = (await readdir(join(folder, 'record'))).filter((one) => one.endsWith('.jsonl'));
  const file = join(folder, 'record', name);
  await rename(file, `${file}.aside`);
  await mkdir(file);
  evidence.gap('something to write', clock.now());
  await after(60_000);
  assert.deepEqual(halts, ['CS-GATEWAY-094']);
  evidence.take(going);
  assert.deepEqual([halts.at(-1), evidence.halt.denial], [undefined, undefined]);
  evidence.take(refusing);
  assert.deepEqual(
    [halts.at(-1), evidence.halt.refusal?.evidence['folder']],
    ['CS-GATEWAY-094', join(folder, 'record')],
  );

  await rmdir(file);
  await rename(`${file}.aside`, file);
  await after(5_000);
  assert.deepEqual(
    [halts, evidence.halt.denial],
    [['CS-GATEWAY-094', undefined, 'CS-GATEWAY-094', undefined], undefined],
  );
  await evidence.close();
});
