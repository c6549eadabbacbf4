/** Class F: the one endpoint that completes handshakes with refused certificates says why, and gives nobody anything else. */
import assert from 'node:assert/strict';
import { request as httpsRequest } from 'node:https';
import { test, type TestContext } from 'node:test';
import { connect } from 'node:tls';

import { systemClock as clock } from '../../packages/countersign/src/ground/clock/index.ts';
import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import { spiffeIdPattern } from '../../packages/countersign/src/identity/authorization/index.ts';
import { PartnerSet, readPartner } from '../../packages/countersign/src/identity/partners/index.ts';
import { withoutRevocation } from '../../packages/countersign/src/identity/revocation/index.ts';
import { BundleSet } from '../../packages/countersign/src/identity/spiffe/index.ts';
import { extendedKeyUsages } from '../../packages/countersign/src/identity/x509/index.ts';
import { type Credential, fixedSource, Trust } from '../../packages/countersign/src/runtime/tls/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { checkPath, createCheckServer } from '../../packages/countersign/src/traffic/check/index.ts';

const authority = new TestAuthority();
const root = encodePem('CERTIFICATE', authority.root.raw);
const partner = (name: string, state: string): unknown => ({
  ...{ name, state },
  who: { trustDomain: 'test.internal', spiffeId: `spiffe://test.internal/partner/${name}` },
});
const partners = new PartnerSet([partner('acme', 'active'), partner('beta', 'suspended')].map(readPartner));

async function started(t: TestContext, bundles = authority.bundles()): Promise<number> {
  const trust = new Trust({
    bundles: fixedSource(bundles),
    revocations: fixedSource(withoutRevocation),
    clock,
  });
  const credentials = fixedSource(authority.issue('gateway'));
  const server = createCheckServer(spiffeIdPattern('spiffe://test.internal/partner/*'), {
    ...{ trust, credentials, clock, partners: () => partners },
  });
  t.after(async () => {
    await server.close({ graceMs: 0 });
    trust.close();
  });
  return (await server.listen({ host: '127.0.0.1', port: 0 })).port;
}

interface Asked {
  readonly as?: Credential | undefined;
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const pems = ({ chain, privateKey }: Credential): { cert: string; key: string } => ({
  cert: chain.map((der) => encodePem('CERTIFICATE', der)).join(''),
  key: privateKey.toPem(),
});

function ask(
  port: number,
  { as, path = checkPath, method = 'GET', headers = {} }: Asked,
): Promise<[number, Record<string, unknown>]> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      {
        ...{
          host: '127.0.0.1',
          port,
          path,
          method,
          ca: root,
          headers: { host: 'gateway.internal', ...headers },
          servername: 'gateway.internal',
          agent: false,
        },
        ...(as === undefined ? {} : pems(as)),
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (text += part));
        response.on('end', () =>
          resolve([response.statusCode ?? 0, text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)]),
        );
      },
    );
    request.on('error', reject);
    request.end();
  });
}

test('each refused certificate is told its own reason, and a good one its partner', async (t) => {
  const port = await started(t);
  const { serverAuth } = extendedKeyUsages;
  const named = (code: string, as: Credential | undefined) => [code, as] as const;
  const refused = [
    named('CS-PEER-001', undefined),
    named('CS-PEER-002', new TestAuthority().issue('partner/acme')),
    named('CS-PEER-003', authority.issue('partner/acme', { notBeforeMs: -7_200_000, notAfterMs: -60_000 })),
    named('CS-PEER-012', authority.issue('partner/acme', { usages: [serverAuth] })),
    named('CS-PEER-007', authority.issue('orders')),
    named('CS-PARTNER-006', authority.issue('partner/beta')),
  ];
  for (const [code, as] of refused) {
    const [status, verdict] = await ask(port, { as });
    assert.equal(status, 200, code);
    assert.deepEqual([verdict['accepted'], verdict['code']], [false, code], JSON.stringify(verdict));
    assert.deepEqual(Object.keys(verdict).sort(), ['accepted', 'because', 'code', 'evidence', 'remedy']);
    assert.ok(!JSON.stringify(verdict['evidence']).includes('not read'), `${code} names what it was about`);
  }
  const [, good] = await ask(port, { as: authority.issue('partner/acme') });
  assert.deepEqual([good['accepted'], good['partner']], [true, 'acme']);
});

test('the reason is that of the certificate where its intermediate is known from its chain alone', async (t) => {
  const rootAlone = new BundleSet(authority.trustDomain, [{ ...authority.bundle(), intermediates: [] }]);
  const port = await started(t, rootAlone);
  const expired = authority.issue('partner/acme', { notBeforeMs: -7_200_000, notAfterMs: -60_000 });
  const [, verdict] = await ask(port, { as: expired });
  assert.equal(verdict['code'], 'CS-PEER-003', JSON.stringify(verdict));
  const [, good] = await ask(port, { as: authority.issue('partner/acme') });
  assert.equal(good['accepted'], true, JSON.stringify(good));
});

test('whatever else is asked for is not there, with whatever certificate and header', async (t) => {
  const port = await started(t);
  for (const as of [undefined, new TestAuthority().issue('partner/acme'), authority.issue('partner/acme')]) {
    for (const path of [
      '/',
      '/payments',
      `${checkPath}/`,
      `${checkPath}?x`,
      '/.well-known/../payments',
      `/%2e${checkPath}`,
    ]) {
      const [status, verdict] = await ask(port, {
        as,
        path,
        headers: { 'X-Forwarded-Client-Cert': 'By=x', 'Client-Cert': ':AA==:' },
      });
      assert.deepEqual([status, verdict['code']], [404, 'CS-ACCESS-004'], path);
    }
  }
  assert.equal((await ask(port, { method: 'POST' }))[0], 405);
});

test('a connection is good for one answer, and is never switched to another protocol', async (t) => {
  const port = await started(t);
  const lines = (first: string): string => `${first} HTTP/1.1\r\nHost: gateway.internal\r\n`;
  const upgrade = `${lines(`GET ${checkPath}`)}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;
  const twice = `${lines(`GET ${checkPath}`)}\r\n`.repeat(2);
  for (const sent of [upgrade, twice, `${lines('CONNECT upstream:443')}\r\n`]) {
    const text = await new Promise<string>((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, ca: root, servername: 'gateway.internal' }, () =>
        socket.write(sent),
      );
      let got = '';
      socket.on('data', (part: Buffer) => (got += part.toString()));
      socket.on('error', reject);
      socket.on('close', () => resolve(got));
    });
    assert.ok(!text.includes(' 101 '), text);
    assert.ok(text.split('HTTP/1.1 ').length <= 2, text);
  }
});

test('one address has a few certificates checked, and no more for a while', async (t) => {
  const port = await started(t);
  const codes: unknown[] = [];
  for (let count = 0; count < 21; count += 1) codes.push((await ask(port, {}))[1]['code']);
  assert.deepEqual([...new Set(codes)], ['CS-PEER-001', 'CS-PARTNER-010']);
});
