/** What a partner did at a gateway of two workers, for an auditor: exported at the authority, verified offline, and what is said where a line is changed or gone. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { AuthoritySettings } from '../../packages/countersign/src/issuing/server/index.ts';
import { MutableSource } from '../../packages/countersign/src/runtime/tls/index.ts';
import { type ServerHouse, startHouse } from '../authority/server-house.ts';
import { listeningOn } from '../fixtures/gateway/listening-on.ts';
import { countersign } from './here.ts';
import { call, edge, edgeFolder, partner } from './registered-partners.ts';
import { type GatewayProcess, startGatewayProcess } from './gateway-process.ts';

const text = (authority: string, upstream: number): string => `version: 1
listen: { port: 0 }
workers: 2
admin: { socket: admin.sock }
evidence: { folder: decisions }
credentials: { main: { folder: . } }
trust: { dev.internal: { anchors: [root.pem] } }
registry: { authority: '${authority}', credential: main, trust: dev.internal, cache: partners.cache }
hosts: { api.test: { certificate: required, credential: main, trust: [dev.internal] } }
routes:
  - { name: payments, host: api.test, path: /payments/, allow: ['registry:*'], upstream: plain }
  - { name: reports, host: api.test, path: /reports/, allow: ['registry:*'], upstream: plain }
upstreams: { plain: { targets: ['http://127.0.0.1:${upstream}'] } }
`;

interface Running extends Pick<GatewayProcess, 'port' | 'heard' | 'end'> {
  readonly dir: string;
  readonly status: () => Promise<Status>;
}

interface Status {
  readonly workers: readonly { readonly value: { readonly pid: number; readonly connections: number } }[];
  readonly registry: { readonly partners: number };
  readonly evidence: { readonly key: string };
}

async function running(t: TestContext, bank: ServerHouse): Promise<Running> {
  const upstream = await listeningOn(t, (_, response) => response.end('done'));
  const dir = await edgeFolder(t, bank);
  const path = join(dir, 'gateway.yaml');
  await writeFile(path, text(bank.server.url, upstream));
  const gateway = await startGatewayProcess(path);
  return { ...gateway, dir, status: async () => JSON.parse(await gateway.seen('/status')) as Status };
}

interface Reported {
  readonly findings: readonly { readonly kind: string; readonly sequence: number }[];
  readonly gaps: readonly { readonly reason: string }[];
  readonly others: number;
  readonly keys: readonly string[];
  readonly decisions: readonly { decision: string; route: string; code?: string; count: number; partner: string }[];
}

test('evidence of a partner at two workers, one of them killed: one chain, verified offline, a changed or missing line is named', async (t) => {
  const settings = new MutableSource<AuthoritySettings>({ partners: { gateways: [edge] } });
  const bank = await startHouse(t, { settings });
  const { dir, port, heard, status, end } = await running(t, bank);
  const [acme, beta] = [await partner(bank, 'acme'), await partner(bank, 'beta')];
  while ((await status()).registry.partners !== 2);

  const agents = Array.from({ length: 12 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  const everywhere = async (): Promise<readonly number[]> => [
    ...new Set(await Promise.all(agents.map(async (agent) => (await call(port, acme, '/payments/1', agent)).status))),
  ];
  assert.deepEqual(await everywhere(), [200]);
  const { workers, evidence } = await status();
  assert.ok(
    workers.every(({ value }) => value.connections > 0),
    'both have some',
  );
  const [victim] = workers;
  assert.ok(victim !== undefined);
  process.kill(victim.value.pid, 'SIGKILL');
  await heard(({ event, worker, pid }) => event === 'worker' && worker === 1 && pid !== victim.value.pid);
  assert.deepEqual(await everywhere(), [200]);
  assert.equal((await call(port, acme, '/reports/1')).status, 403);
  assert.equal((await call(port, beta, '/payments/1')).status, 200);
  assert.equal(await end(), 0);

  const at = (name: string): string => join(dir, name);
  const exported = await countersign([
    ...['partner', 'evidence', 'acme', '--dir', bank.dir, '--gateway', at('decisions')],
    ...['--out', at('acme.jsonl'), '--json'],
  ]);
  assert.equal(exported.status, 0, exported.err);
  // From here on there is no authority, and no gateway.
  await bank.stop();
  const verified = async (file: string): Promise<{ status: number | null; out: string; report: Reported }> => {
    const words = ['authority', 'audit', 'verify', '--evidence', at(file), '--gateway-key', evidence.key];
    const [json, people] = await Promise.all([countersign([...words, '--json']), countersign(words)]);
    const [report] = json.result['gateways'] as [Reported];
    return { status: json.status, out: people.out.replaceAll(/\s+/g, ' '), report };
  };

  const { status: sound, report, out } = await verified('acme.jsonl');
  assert.deepEqual([sound, report.findings, report.keys], [0, [], [evidence.key]], out);
  const [paid, reported] = report.decisions;
  assert.deepEqual([paid?.decision, paid?.route, paid?.partner], ['allowed', 'payments', 'acme']);
  // What the killed one had not told yet is lost, and said to be.
  assert.ok(paid !== undefined && paid.count >= 12 && paid.count <= 24, String(paid?.count));
  assert.deepEqual([reported?.decision, reported?.route, reported?.count], ['denied', 'reports', 1]);
  assert.equal(report.decisions.length, 2);
  assert.deepEqual(
    report.gaps.map(({ reason }) => reason),
    ['worker 1 ended: SIGKILL'],
  );
  assert.equal(report.others, 1, 'beta is there, but not to be read');
  const lines = (await readFile(at('acme.jsonl'), 'utf8')).trimEnd().split('\n');
  assert.doesNotMatch(
    lines
      .filter((line) => line.includes('"gateway":'))
      .slice(1)
      .join('\n'),
    /partner\/beta/,
  );

  const changed = lines.map((line) => line.replace('\\"decision\\":\\"denied\\"', '\\"decision\\":\\"allowed\\"'));
  assert.notDeepEqual(changed, lines);
  await writeFile(at('changed.jsonl'), changed.join('\n'));
  const lied = await verified('changed.jsonl');
  assert.equal(lied.status, 1);
  assert.deepEqual(
    lied.report.findings.map(({ kind }) => kind),
    ['personal-changed'],
  );

  await writeFile(at('cut.jsonl'), lines.slice(0, -1).join('\n'));
  const cut = await verified('cut.jsonl');
  assert.equal(cut.status, 1);
  assert.deepEqual(cut.report.findings.map(({ kind }) => kind).toSorted(), ['truncated', 'unsigned-end']);
  assert.match(cut.out, /the file's first line/);
  assert.match(cut.out, /not signed: no checkpoint comes after them/);
});
