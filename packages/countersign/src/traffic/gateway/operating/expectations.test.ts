import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkText } from '../configuration/check-configuration.ts';
import { meetExpectations } from './expectations.ts';

const configuration = `version: 1
listen: { port: 8443 }
credentials:
  main: { certificate: cert.pem, key: key.pem }
trust:
  corp.internal: { anchors: [roots.pem] }
  other.internal: { anchors: [others.pem] }
partners:
  - { name: acme, trust: corp.internal, who: [{ spiffeId: spiffe://corp.internal/acme }] }
  - { name: beta, trust: corp.internal, who: [{ dnsName: beta.corp.internal }], state: suspended }
hosts:
  api.test: { certificate: required, credential: main, trust: [corp.internal] }
  '*.apps.test': { certificate: none, credential: main }
routes:
  - { name: payments, host: api.test, path: /payments/, methods: [GET], allow: [acme, beta, 'spiffe://corp.internal/ops/*'], upstream: all }
  - { name: pages, host: '*.apps.test', path: /, upstream: all }
upstreams:
  all: { targets: ['http://127.0.0.1:9000'] }
`;

async function found(expectations: string): Promise<readonly string[]> {
  const checked = await checkText(configuration);
  assert.ok('file' in checked, JSON.stringify(checked));
  const met = await meetExpectations(expectations, 'expectations.yaml', checked.file);
  if ('problems' in met) return met.problems.map(({ code, evidence }) => `${code} ${String(evidence['line'])}`);
  return met.unmet.map(({ evidence }) => `${String(evidence['line'])} ${String(evidence['found'])}`);
}

test('what is expected is found: partners, identities, nobody, hosts by pattern, codes', async () => {
  const good = `
- { as: acme, url: 'https://api.test/payments/1?x=1', expect: allowed }
- { as: spiffe://corp.internal/acme, url: https://api.test/payments/1, expect: allowed }
- { as: spiffe://corp.internal/ops/ann, url: https://api.test/payments/1, expect: allowed }
- { as: spiffe://corp.internal/cron, url: https://api.test/payments/1, expect: CS-GATEWAY-015 }
- { as: spiffe://other.internal/acme, url: https://api.test/payments/1, expect: CS-PEER-009 }
- { as: beta, url: https://api.test/payments/1, expect: CS-GATEWAY-016 }
- { as: nobody, url: https://api.test/payments/1, expect: CS-GATEWAY-014 }
- { as: acme, method: POST, url: https://api.test/payments/1, expect: CS-GATEWAY-013 }
- { as: acme, url: https://api.test/pay, expect: denied }
- { as: acme, url: https://api.test/payments/../admin, expect: CS-GATEWAY-010 }
- { as: nobody, url: https://wiki.apps.test/, expect: allowed }
- { as: acme, url: https://elsewhere.test/, expect: CS-GATEWAY-012 }
`;
  assert.deepEqual(await found(good), []);
});

test('what is found otherwise is told with its line, and a code is not met by another one', async () => {
  const wrong = `- { as: acme, url: https://api.test/payments/1, expect: denied }
- { as: nobody, url: https://api.test/payments/1, expect: allowed }
- { as: nobody, url: https://api.test/payments/1, expect: CS-GATEWAY-015 }
- { as: unheard, url: https://api.test/payments/1, expect: allowed }
`;
  assert.deepEqual(await found(wrong), ['1 allowed', '2 CS-GATEWAY-014', '3 CS-GATEWAY-014', '4 CS-GATEWAY-015']);
});

test('a file that says nothing, or says it wrongly, meets nothing', async () => {
  assert.deepEqual(await found(''), ['CS-GATEWAY-003 1']);
  assert.deepEqual(await found('- { as: acme, url: /payments, expect: maybe }\n'), [
    'CS-GATEWAY-003 1',
    'CS-GATEWAY-003 1',
  ]);
  assert.deepEqual(await found('- { as: acme, utl: https://api.test/, expect: allowed }\n'), [
    'CS-GATEWAY-003 1',
    'CS-GATEWAY-002 1',
  ]);
});
