/** A gateway whose evidence is on a disk that is full: requests go on, it is told, and when there is room all of it is written, with the gap. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { statfsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';

import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { gatewayEvidence, verifyEvidence } from '../../packages/countersign/src/traffic/gateway/index.ts';
import { presented } from '../fixtures/presented.ts';
import { noSmallDisk, smallDisk } from '../fixtures/small-disk.ts';
import { startGateway } from './running-gateway.ts';

test(
  'on a full disk requests go on, the gap is told once and written when there is room, no decision is lost or torn',
  { skip: noSmallDisk },
  async (t) => {
    const disk = smallDisk(t, '256k');
    const upstream = createServer((_, response) => response.end('done')).listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    t.after(() => upstream.close());
    const authority = new TestAuthority();
    const domain = authority.trustDomain;
    const partners = ['acme', 'beta', 'gamma', 'delta'];
    const folder = join(disk, 'decisions');
    const { gateway, port, refusals } = await startGateway(t, {
      authorities: [authority],
      credentials: { main: authority.issue('gateway') },
      rest: `evidence: { folder: ${folder} }
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
    const call = async (as: string): Promise<number> => {
      const asking = request({
        ...{ host: '127.0.0.1', port, path: '/1', servername: 'api.test', headers: { host: 'api.test' }, agent },
        ...{ rejectUnauthorized: false, ...certificates.get(as) },
      }).end();
      const [answer] = (await once(asking, 'response')) as [IncomingMessage];
      await once(answer.resume(), 'end');
      return answer.statusCode ?? 0;
    };
    const day = (): string => join(folder, `${new Date().toISOString().slice(0, 10)}.jsonl`);
    assert.equal(await call('acme'), 200);
    await gateway.evidence.flush();
    const before = await readFile(day(), 'utf8');

    const { bavail, bsize } = statfsSync(disk);
    await writeFile(join(disk, 'ballast'), new Uint8Array(bavail * bsize));
    assert.equal(statfsSync(disk).bavail, 0);
    for (let round = 0; round < 3; round++) {
      for (const name of partners) assert.equal(await call(name), 200);
      await gateway.evidence.flush();
    }
    const told = refusals.filter(({ code }) => code === 'CS-GATEWAY-090');
    assert.equal(told.length, 1, 'once');
    assert.match(String(told[0]?.evidence['reason']), /space|ENOSPC/i);
    assert.ok(gateway.evidenceStatus?.failingSinceMs !== undefined);

    await rm(join(disk, 'ballast'));
    await gateway.evidence.flush();
    assert.equal(gateway.evidenceStatus?.failingSinceMs, undefined);
    assert.equal(await call('acme'), 200);
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
