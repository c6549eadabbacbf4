/**
 * Class C. A caller whom a proxy in front names goes with its own certificate, though the proxy's connection stays: requests under way, uploads, streams of
 * HTTP/2, WebSockets; the others behind the same proxy stay. Stands for: OpenZiti #2631 and #3927, still connected after the revocation.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { toCredential } from '../../packages/countersign/src/traffic/enrollment/index.ts';
import { startHouse } from '../authority/server-house.ts';
import { hourMs, makeRoot, makeService, type Holder, type Recipe } from '../fixtures/certificates.ts';
import { allOf, behind, clientCert, leftOf, session } from './behind-a-proxy.ts';
import { called, type GatewaySettings, type Shown, startGateway, type TrustingGateway } from './trusting-gateway.ts';

const now = Date.now();
const times: Recipe = { notBefore: now - hourMs, notAfter: now + 24 * hourMs };
const [root, otherRoot] = [makeRoot(times), makeRoot(times)];
const named = (domain: string, name: string): Holder =>
  makeService(domain === 'corp' ? root : otherRoot, { ...times, names: { uri: [`spiffe://${domain}/${name}`] } });
const shownBy = ({ certificate, key }: Holder): Shown => ({ chain: [certificate.raw], key });
const partner = (domain: string, name: string, more = ''): string =>
  `name: ${name}, trust: ${domain}, who: [{ spiffeId: 'spiffe://${domain}/${name}' }]${more}`;

const told = ({ records }: TrustingGateway, partnerName: string): readonly unknown[] =>
  records.filter(({ partner: of }) => of === partnerName).map(({ code, via }) => [code, via]);

test('whom its authority revokes, by certificate or by name; it is counted, and the proxy is not closed', async (t) => {
  const house = await startHouse(t);
  const [held, edge, acme, beta] = await Promise.all(
    ['gateway', 'edge', 'acme', 'beta'].map(async (name) => {
      const got = await house.service(name);
      return { got, as: { chain: toCredential(got).chain, key: got.privateKey } };
    }),
  );
  assert.ok(held && edge && acme && beta);
  const gateway = await startGateway(
    t,
    {
      files: { 'roots.pem': held.got.roots },
      trust: `{ dev.internal: { anchors: [roots.pem], feed: { socket: ${join(house.dir, 'authority.sock')} } } }`,
      partners: [partner('dev.internal', 'acme'), partner('dev.internal', 'beta')],
      hostTrust: ['dev.internal'],
      ...behind('dev.internal'),
    },
    held.as,
  );
  const over = await session(t, gateway.port, edge.as);
  const going = await allOf(gateway, over, edge.as, { name: 'acme', as: acme.as });
  const staying = await allOf(gateway, over, edge.as, { name: 'beta', as: beta.as });
  const left = leftOf(staying);
  const revoked = await house.local.revoke({ serial: acme.got.leaf.serialNumber });
  assert.deepEqual([revoked.enforced, revoked.closed], [1, 4], 'before the authority has answered');
  await Promise.all(going.map(({ ended }) => ended));
  assert.equal(await called(gateway.port, '/acme/', edge.as, clientCert(acme.as)), 'CS-GATEWAY-052');
  assert.equal(left(), 4);
  assert.deepEqual([gateway.closed, over.closed], [[], false]);
  const byName = await house.local.revoke({ identity: 'beta' });
  assert.equal(byName.closed, 4);
  await Promise.all(staying.map(({ ended }) => ended));
  assert.deepEqual(told(gateway, 'acme'), Array(4).fill(['CS-GATEWAY-052', 'spiffe://dev.internal/edge']));
  assert.equal(gateway.gateway.trusts.closedByCode.get('CS-PEER-008'), 8);
  assert.equal(gateway.gateway.underWay, 0);
});

test('whose authority is taken out, and who is suspended', async (t) => {
  const [edge, acme, beta] = [
    shownBy(named('corp', 'edge')),
    shownBy(named('other', 'acme')),
    shownBy(named('other', 'beta')),
  ];
  const settings = (anchors: readonly Holder[], more = ''): GatewaySettings => ({
    files: { 'roots.pem': [root.certificate], 'other.pem': anchors.map(({ certificate }) => certificate) },
    trust: '{ corp: { anchors: [roots.pem] }, other: { anchors: [other.pem] } }',
    partners: [partner('other', 'acme', more), partner('other', 'beta')],
    hostTrust: ['corp', 'other'],
    ...behind('corp'),
  });
  const gateway = await startGateway(t, settings([otherRoot]));
  const over = await session(t, gateway.port, edge);
  const suspended = await allOf(gateway, over, edge, { name: 'acme', as: acme });
  const going = await allOf(gateway, over, edge, { name: 'beta', as: beta });
  const left = leftOf(going);
  assert.deepEqual(await gateway.reload(settings([otherRoot], ', state: suspended')), []);
  await Promise.all(suspended.map(({ ended }) => ended));
  assert.equal(left(), 4);
  assert.deepEqual(told(gateway, 'acme'), Array(4).fill(['CS-GATEWAY-016', 'spiffe://corp/edge']));
  assert.deepEqual(await gateway.reload(settings([makeRoot(times)])), []);
  await Promise.all(going.map(({ ended }) => ended));
  assert.deepEqual(told(gateway, 'beta'), Array(4).fill(['CS-GATEWAY-052', 'spiffe://corp/edge']));
  assert.equal(over.closed, false);
});
