/**
 * Class F at the gateway, behind a proxy: who a proxy in front says that calls counts from that proxy alone, known by its own certificate on that very connection,
 * and only where the certificate that it shows is good. Stands for: Traefik CVE-2024-45410; OpenZiti GHSA-cc5m-7mhm-xh9f; Tyk PR #7671.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodePem, toBase64 } from '../../packages/countersign/src/ground/encoding/index.ts';
import { checkText } from '../../packages/countersign/src/traffic/gateway/index.ts';
import { hourMs, makeRoot, makeService, type Holder, type Recipe } from '../fixtures/certificates.ts';
import { answer, startResponder } from '../fixtures/ocsp-scene.ts';
import { entryFor, makeList } from '../fixtures/revocation-lists.ts';
import { called, type GatewaySettings, type Shown, startGateway } from './trusting-gateway.ts';

const now = Date.now();
const times: Recipe = { notBefore: now - hourMs, notAfter: now + 24 * hourMs };
const [root, otherRoot, stranger] = [makeRoot(times), makeRoot(times), makeRoot(times)];
const named = (name: string, from = root, over: Recipe = {}): Holder =>
  makeService(from, {
    ...times,
    names: { uri: [`spiffe://${from === otherRoot ? 'other' : 'corp'}/${name}`] },
    ...over,
  });
const [acme, beta, edge] = [named('acme'), named('beta'), named('edge')];
const shownBy = ({ certificate, key }: Holder): Shown => ({ chain: [certificate.raw], key });

const partner = (name: string, domain = 'corp', more = ''): string =>
  `name: ${name}, trust: ${domain}, who: [{ spiffeId: 'spiffe://${domain}/${name}' }]${more}`;

const proxy = (takes: string): string =>
  `, proxies: [{ who: { spiffeId: 'spiffe://corp/edge' }, trust: corp, takes: ${takes} }]`;

const list = makeList(root, {
  ...{ number: 1, thisUpdate: now - hourMs, nextUpdate: now + hourMs },
  revoked: [{ ...entryFor(beta), revocationDate: now - hourMs }],
}).raw;

function settings(
  takes = 'rfc9440',
  over: Partial<GatewaySettings> & { readonly means?: string } = {},
): GatewaySettings {
  const { means = 'crl: [corp.crl]' } = over;
  return {
    files: { 'roots.pem': [root.certificate], 'other.pem': [otherRoot.certificate], 'corp.crl': list },
    trust: `{ corp: { anchors: [roots.pem], revocation: { ${means} } }, other: { anchors: [other.pem] } }`,
    partners: [partner('acme'), partner('beta'), partner('edge'), partner('far', 'other')],
    hostTrust: ['corp', 'other'],
    hostMore: proxy(takes),
    routeMore: ', forwarded: allowed',
    ...over,
  };
}

const clientCert = ({ certificate }: Holder): Record<string, string> => ({
  'client-cert': `:${toBase64(certificate.raw)}:`,
});
const xfcc = ({ certificate }: Holder): Record<string, string> => ({
  'x-forwarded-client-cert': `Cert="${encodeURIComponent(encodePem('CERTIFICATE', certificate.raw))}"`,
});

test('the proxy of the host names its callers, where the route says that this is enough; the log says through whom', async (t) => {
  const { port, records, reload } = await startGateway(t, settings());
  const at = (path: string, sent: Record<string, string>): Promise<string> => called(port, path, shownBy(edge), sent);
  assert.match(await at('/acme/identity', clientCert(acme)), /URI=spiffe:\/\/corp\/acme/);
  const [record] = records;
  assert.deepEqual(
    [record?.peer, record?.via, record?.partner, record?.decision],
    ['spiffe://corp/acme', 'spiffe://corp/edge', 'acme', 'allowed'],
  );
  assert.equal(await at('/plain/', clientCert(acme)), 'CS-GATEWAY-081', 'not typed out');
  assert.equal(await at('/edge/', clientCert(acme)), 'CS-GATEWAY-015', "the proxy's own rights are not the caller's");
  assert.equal(await at('/edge/', {}), 'CS-GATEWAY-014', 'nor where it says that there is none');
  assert.equal(await at('/acme/', xfcc(acme)), 'CS-GATEWAY-014', 'another form than that of the proxy is none');
  assert.deepEqual(await reload(settings('xfcc')), []);
  assert.equal(await at('/acme/', xfcc(acme)), 'served');
  assert.equal(await at('/acme/', clientCert(acme)), 'CS-GATEWAY-014');
  const suspended = [partner('acme', 'corp', ', state: suspended'), partner('beta'), partner('edge')];
  assert.deepEqual(await reload(settings('xfcc', { partners: suspended })), []);
  assert.equal(await at('/acme/', xfcc(acme)), 'CS-GATEWAY-016');
});

test('nobody else does, and a certificate that is shown counts as if its owner had come', async (t) => {
  const { port, records } = await startGateway(t, settings());
  for (const headers of [clientCert, xfcc]) {
    assert.equal(await called(port, '/acme/', shownBy(named('far', otherRoot)), headers(acme)), 'CS-GATEWAY-015');
    // The same name of another trust domain, and a partner.
    assert.equal(await called(port, '/acme/', shownBy(named('edge', otherRoot)), headers(acme)), 'CS-GATEWAY-015');
    const own = await called(port, '/acme/identity', shownBy(acme), headers(named('edge')));
    assert.match(own, /URI=spiffe:\/\/corp\/acme/);
    assert.doesNotMatch(own, /edge/);
  }
  assert.ok(records.every(({ via }) => via === undefined));
  const expired = named('acme', root, { notBefore: now - 2 * hourMs, notAfter: now - hourMs });
  const bad: readonly (readonly [what: string, path: string, shown: Holder])[] = [
    ['revoked', '/beta/', beta],
    ['expired', '/acme/', expired],
    ['of another authority', '/acme/', named('acme', stranger)],
  ];
  for (const [what, path, shown] of bad)
    assert.equal(await called(port, path, shownBy(edge), clientCert(shown)), 'CS-GATEWAY-052', what);
  for (const value of ['', '::', ':AAAA:', `:${toBase64(acme.certificate.raw)}`, 'acme'])
    assert.match(
      await called(port, '/acme/', shownBy(edge), { 'client-cert': value }),
      /^CS-GATEWAY-05[02]$/,
      JSON.stringify(value),
    );
});

test('what a responder says of the caller is waited for, as in a handshake', async (t) => {
  const responder = await startResponder();
  t.after(() => responder.close());
  const common = { signer: root, certificateIssuer: root, certificates: [], thisUpdate: now - 60_000 };
  const status = { status: 'revoked', revocationTime: now - hourMs } as const;
  const all = [acme, beta, edge];
  responder.says(({ serial }) => {
    const of = all.find(({ certificate }) => certificate.serialNumber === serial);
    if (of === undefined) return new Uint8Array([0x30, 0]);
    return answer({ of, ...common, ...(of === beta && { status }) });
  });
  const means = `ocsp: '${responder.url}', allowPrivateSources: true`;
  const { port } = await startGateway(t, settings('rfc9440', { means }));
  assert.equal(await called(port, '/acme/', shownBy(edge), clientCert(acme)), 'served');
  assert.equal(await called(port, '/beta/', shownBy(edge), clientCert(beta)), 'CS-GATEWAY-052');
});

test('what can not be meant is refused by its line', async () => {
  const text = (host: string, route: string): string => `version: 1
listen: { port: 0 }
credentials: { main: { folder: . } }
trust: { corp: { anchors: [a.pem] } }
partners: [{ name: acme, trust: corp, who: [{ spiffeId: 'spiffe://corp/acme' }] }]
hosts:
  api.test: { certificate: required, credential: main, trust: [corp]${host} }
routes:
  - { name: all, host: api.test, path: /, allow: [acme], upstream: plain${route} }
upstreams: { plain: { targets: ['http://127.0.0.1:1'] } }
`;
  const told = async (host: string, route = ''): Promise<unknown> => {
    const checked = await checkText(text(host, route));
    return 'problems' in checked ? checked.problems.map(({ code, evidence }) => [code, evidence['setting']]) : [];
  };
  const who = "who: { spiffeId: 'spiffe://corp/edge' }";
  assert.deepEqual(await told(proxy('xfcc'), ', forwarded: allowed'), []);
  assert.deepEqual(await told('', ', forwarded: allowed'), [['CS-GATEWAY-003', 'routes[0].forwarded']]);
  assert.deepEqual(await told(proxy('signed')), [['CS-GATEWAY-003', 'hosts.api.test.proxies[0]']]);
  assert.deepEqual(await told(`, proxies: [{ ${who}, trust: other, takes: xfcc }]`), [
    ['CS-GATEWAY-004', 'hosts.api.test.proxies[0].trust'],
  ]);
  assert.deepEqual(await told(', proxies: [{ who: {}, trust: corp, takes: xfcc }]'), [
    ['CS-GATEWAY-003', 'hosts.api.test.proxies[0].who'],
  ]);
});
