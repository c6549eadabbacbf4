import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../../ground/clock/index.ts';
import type { Refusal } from '../../../ground/errors/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import { loadConfiguration } from '../configuration/load-configuration.ts';
import { type Applied, Gateway } from '../gateway.ts';
import { ConfigurationFollower } from './follow-configuration.ts';
import { accessLost } from './access-lost.ts';
import { configurationAt } from '../../../../../../tests/fixtures/gateway/configurations.ts';
import { pemOfAll } from '../../../../../../tests/fixtures/presented.ts';

const authority = new TestAuthority();

const text = (more = ''): string => `version: 1
listen: { port: 0 }
credentials: { main: { folder: . } }
trust: { ${authority.trustDomain}: { anchors: [roots.pem] } }
partners:
  - { name: acme, trust: ${authority.trustDomain}, who: [{ spiffeId: spiffe://${authority.trustDomain}/acme }] }
  - { name: beta, trust: ${authority.trustDomain}, who: [{ spiffeId: spiffe://${authority.trustDomain}/beta }] }
hosts: { api.test: { certificate: required, credential: main, trust: [${authority.trustDomain}] } }
routes:
  - { name: payments, host: api.test, path: /payments/, methods: [GET, POST], allow: [acme, beta], upstream: plain }
upstreams: { plain: { targets: ['http://127.0.0.1:9'] } }
${more}`;

async function folder(t: { after(act: () => Promise<void>): void }): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'gateway-'));
  t.after(() => rm(dir, { recursive: true }));
  const { chain, privateKey } = authority.issue('gateway');
  const [bundle] = authority.bundles().all();
  await writeFile(join(dir, 'cert.pem'), pemOfAll(chain));
  await writeFile(join(dir, 'key.pem'), privateKey.toPem(), { mode: 0o600 });
  await writeFile(join(dir, 'roots.pem'), pemOfAll((bundle?.anchors ?? []).map(({ raw }) => raw)));
  await writeFile(join(dir, 'gateway.yaml'), text());
  return dir;
}

test('a configuration with a problem is not taken, and the next good one is', async (t) => {
  const path = join(await folder(t), 'gateway.yaml');
  const loaded = await configurationAt(path);
  const ignore = (): void => undefined;
  const gateway = new Gateway(loaded, { clock: systemClock, onAccess: ignore, onRefusal: ignore, onClosed: ignore });
  t.after(() => gateway.close({ graceMs: 0 }));
  const [applied, refused]: [Applied[], Refusal[]] = [[], []];
  const follower = new ConfigurationFollower({
    gateway,
    path,
    everyMs: 600_000,
    onApplied: (one) => applied.push(one),
    onRefused: (refusal) => refused.push(refusal),
  });
  t.after(() => follower.close());
  await writeFile(path, text('hots: {}\n'));
  await follower.reload();
  assert.deepEqual(
    refused.map(({ code, evidence }) => [code, evidence['problems']]),
    [['CS-GATEWAY-024', 1]],
  );
  assert.equal(gateway.configuration, loaded);
  await writeFile(path, text().replace('port: 0', 'port: 1'));
  await follower.reload();
  assert.deepEqual(
    applied.map(({ generation, waiting }) => [generation, waiting.map(({ code }) => code)]),
    [[2, ['CS-GATEWAY-028']]],
  );
  await rm(path);
  await follower.reload();
  assert.equal(refused.length, 2);
  assert.equal(gateway.generation, 2);
});

test('what goes wrong without a code is told as well, and the last good one stays', async (t) => {
  const path = join(await folder(t), 'gateway.yaml');
  const loaded = await configurationAt(path);
  const refused: Refusal[] = [];
  const follower = new ConfigurationFollower({
    gateway: {
      configuration: loaded,
      trusts: { keepActive: () => undefined },
      prepare: () => Promise.reject(new TypeError('a mistake of ours')),
      apply: () => assert.fail('it was not prepared'),
    },
    path,
    everyMs: 600_000,
    onApplied: () => assert.fail('it was not prepared'),
    onRefused: (refusal) => refused.push(refusal),
  });
  t.after(() => follower.close());
  await follower.reload();
  assert.deepEqual(
    refused.map(({ code, evidence }) => [code, String(evidence['first']).includes('a mistake of ours')]),
    [['CS-GATEWAY-024', true]],
  );
});

test('a key that is not of the certificate, and files that are not there, are told with their place', async (t) => {
  const dir = await folder(t);
  await writeFile(join(dir, 'key.pem'), authority.issue('other').privateKey.toPem(), { mode: 0o600 });
  await rm(join(dir, 'roots.pem'));
  const loaded = await loadConfiguration(join(dir, 'gateway.yaml'));
  assert.ok('problems' in loaded);
  assert.deepEqual(
    loaded.problems.map(({ code, evidence }) => [code, evidence['line'], evidence['file']]),
    [
      ['CS-GATEWAY-009', 3, 'key.pem'],
      ['CS-GATEWAY-009', 4, 'roots.pem'],
    ],
  );
});

test('whoever would lose access is named with the route, the method and the code', async (t) => {
  const path = join(await folder(t), 'gateway.yaml');
  const before = await loadConfiguration(path);
  await writeFile(path, text().replace('allow: [acme, beta]', 'allow: [acme]').replace('[GET, POST]', '[GET]'));
  const after = await loadConfiguration(path);
  assert.ok('file' in before && 'file' in after);
  assert.deepEqual(accessLost(before.file, before.file), []);
  assert.deepEqual(
    accessLost(before.file, after.file).map(({ who, method, code }) => [who, method, code]),
    [
      ['acme', 'POST', 'CS-GATEWAY-013'],
      ['beta', 'GET', 'CS-GATEWAY-015'],
      ['beta', 'POST', 'CS-GATEWAY-013'],
    ],
  );
});
