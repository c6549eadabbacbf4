/**
 * Class C. A caller of the gateway who is revoked is not let in, and whoever is in goes, requests under way and all: by a list that is exchanged, by an OCSP
 * responder, by the authority's feed; and where none of them can be had, nobody is let in. Stands for: Vault CVE-2021-29653; nginx CVE-2026-28755.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { toCredential } from '../../packages/countersign/src/traffic/enrollment/index.ts';
import { startHouse } from '../authority/server-house.ts';
import { hourMs, makeRoot, makeService, type Holder, type Recipe } from '../fixtures/certificates.ts';
import { answer, startResponder, type TestResponder } from '../fixtures/ocsp-scene.ts';
import { entryFor, makeList } from '../fixtures/revocation-lists.ts';
import {
  called,
  exchange,
  type GatewaySettings,
  type Shown,
  startGateway,
  streaming,
  streamingOverHttp2,
  upgraded,
} from './trusting-gateway.ts';

const now = Date.now();
const times: Recipe = { notBefore: now - hourMs, notAfter: now + 24 * hourMs };
const root = makeRoot(times);
const corporate = (name: string): Holder => makeService(root, { ...times, names: { dns: [`${name}.example`] } });
const [acme, beta] = [corporate('acme'), corporate('beta')];
const shownBy = ({ certificate, key }: Holder): Shown => ({ chain: [certificate.raw], key });

const partner = (name: string): string => `name: ${name}, trust: corp, who: [{ dnsName: ${name}.example }]`;

function settings(revocation: string, files: GatewaySettings['files'] = {}): GatewaySettings {
  return {
    files: { 'roots.pem': [root.certificate], ...files },
    trust: `{ corp: { anchors: [roots.pem]${revocation === '' ? '' : `, revocation: { ${revocation} }`} } }`,
    partners: [partner('acme'), partner('beta')],
    hostTrust: ['corp'],
  };
}

const list = (number: number, ...gone: readonly Holder[]): Uint8Array =>
  makeList(root, {
    ...{ number, thisUpdate: now - hourMs + number, nextUpdate: now + hourMs },
    revoked: gone.map((one) => ({ ...entryFor(one), revocationDate: now - hourMs })),
  }).raw;

// Side by side: a file of lists is looked at every few seconds.
describe('at the gateway', { concurrency: true }, () => {
  test('without a word about revocation whoever is revoked is let in: the hole is there', async (t) => {
    const { port } = await startGateway(t, settings(''));
    assert.equal(await called(port, '/acme/', shownBy(acme)), 'served');
  });

  test('a list that is exchanged ends what is under way, and nobody on it comes in; the others stay', async (t) => {
    const gateway = await startGateway(t, settings('crl: [corp.crl]', { 'corp.crl': list(1) }));
    const [going, staying] = await Promise.all(
      [acme, beta].map((one, at) => streaming(gateway.port, `/${at === 0 ? 'acme' : 'beta'}/stream`, shownBy(one))),
    );
    let left = false;
    void staying?.ended.then(() => (left = true));
    await exchange(join(gateway.folder, 'corp.crl'), list(2, acme));
    assert.equal(await going?.ended, false);
    assert.deepEqual(
      gateway.closed.map(({ code }) => code),
      ['CS-PEER-008'],
    );
    assert.equal(await called(gateway.port, '/acme/', shownBy(acme)), 'CS-PEER-008');
    assert.equal(await called(gateway.port, '/beta/', shownBy(beta)), 'served');
    assert.equal(left, false);
  });

  test('a stream of HTTP/2 and a WebSocket end as well, and those of the others stay', async (t) => {
    const gateway = await startGateway(t, settings('crl: [corp.crl]', { 'corp.crl': list(1) }));
    const { port } = gateway;
    const going = [
      await streamingOverHttp2(port, '/acme/stream', shownBy(acme)),
      await upgraded(port, '/acme/socket', shownBy(acme)),
    ];
    const staying = [
      await streamingOverHttp2(port, '/beta/stream', shownBy(beta)),
      await upgraded(port, '/beta/socket', shownBy(beta)),
    ];
    let left = 0;
    for (const { ended } of staying) void ended.then(() => (left += 1));
    await exchange(join(gateway.folder, 'corp.crl'), list(2, acme));
    await Promise.all(going.map(({ ended }) => ended));
    assert.deepEqual(
      gateway.closed.map(({ code }) => code),
      ['CS-PEER-008', 'CS-PEER-008'],
    );
    assert.equal(await called(port, '/beta/', shownBy(beta)), 'served');
    assert.equal(left, 0);
  });

  async function responder(t: TestContext): Promise<TestResponder> {
    const started = await startResponder();
    t.after(() => started.close());
    return started;
  }

  test('a responder says who is revoked before the first request; of whom it says nothing nobody is let in', async (t) => {
    const { url, says } = await responder(t);
    const common = { signer: root, certificateIssuer: root, certificates: [], thisUpdate: now - 60_000 };
    const status = { status: 'revoked', revocationTime: now - hourMs } as const;
    says(({ serial }) => {
      if (serial === acme.certificate.serialNumber) return answer({ of: acme, status, ...common });
      return serial === beta.certificate.serialNumber ? answer({ of: beta, ...common }) : new Uint8Array([0x30, 0]);
    });
    const means = `ocsp: '${url}', allowPrivateSources: true`;
    const gateway = await startGateway(t, settings(means));
    assert.equal(await called(gateway.port, '/acme/', shownBy(acme)), 'CS-PEER-008');
    assert.equal(await called(gateway.port, '/beta/', shownBy(beta)), 'served');
    const other = makeService(root, { ...times, names: { dns: ['acme.example'] } });
    assert.equal(await called(gateway.port, '/acme/', shownBy(other)), 'CS-PEER-021');
    // Softness is typed out, and lets in nobody who is known to be revoked.
    assert.deepEqual(await gateway.reload(settings(`${means}, undetermined: let-in`)), []);
    assert.equal(await called(gateway.port, '/acme/', shownBy(other)), 'served');
    assert.equal(await called(gateway.port, '/acme/', shownBy(acme)), 'CS-PEER-008');
    assert.deepEqual(await gateway.reload(settings(means)), []);
    assert.equal(await called(gateway.port, '/acme/', shownBy(other)), 'CS-PEER-021');
  });

  test('a list in a new configuration ends who is on it, one that is none refuses the configuration, and what is unchanged lives on', async (t) => {
    const gateway = await startGateway(t, settings(''));
    const going = await streaming(gateway.port, '/acme/stream', shownBy(acme));
    const staying = await streaming(gateway.port, '/beta/stream', shownBy(beta));
    let left = false;
    void staying.ended.then(() => (left = true));
    for (const content of [new Uint8Array(), Buffer.from('no list')]) {
      const problems = await gateway.reload(settings('crl: [corp.crl]', { 'corp.crl': content }));
      assert.deepEqual(
        problems.map(({ code, evidence }) => [code, evidence['setting']]),
        [['CS-GATEWAY-009', 'trust.corp.revocation.crl[0]']],
      );
    }
    const good = settings('crl: [corp.crl]', { 'corp.crl': list(3, acme) });
    assert.deepEqual(await gateway.reload(good), []);
    assert.equal(await going.ended, false);
    assert.deepEqual(
      gateway.closed.map(({ code }) => code),
      ['CS-PEER-008'],
    );
    const [means] = gateway.gateway.trusts.means;
    assert.deepEqual(
      await gateway.reload({ ...good, partners: [partner('acme'), partner('beta'), partner('gamma')] }),
      [],
    );
    assert.equal(gateway.gateway.trusts.means[0], means);
    assert.equal(left, false);
  });

  test("the authority's revocation counts the gateway among who enforces it, and ends what is under way before it is told so", async (t) => {
    const house = await startHouse(t);
    const names = ['gateway', 'acme', 'beta', 'gamma'] as const;
    const [held, ...callers] = await Promise.all(names.map((name) => house.service(name)));
    assert.ok(held);
    const shown = callers.map((one): Shown => ({ chain: toCredential(one).chain, key: one.privateKey }));
    const own = { chain: toCredential(held).chain, key: held.privateKey };
    const partners = names
      .slice(1)
      .map((name) => `name: ${name}, trust: dev.internal, who: [{ spiffeId: spiffe://dev.internal/${name} }]`);
    const way = {
      socket: `socket: ${join(house.dir, 'authority.sock')}`,
      url: `url: ${house.server.url}, credential: main`,
    };
    const trusting = (feed: string): GatewaySettings => ({
      ...{ files: { 'roots.pem': held.roots }, partners, hostTrust: ['dev.internal'] },
      trust: `{ dev.internal: { anchors: [roots.pem], feed: { ${feed} } } }`,
    });
    const gateways = [await startGateway(t, trusting(way.socket), own), await startGateway(t, trusting(way.url), own)];
    const streams = await Promise.all(
      gateways.flatMap(({ port }) =>
        shown.slice(0, 2).map((one, at) => streaming(port, `/${names[at + 1] ?? ''}/stream`, one)),
      ),
    );
    const revoked = await house.local.revoke({ serial: callers[0]?.leaf.serialNumber ?? '' });
    assert.deepEqual([revoked.enforced, revoked.of], [2, 2]);
    await Promise.all([streams[0]?.ended, streams[2]?.ended]);
    // By identity, so that a new certificate changes nothing.
    await house.local.revoke({ identity: 'beta' });
    await Promise.all(streams.map(({ ended }) => ended));
    for (const { port, closed } of gateways) {
      assert.deepEqual(new Set(closed.map(({ code }) => code)), new Set(['CS-PEER-008']));
      const said = shown.map((one, at) => called(port, `/${names[at + 1] ?? ''}/`, one));
      assert.deepEqual(await Promise.all(said), ['CS-PEER-008', 'CS-PEER-008', 'served']);
    }
    const { endpoints } = await house.local.status();
    assert.equal(endpoints?.leased, 2);
    for (const { gateway } of gateways) await gateway.close({ graceMs: 0 });
    assert.equal((await house.local.status()).endpoints?.leased, 0);
  });

  test('an authority that was never heard lets nobody in', async (t) => {
    const house = await startHouse(t);
    const [held, caller] = await Promise.all([house.service('gateway'), house.service('acme')]);
    await house.stop();
    const loaded = {
      ...{ files: { 'roots.pem': held.roots }, hostTrust: ['dev.internal'] },
      partners: ['name: acme, trust: dev.internal, who: [{ spiffeId: spiffe://dev.internal/acme }]'],
      trust: `{ dev.internal: { anchors: [roots.pem], feed: { socket: ${join(house.dir, 'authority.sock')} } } }`,
    };
    const { port } = await startGateway(t, loaded, undefined, 100);
    const shown = { chain: toCredential(caller).chain, key: caller.privateKey };
    assert.equal(await called(port, '/acme/', shown), 'CS-PEER-010');
  });
});
