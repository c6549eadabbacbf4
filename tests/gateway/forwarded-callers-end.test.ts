/**
 * What a caller whom a proxy in front names has under way ends with its own certificate by whatever means that is known: a list that comes later, a responder's
 * next answer, the certificate's end, the end of the feed's lease. Callers of another trust domain behind the same proxy go on.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { type ManualClock, manualClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { toCredential } from '../../packages/countersign/src/traffic/enrollment/index.ts';
import { startHouse } from '../authority/server-house.ts';
import { allOf, behind, clientCert, leftOf, session, type UnderWay } from '../bypass/behind-a-proxy.ts';
import { called, exchange, type Shown, startGateway, type TrustingGateway } from '../bypass/trusting-gateway.ts';
import { hourMs, makeRoot, makeService, type Holder, type Recipe } from '../fixtures/certificates.ts';
import { answer, startResponder } from '../fixtures/ocsp-scene.ts';
import { entryFor, makeList } from '../fixtures/revocation-lists.ts';

const now = Date.now();
const times: Recipe = { notBefore: now - hourMs, notAfter: now + 24 * hourMs };
const roots = { corp: makeRoot(times), other: makeRoot(times), third: makeRoot(times) };
type Domain = keyof typeof roots;

function named(domain: Domain, name: string, over: Recipe = {}): Holder {
  return makeService(roots[domain], { ...times, names: { uri: [`spiffe://${domain}/${name}`] }, ...over });
}

const shownBy = ({ certificate, key }: Holder): Shown => ({ chain: [certificate.raw], key });
const edge = shownBy(named('corp', 'edge'));
/** Of a trust domain that asks nothing about revocation. */
const gamma = shownBy(named('third', 'gamma'));

interface Asked {
  readonly clock: ManualClock;
  /** Of the trust domain whose callers end, in YAML: below its name. */
  readonly trust: string;
  /** Its name; default other. */
  readonly domain?: string;
  readonly files?: Parameters<typeof startGateway>[1]['files'];
  readonly acme: Shown;
  /** One of the same trust domain; default nobody. */
  readonly beta?: Shown;
}

interface Scene {
  readonly gateway: TrustingGateway;
  readonly going: readonly UnderWay[];
  /** By their own certificates everything of them ended, was told, and was counted once each; all others go on, and the proxy's connections are there. */
  ended(because: string): Promise<void>;
}

async function scene(t: TestContext, asked: Asked): Promise<Scene> {
  const { clock, trust, domain = 'other', files = {}, acme, beta } = asked;
  const partner = (of: string, name: string): string =>
    `name: ${name}, trust: ${of}, who: [{ spiffeId: 'spiffe://${of}/${name}' }]`;
  const pems = Object.entries(roots).map(([name, { certificate }]) => [`${name}.pem`, [certificate]] as const);
  const gateway = await startGateway(
    t,
    {
      files: { ...Object.fromEntries(pems), ...files },
      trust: `{ corp: { anchors: [corp.pem] }, third: { anchors: [third.pem] }, ${domain}: ${trust} }`,
      partners: [partner(domain, 'acme'), partner(domain, 'beta'), partner('third', 'gamma')],
      hostTrust: ['corp', 'third', domain],
      ...behind('corp'),
    },
    undefined,
    undefined,
    clock,
  );
  const { port } = gateway;
  const over = await session(t, port, edge);
  const going = await allOf(gateway, over, edge, { name: 'acme', as: acme });
  const callers = [{ name: 'gamma', as: gamma }, ...(beta === undefined ? [] : [{ name: 'beta', as: beta }])];
  const staying = (await Promise.all(callers.map((caller) => allOf(gateway, over, edge, caller)))).flat();
  const left = leftOf(staying);
  return {
    ...{ gateway, going },
    ended: async (because) => {
      await Promise.all(going.map(({ ended }) => ended));
      for (const { name, as } of callers) assert.equal(await called(port, `/${name}/`, edge, clientCert(as)), 'served');
      assert.equal(await called(port, '/acme/', edge, clientCert(acme)), 'CS-GATEWAY-052');
      while (gateway.records.filter(({ code }) => code !== undefined).length < 5) await gateway.recorded();
      const refused = gateway.records.filter(({ code }) => code !== undefined);
      assert.deepEqual(
        refused.map(({ code, via }) => [code, via]),
        Array(5).fill(['CS-GATEWAY-052', 'spiffe://corp/edge']),
      );
      assert.deepEqual([...gateway.gateway.trusts.closedByCode], [[because, 4]]);
      assert.deepEqual([left(), gateway.gateway.underWay, over.closed], [staying.length, staying.length, false]);
      assert.deepEqual(gateway.closed, [], 'no connection of the proxy');
    },
  };
}

test('by a list that comes later', async (t) => {
  const clock = manualClock(now);
  const [acme, beta] = [named('other', 'acme'), named('other', 'beta')];
  const list = (number: number, ...gone: readonly Holder[]): Uint8Array =>
    makeList(roots.other, {
      ...{ number, thisUpdate: now - hourMs + number, nextUpdate: now + hourMs },
      revoked: gone.map((one) => ({ ...entryFor(one), revocationDate: now - hourMs })),
    }).raw;
  const { gateway, ended } = await scene(t, {
    ...{ clock, acme: shownBy(acme), beta: shownBy(beta), files: { 'other.crl': list(1) } },
    trust: '{ anchors: [other.pem], revocation: { crl: [other.crl] } }',
  });
  await exchange(join(gateway.folder, 'other.crl'), list(2, acme));
  clock.advance(5_000);
  await ended('CS-PEER-008');
});

test("by a responder's next answer", async (t) => {
  const clock = manualClock(now);
  const [acme, beta] = [named('other', 'acme'), named('other', 'beta')];
  const responder = await startResponder();
  t.after(() => responder.close());
  let gone = false;
  responder.says(({ serial }) => {
    const of = serial === acme.certificate.serialNumber ? acme : beta;
    const status = { status: 'revoked', revocationTime: now - hourMs } as const;
    return answer({
      ...{ of, signer: roots.other, certificateIssuer: roots.other, certificates: [] },
      ...{ thisUpdate: clock.now() - 1_000, nextUpdate: clock.now() + 12_000 },
      ...(gone && of === acme && { status }),
    });
  });
  const { ended } = await scene(t, {
    ...{ clock, acme: shownBy(acme), beta: shownBy(beta) },
    trust: `{ anchors: [other.pem], revocation: { ocsp: '${responder.url}', allowPrivateSources: true } }`,
  });
  gone = true;
  const before = responder.asked.length;
  // It asks anew after half of an answer's life, and before three quarters of it.
  clock.advance(9_000);
  await responder.heard(before + 2);
  await ended('CS-PEER-008');
});

test("by their certificate's end", async (t) => {
  const clock = manualClock(now);
  const { ended } = await scene(t, {
    clock,
    trust: '{ anchors: [other.pem] }',
    acme: shownBy(named('other', 'acme', { notAfter: Math.floor(now / 1000) * 1000 + 60_000 })),
    beta: shownBy(named('other', 'beta')),
  });
  clock.advance(62_000);
  await ended('CS-PEER-003');
});

test("by the end of the feed's lease", async (t) => {
  const house = await startHouse(t, { leaseMs: 60_000 });
  const held = await house.service('acme');
  const clock = manualClock(Date.now());
  const { gateway, ended } = await scene(t, {
    ...{ clock, domain: 'dev.internal', files: { 'dev.pem': held.roots } },
    trust: `{ anchors: [dev.pem], feed: { socket: ${join(house.dir, 'authority.sock')} } }`,
    acme: { chain: toCredential(held).chain, key: held.privateKey },
  });
  await house.stop();
  const feed = gateway.gateway.trusts.means.find(({ trustDomain }) => trustDomain === 'dev.internal')?.feed;
  const until = feed?.revocations.current().freshUntil ?? 0;
  assert.ok(until > clock.now());
  clock.advance(until - clock.now() + 1);
  await ended('CS-PEER-010');
});
