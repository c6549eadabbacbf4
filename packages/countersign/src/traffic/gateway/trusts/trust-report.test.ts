import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { hourMs, makeRoot } from '../../../../../../tests/fixtures/certificates.ts';
import { makeList } from '../../../../../../tests/fixtures/revocation-lists.ts';
import { exposition, Metrics } from '../../../runtime/telemetry/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import { openAdmin } from '../operating/admin-listener.ts';
import { viewOf } from '../operating/admin-view.ts';
import { configurationAt } from '../../../../../../tests/fixtures/gateway/configurations.ts';
import { openGateway } from '../../../../../../tests/fixtures/gateway/open-gateway.ts';
import { pemOfAll } from '../../../../../../tests/fixtures/presented.ts';

const now = Date.now();
const root = makeRoot({ notBefore: now - hourMs, notAfter: now + hourMs });
const authority = new TestAuthority();

const text = (port: number): string => `version: 1
listen: { port: 0 }
credentials: { main: { folder: . } }
trust:
  corp: { anchors: [corp.pem], revocation: { crl: [corp.crl, 'http://127.0.0.1:${port}/none.crl'] } }
  soft: { anchors: [soft.pem], revocation: { ocsp: named, undetermined: let-in } }
  plain.test: { anchors: [roots.pem] }
hosts: { api.test: { certificate: required, credential: main, trust: [corp, soft, plain.test] } }
`;

test('the operator sees by which means revocation reaches the gateway, what is stale, and the worst that may come of it', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'gateway-'));
  t.after(() => rm(folder, { recursive: true }));
  const { chain, privateKey } = authority.issue('gateway');
  const soft = makeRoot({ notBefore: now - hourMs, notAfter: now + hourMs, subject: 'soft' });
  const list = makeList(root, { thisUpdate: now - hourMs, nextUpdate: now + hourMs });
  const files: Readonly<Record<string, string | Uint8Array>> = {
    'corp.pem': pemOfAll([root.certificate.raw]),
    'soft.pem': pemOfAll([soft.certificate.raw]),
    'roots.pem': pemOfAll([authority.root.raw]),
    'cert.pem': pemOfAll(chain),
    'corp.crl': list.raw,
    'gateway.yaml': text(9),
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  await writeFile(join(folder, 'key.pem'), privateKey.toPem(), { mode: 0o600 });
  const { gateway } = await openGateway(t, await configurationAt(join(folder, 'gateway.yaml')));
  const metrics = new Metrics();
  gateway.observe(metrics);
  const socket = join(folder, 'admin.sock');
  const admin = await openAdmin({ socket }, viewOf(gateway, metrics));
  t.after(() => admin.close());
  const { trust } = JSON.parse(await got(socket, '/status')) as { trust: Record<string, unknown>[] };
  assert.deepEqual(
    trust.map(({ trustDomain, means, undetermined, stale, worstSeconds }) => [
      ...[trustDomain, means, undetermined, stale, worstSeconds],
    ]),
    [
      ['corp', ['crl'], 'refuse', ['http://127.0.0.1:9/none.crl'], 7_200],
      ['soft', ['ocsp'], 'letInUnlessKnownRevoked', [], undefined],
      ['plain.test', [], undefined, [], undefined],
    ],
  );
  const { text: told } = exposition(await metrics.read(), undefined);
  for (const line of [
    'countersign_gateway_revocation_known{trust_domain="corp",means="crl"} 0',
    'countersign_gateway_revocation_known{trust_domain="soft",means="ocsp"} 1',
    'countersign_gateway_revocation_worst_seconds{trust_domain="corp"} 7200',
    'countersign_gateway_revocation_worst_seconds{trust_domain="plain.test"} +Inf',
  ])
    assert.ok(told.includes(`${line}\n`), `${line} in ${told}`);
});

function got(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath, path }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      answer.once('end', () => resolve(text));
    });
    asking.once('error', reject).end();
  });
}
