/** A gateway whose evidence is on a disk that is full: requests go on, or none does where the configuration says so; when there is room all of it is written, with the gap. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { statfsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import type { Refusal } from '../../packages/countersign/src/ground/errors/index.ts';
import { Metrics } from '../../packages/countersign/src/runtime/telemetry/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import {
  type AccessRecord,
  type Gateway,
  gatewayEvidence,
  verifyEvidence,
  viewOf,
} from '../../packages/countersign/src/traffic/gateway/index.ts';
import { presented } from '../fixtures/presented.ts';
import { noSmallDisk, smallDisk } from '../fixtures/small-disk.ts';
import { startGateway } from './running-gateway.ts';

interface Running {
  readonly disk: string;
  readonly folder: string;
  readonly gateway: Gateway;
  readonly refusals: readonly Refusal[];
  readonly records: readonly AccessRecord[];
  readonly call: (as: string) => Promise<IncomingMessage>;
}

const partners = ['acme', 'beta', 'gamma', 'delta'];

async function running(t: TestContext, unwritable: string): Promise<Running> {
  const disk = smallDisk(t, '256k');
  const upstream = createServer((_, response) => response.end('done')).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  t.after(() => upstream.close());
  const authority = new TestAuthority();
  const domain = authority.trustDomain;
  const folder = join(disk, 'decisions');
  const { gateway, port, refusals, records } = await startGateway(t, {
    authorities: [authority],
    credentials: { main: authority.issue('gateway') },
    rest: `evidence: { folder: ${folder}, ${unwritable} }
partners:
${partners.map((name) => `  - { name: ${name}, trust: ${domain}, who: [{ spiffeId: spiffe://${domain}/${name} }] }`).join('\n')}
hosts: { api.test: { certificate: required, credential: main, trust: [${domain}] } }
routes: [{ name: payments, host: api.test, path: /, allow: [${partners.join(', ')}], upstream: plain }]
upstreams: { plain: { targets: ['http://127.0.0.1:${(upstream.address() as AddressInfo).port}'] } }
`,
    more: { evidenceEveryMs: 3_600_000 },
  });
  const agent = new Agent();
  const certificates = new Map(partners.map((name) => [name, presented(authority.issue(name))]));
  const call = async (as: string): Promise<IncomingMessage> => {
    const asking = request({
      ...{ host: '127.0.0.1', port, path: '/1', servername: 'api.test', headers: { host: 'api.test' }, agent },
      ...{ rejectUnauthorized: false, ...certificates.get(as) },
    }).end();
    const [answer] = (await once(asking, 'response')) as [IncomingMessage];
    await once(answer.resume(), 'end');
    return answer;
  };
  return { disk, folder, gateway, refusals, records, call };
}

async function fill(disk: string): Promise<void> {
  const { bavail, bsize } = statfsSync(disk);
  await writeFile(join(disk, 'ballast'), new Uint8Array(bavail * bsize));
  assert.equal(statfsSync(disk).bavail, 0);
}

test(
  'on a full disk requests go on, the gap is told once and written when there is room, no decision is lost or torn',
  { skip: noSmallDisk },
  async (t) => {
    const { disk, folder, gateway, refusals, call } = await running(t, 'keepDays: 400');
    const day = (): string => join(folder, `${new Date().toISOString().slice(0, 10)}.jsonl`);
    assert.equal((await call('acme')).statusCode, 200);
    await gateway.evidence.flush();
    const before = await readFile(day(), 'utf8');

    await fill(disk);
    for (let round = 0; round < 3; round++) {
      for (const name of partners) assert.equal((await call(name)).statusCode, 200);
      await gateway.evidence.flush();
    }
    const told = refusals.filter(({ code }) => code === 'CS-GATEWAY-090');
    assert.equal(told.length, 1, 'once');
    assert.match(String(told[0]?.evidence['reason']), /space|ENOSPC/i);
    assert.ok(gateway.evidenceStatus?.failingSinceMs !== undefined);

    await rm(join(disk, 'ballast'));
    await gateway.evidence.flush();
    assert.equal(gateway.evidenceStatus?.failingSinceMs, undefined);
    assert.equal((await call('acme')).statusCode, 200);
    await gateway.close({ graceMs: 0 });

    assert.ok((await readFile(day(), 'utf8')).startsWith(before), 'what stood there stands there');
    const all = { fromMs: 0, untilMs: Number.MAX_SAFE_INTEGER };
    const counts: number[] = [];
    for (const partner of partners) {
      const { entries, publicKeys, unreadable } = await gatewayEvidence(folder, { partner, spiffeId: 'none', ...all });
      const { findings, decisions, gaps } = verifyEvidence(entries, { publicKeys });
      assert.deepEqual([unreadable, findings, gaps.length], [0, [], 1]);
      assert.match(gaps[0]?.reason ?? '', /space|ENOSPC/i);
      counts.push(...decisions.map(({ count }) => count));
    }
    assert.deepEqual(counts, [5, 3, 3, 3]);
  },
);

test(
  'with unwritable: refuse nothing is let through on a full disk, health says so, and it goes on by itself when there is room',
  { skip: noSmallDisk },
  async (t) => {
    const { disk, folder, gateway, refusals, records, call } = await running(t, 'unwritable: refuse');
    const readiness = (): unknown => {
      const seen = viewOf(gateway, new Metrics()).look('/readyz');
      if (seen === undefined || seen instanceof Promise) return assert.fail();
      return [seen.status, (seen.value as { readonly halted?: string }).halted];
    };
    assert.deepEqual(readiness(), [200, undefined]);

    await fill(disk);
    let passed = 0;
    // What is left of the file's last block takes some.
    for (; gateway.evidenceStatus?.failingSinceMs === undefined; passed += 1) {
      for (const name of partners) assert.equal((await call(name)).statusCode, 200);
      await gateway.evidence.flush();
    }
    const refused = await call('acme');
    assert.deepEqual([refused.statusCode, refused.headers['retry-after']], [503, '5']);
    assert.deepEqual(
      records.slice(partners.length * passed).map(({ decision, code }) => [decision, code]),
      [['denied', 'CS-GATEWAY-094']],
    );
    assert.deepEqual(readiness(), [503, 'CS-GATEWAY-094']);
    await gateway.evidence.flush();
    assert.equal(refusals.filter(({ code }) => code === 'CS-GATEWAY-090').length, 1);

    await rm(join(disk, 'ballast'));
    await gateway.evidence.flush();
    assert.equal((await call('acme')).statusCode, 200);
    assert.deepEqual(readiness(), [200, undefined]);
    await gateway.close({ graceMs: 0 });

    const asked = { partner: 'acme', spiffeId: 'none', fromMs: 0, untilMs: Number.MAX_SAFE_INTEGER };
    const { entries, publicKeys } = await gatewayEvidence(folder, asked);
    const { findings, decisions, gaps } = verifyEvidence(entries, { publicKeys });
    assert.deepEqual([findings, gaps.length], [[], 1]);
    const told = decisions.map(({ decision, code, count }) => [decision, code, count]);
    assert.deepEqual(told, [
      ['allowed', undefined, passed + 1],
      ['denied', 'CS-GATEWAY-094', 1],
    ]);
  },
);
