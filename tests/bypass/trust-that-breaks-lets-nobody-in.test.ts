/**
 * Class C. What an endpoint trusts breaks while it runs: the bundles, the revocations or the policy become empty, or garbage, or can't be had. From then on
 * nobody is let in, who is in goes, and nothing ends the process; when it is mended, those are let in who pass what is there then, and nobody else.
 * Stands for: nginx CVE-2026-28755; Tomcat CVE-2026-29145; nebula-mesh CVE-2026-61699; haproxy#248; harper#2380.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { allowAnyPeer, type PeerPolicy } from '../../packages/countersign/src/identity/authorization/index.ts';
import {
  RevocationState,
  type RevocationView,
  withoutRevocation,
} from '../../packages/countersign/src/identity/revocation/index.ts';
import { BundleSet } from '../../packages/countersign/src/identity/spiffe/index.ts';
import { type Credential, fixedSource, Trust } from '../../packages/countersign/src/runtime/tls/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { attackingServer } from './clients.ts';
import { clients, servers, type ServerUnderTest, type WantedClient } from './endpoints.ts';
import { garbage, MoodySource, outOfOrder } from './moody-source.ts';
import { exactly, pemOf, presented, type TlsVersion } from './presented.ts';
import { type AttackedServer, knock } from './servers.ts';
import { until } from '../e2e/authority-process.ts';

const authority = new TestAuthority();

interface Sources {
  readonly bundles: MoodySource<BundleSet>;
  readonly revocations: MoodySource<RevocationView>;
  readonly policy: MoodySource<PeerPolicy>;
}

type Break = (sources: Sources) => void;

/** The same for each of the three: it throws; it yields garbage; it throws when it is asked after it told garbage. */
function broken(which: keyof Sources): [string, Break][] {
  const whole: [string, Break][] = Object.entries(garbage).map(([what, value]) => [
    `${which}: ${what}`,
    (sources) => sources[which].become(() => value, value),
  ]);
  return [
    ...whole,
    [`${which}: it throws`, (sources) => sources[which].become(outOfOrder, undefined)],
    [`${which}: it throws and tells nobody`, (sources) => sources[which].become(outOfOrder)],
  ];
}

const breaks = new Map<string, Break>([
  ...broken('bundles'),
  ...broken('revocations'),
  ...broken('policy'),
  ['bundles: none', ({ bundles }) => bundles.set(new BundleSet('test.internal', []))],
  [
    'bundles: one without anchors',
    ({ bundles }) => bundles.set(new BundleSet('test.internal', [{ ...authority.bundle(2), anchors: [] }])),
  ],
  ['bundles: of another authority', ({ bundles }) => bundles.set(new TestAuthority().bundles())],
  ['revocations: never known', ({ revocations }) => revocations.set(RevocationState.unknown)],
  [
    'revocations: out of date',
    ({ revocations }) => revocations.set({ ...withoutRevocation, freshUntil: Date.now() - 1 }),
  ],
  ['revocations: of no date', ({ revocations }) => revocations.set({ ...withoutRevocation, freshUntil: Number.NaN })],
  [
    'revocations: its look-up throws',
    ({ revocations }) => revocations.set({ number: 1, freshUntil: Number.POSITIVE_INFINITY, isRevoked: outOfOrder }),
  ],
]);

interface Running {
  readonly attacked: AttackedServer;
  readonly sources: Sources;
  readonly trust: Trust;
}

function trusting(t: TestContext): { readonly sources: Sources; readonly trust: Trust } {
  const sources: Sources = {
    bundles: new MoodySource(authority.bundles()),
    revocations: new MoodySource<RevocationView>(withoutRevocation),
    policy: new MoodySource(allowAnyPeer()),
  };
  const trust = new Trust({ bundles: sources.bundles, revocations: sources.revocations, clock: systemClock });
  t.after(() => trust.close());
  return { sources, trust };
}

async function running(t: TestContext, server: ServerUnderTest, version: TlsVersion): Promise<Running> {
  const { sources, trust } = trusting(t);
  const { port, refusals } = await server.start(t, { authority, policy: sources.policy, version, trust });
  const [protocol = 'bytes'] = server.protocols;
  const common = { lets: 'all', tells: true, protocol, version, authority, refusals, port } as const;
  return { attacked: { ...common, name: `${server.name}, ${version}` }, sources, trust };
}

/** A connection that stays, before anything was asked on it. */
async function stays({ port, version }: AttackedServer, credential: Credential): Promise<TLSSocket> {
  const socket = connect({
    host: '127.0.0.1',
    port,
    rejectUnauthorized: false,
    ...exactly(version),
    ...presented(credential),
  });
  socket.on('error', () => undefined);
  socket.resume();
  await once(socket, 'secureConnect');
  return socket;
}

test('a bare server goes on with who is in, and with what it had, when its trust is taken away', async (t) => {
  const settings = { ...presented(authority.issue('orders')), ca: pemOf([authority.root.raw]), requestCert: true };
  const server = createHttpsServer(settings, (_asked, response) => response.end('{"names":["somebody"]}'));
  server.listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const attacked: AttackedServer = {
    name: 'bare',
    lets: 'all',
    port,
    protocol: 'http/1.1',
    version: 'TLSv1.3',
    authority,
    tells: false,
    refusals: [],
  };
  const socket = await stays(attacked, authority.issue('web'));
  server.setSecureContext({ ...settings, ca: pemOf([new TestAuthority().root.raw]) });
  let seen = '';
  socket.on('data', (bytes: Buffer) => (seen += bytes.toString('latin1')));
  socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  await until('it is answered', () => socket.closed);
  assert.match(seen, /somebody/, 'the hole is there');
});

const silent = /tells nobody$/;

for (const server of servers)
  for (const version of server.versions)
    test(`${server.name}, ${version}: trust that breaks lets nobody in, and who is in goes; mended, it holds as before`, async (t) => {
      const { attacked, sources, trust } = await running(t, server, version);
      // What breaks lies above TLS: on TLS 1.2 each kind of it once.
      const tried = [...breaks].filter(([what]) => version === 'TLSv1.3' || /nothing|none|never/.test(what));
      for (const [what, breakIt] of tried) {
        const known = authority.issue('web');
        assert.equal((await knock(attacked, presented(known))).admittedAs.length, 2, `before ${what}`);
        const socket = await stays(attacked, known);
        await until(`${what}: it is in`, () => trust.connections.size > 0);
        breakIt(sources);
        // Nothing is asked on it: it is closed because of the change, and not because it was looked at when it spoke.
        if (!silent.test(what)) await until(`${what}: it goes`, () => socket.closed);
        const { admittedAs, seen } = await knock(
          attacked,
          presented(silent.test(what) ? authority.issue('cron') : known),
        );
        assert.deepEqual(admittedAs, [], `${what}: ${seen}`);
        socket.destroy();
        mend(sources);
      }
      const socket = await stays(attacked, authority.issue('web'));
      await until('it is in', () => trust.connections.size > 0);
      sources.bundles.set(new TestAuthority().bundles());
      await until('it goes', () => socket.closed);
    });

for (const version of ['TLSv1.3', 'TLSv1.2'] as const)
  test(`no client of ${version} takes a server that it knows for anybody, once its trust is broken`, async (t) => {
    const { port } = await attackingServer(t, presented(authority.issue('web')), version);
    const tried = [...breaks].filter(([what]) => !silent.test(what) && (version === 'TLSv1.3' || what.includes('no')));
    const trying = clients.map(async (client) => {
      const { sources, trust } = trusting(t);
      const credentials = fixedSource(authority.issue('caller'));
      const wanted: WantedClient = {
        policy: sources.policy as never,
        options: { trust, credentials, clock: systemClock, minVersion: version },
      };
      for (const [what, breakIt] of tried) {
        assert.equal(await client.call({ port }, wanted), 'admitted', `${client.name}: before ${what}`);
        breakIt(sources);
        const outcome = await client.call({ port }, wanted).catch((error: unknown) => `not made: ${String(error)}`);
        assert.doesNotMatch(outcome, /admitted/, `${client.name}: ${what}`);
        mend(sources);
      }
    });
    await Promise.all(trying);
  });

function mend({ bundles, revocations, policy }: Sources): void {
  bundles.set(authority.bundles());
  revocations.set({ ...withoutRevocation });
  policy.set(allowAnyPeer());
}
