/**
 * Class E. At a host that trusts several authorities none of them names a customer of another: by DNS name, subject, URI or key, in either order of the
 * trust domains, with a certificate by which one vouches for the other among what is presented.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeName } from '../../packages/countersign/src/identity/x509/index.ts';
import { generatePrivateKey, sha256Hex } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { type Holder, hourMs, makeIssuer, makeRoot, makeService, type Recipe } from '../fixtures/certificates.ts';
import { called, type GatewaySettings, type Shown, startGateway } from './trusting-gateway.ts';

const now = Date.now();
const times: Recipe = { notBefore: now - hourMs, notAfter: now + 24 * hourMs };
const corp = makeRoot({ ...times, subject: 'Corporate Root' });
const qwac = makeRoot({ ...times, subject: 'Qualified Root' });
const pinned = generatePrivateKey('P-256');
const pin = sha256Hex(pinned.publicKey.raw);

const shownBy = ({ certificate, key }: Holder, ...more: readonly Holder[]): Shown => ({
  chain: [certificate.raw, ...more.map((one) => one.certificate.raw)],
  key,
});
const by = (root: Holder, recipe: Recipe): Shown => shownBy(makeService(root, { ...times, ...recipe }));
const dns = (root: Holder, name: string): Shown => by(root, { names: { dns: [name] } });
const uri = 'https://dora.example/';

function settings(hostTrust: readonly string[], files: GatewaySettings['files'] = {}, trust?: string): GatewaySettings {
  return {
    files: { 'corp.pem': [corp.certificate], 'qwac.pem': [qwac.certificate], ...files },
    trust: trust ?? '{ corp: { anchors: [corp.pem] }, qwac: { anchors: [qwac.pem] } }',
    partners: [
      'name: acme, trust: corp, who: [{ dnsName: acme.example }]',
      'name: beta, trust: qwac, who: [{ dnsName: beta.example }]',
      'name: cora, trust: qwac, who: [{ subject: CN=cora }]',
      `name: dora, trust: qwac, who: [{ uri: '${uri}' }]`,
      `name: edna, trust: qwac, who: [{ spkiPin: ${pin} }]`,
      'name: fred, trust: corp, who: [{ spiffeId: spiffe://corp/fred }]',
    ],
    hostTrust,
  };
}

for (const hostTrust of [
  ['corp', 'qwac'],
  ['qwac', 'corp'],
])
  test(`each is let in by the own authority alone: ${hostTrust.join(' before ')}`, async (t) => {
    const { port, records } = await startGateway(t, settings(hostTrust));
    const subject = { subject: encodeName({ commonName: 'cora' }), names: { dns: ['other.example'] } };
    const addressed = { names: { uri: [uri] } };
    const keyed = { key: pinned, names: { dns: ['any.example'] } };
    const outcomes = async (path: string, right: Shown, wrong: Shown): Promise<readonly string[]> => [
      await called(port, path, right),
      await called(port, path, wrong),
    ];
    const denied = ['served', 'CS-GATEWAY-015'];
    assert.deepEqual(await outcomes('/acme/', dns(corp, 'acme.example'), dns(qwac, 'acme.example')), denied);
    assert.deepEqual(await outcomes('/beta/', dns(qwac, 'beta.example'), dns(corp, 'beta.example')), denied);
    assert.deepEqual(await outcomes('/cora/', by(qwac, subject), by(corp, subject)), denied);
    assert.deepEqual(await outcomes('/dora/', by(qwac, addressed), by(corp, addressed)), denied);
    assert.deepEqual(await outcomes('/edna/', by(qwac, keyed), by(corp, keyed)), denied);
    assert.equal(records.filter(({ decision, partner }) => decision === 'denied' && partner !== undefined).length, 0);
    // A SPIFFE ID names its trust domain, and nobody but that one's authority is believed about it.
    const id = { names: { uri: ['spiffe://corp/fred'] } };
    assert.deepEqual(await outcomes('/fred/', by(corp, id), by(qwac, id)), ['served', 'CS-PEER-002']);
    // Both names in one certificate: it is still that of the one authority's customer.
    const both = { names: { dns: ['acme.example', 'beta.example'] } };
    assert.deepEqual(await outcomes('/acme/', by(corp, both), by(qwac, both)), denied);
    assert.deepEqual(await outcomes('/beta/', by(qwac, both), by(corp, both)), denied);
  });

test('no name of a certificate that another authority than the first issued reaches the service', async (t) => {
  const { port } = await startGateway(t, settings(['corp', 'qwac']));
  const names = { names: { dns: ['beta.example', 'acme.example'] }, subject: encodeName({ commonName: 'acme' }) };
  assert.match(await called(port, '/beta/identity', by(qwac, names)), /^By=api\.test;Hash=[0-9a-f]{64}$/);
  const own = await called(port, '/acme/identity', dns(corp, 'acme.example'));
  assert.match(own, /^By=api\.test;Hash=[0-9a-f]{64};DNS=acme\.example$/);
});

test('who can be led back to both authorities is nobody, whatever else is presented', async (t) => {
  const { port } = await startGateway(t, settings(['corp', 'qwac']));
  // The corporate authority certified the key of the other once, under its name.
  const crossed = makeIssuer(corp, { ...times, key: qwac.key, subject: qwac.certificate.subject.raw });
  const leaf = makeService(qwac, { ...times, names: { dns: ['acme.example', 'beta.example'] } });
  for (const path of ['/acme/', '/beta/'])
    assert.equal(await called(port, path, shownBy(leaf, crossed)), 'CS-PEER-014');
  assert.equal(await called(port, '/beta/', shownBy(makeService(qwac, { ...times, names: leafNames }))), 'served');
});

const leafNames = { dns: ['beta.example'] };

test('a configuration in which two trust domains have an authority in common is refused by its name', async (t) => {
  const gateway = await startGateway(t, settings(['corp', 'qwac']));
  const below = makeIssuer(corp, { ...times, subject: 'Issuer below' });
  const wrong: readonly [string, Partial<GatewaySettings['files']>, string | undefined][] = [
    ['CN=Corporate Root', { 'qwac.pem': [qwac.certificate, corp.certificate] }, undefined],
    ['CN=Issuer below', { 'qwac.pem': [below.certificate] }, undefined],
    [
      'CN=Issuer below',
      { 'below.pem': [below.certificate] },
      '{ corp: { anchors: [corp.pem] }, qwac: { anchors: [qwac.pem], intermediates: [below.pem] } }',
    ],
  ];
  for (const [certificate, files, trust] of wrong) {
    const problems = await gateway.reload(settings(['corp', 'qwac'], files as GatewaySettings['files'], trust));
    assert.deepEqual(
      problems.map(({ code, evidence }) => [code, evidence['setting'], evidence['certificate'], evidence['other']]),
      [['CS-GATEWAY-060', 'trust.qwac', certificate, 'corp']],
    );
  }
  assert.equal(await called(gateway.port, '/beta/', dns(qwac, 'beta.example')), 'served');
  assert.equal(await called(gateway.port, '/acme/', dns(corp, 'acme.example')), 'served');
});
