/** `config test` decides about partners of the registry: as the gateway heard of them last, as a given list says, and plainly where neither is there. */
import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { sha256HexOfText } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { temporaryDirectory } from '../authority/server-house.ts';
import type { Ended } from '../e2e/command.ts';
import { countersign } from '../e2e/here.ts';

const authority = 'https://ca.test:8443';

const configuration = `version: 1
listen: { port: 8443 }
credentials: { main: { certificate: cert.pem, key: key.pem } }
trust: { dev.internal: { anchors: [roots.pem] } }
registry: { authority: '${authority}', credential: main, trust: dev.internal, cache: partners.cache }
hosts: { api.test: { certificate: required, credential: main, trust: [dev.internal] } }
routes:
  - { name: payments, host: api.test, path: /payments/, allow: ['registry:*'], upstream: all }
upstreams: { all: { targets: ['http://127.0.0.1:9000'] } }
`;

const expectations = `- { as: acme, url: https://api.test/payments/1, expect: allowed }
- { as: spiffe://dev.internal/partner/acme, url: https://api.test/payments/1, expect: allowed }
- { as: beta, url: https://api.test/payments/1, expect: CS-GATEWAY-016 }
- { as: other, url: https://api.test/payments/1, expect: CS-GATEWAY-015 }
`;

const partners = [
  { name: 'acme', state: 'active', routes: ['payments'], limits: {} },
  { name: 'beta', state: 'suspended', routes: ['payments'], limits: {} },
];

test('partners of the registry are decided about as the cache or a given list says, and where there is none it is said', async (t) => {
  const dir = await temporaryDirectory(t);
  const at = (name: string): string => join(dir, name);
  await writeFile(at('gateway.yaml'), configuration);
  await writeFile(at('expect.yaml'), expectations);
  const tested = (...more: string[]): Promise<Ended> =>
    countersign(['config', 'test', at('gateway.yaml'), at('expect.yaml'), ...more, '--json']);

  const unknown = await tested();
  assert.equal(unknown.status, 1);
  const told = unknown.events.find(({ registry }) => registry !== undefined);
  assert.deepEqual(told?.['registry'], { from: at('partners.cache'), known: false, partners: 0 });
  assert.match(unknown.err, /partners of the registry are not known.*no cache at .*--registry FILE/);

  const heard = { format: 1, authority, trust: 'dev.internal', gateway: 'g'.repeat(16), version: 'v', asOfMs: 0 };
  const body = JSON.stringify({ ...heard, partners });
  await writeFile(at('partners.cache'), `${sha256HexOfText(body)}\n${body}`, { mode: 0o600 });
  const cached = await tested();
  assert.equal(cached.status, 0, cached.err);
  assert.deepEqual(cached.result['registry'], { from: at('partners.cache'), known: true, partners: 2 });
  assert.match(cached.err, /as of 1970-01-01/);
  await chmod(at('partners.cache'), 0o644);
  assert.match((await tested()).err, /an unusable cache at/);

  const lines = partners.map((one) => JSON.stringify({ event: 'partner', ...one, contacts: [] }));
  await writeFile(at('list.jsonl'), `${[...lines, '{"event":"result","count":2}'].join('\n')}\n`);
  const listed = await tested('--registry', at('list.jsonl'));
  assert.equal(listed.status, 0, listed.err);
  await writeFile(at('cut.jsonl'), `${lines.join('\n')}\n`);
  assert.equal((await tested('--registry', at('cut.jsonl'))).result['code'], 'CS-GATEWAY-066');
  assert.equal((await tested('--registry', at('missing'))).result['code'], 'CS-FILE-001');
});
