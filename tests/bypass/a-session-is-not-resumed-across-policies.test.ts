/**
 * Class A. A client comes back with the session of an earlier connection: under another server name, after its CA was removed, after it was revoked or has
 * expired, after the policy or the server's own credential changed, at another server with the same options; and with its own certificate, another
 * one, or none. A resumed session skips every check of a certificate, so that it is never resumed: each visitor is who it shows to be now, or is refused.
 * Under another server name bare servers of Node 26 resume no longer; by all the other ways they do, as is shown first.
 * Stands for: nginx CVE-2025-23419; Apache CVE-2025-23048; Go CVE-2025-68121; Traefik GHSA-gv8r-9rw9-9697; apisix#9525; Node #60847.
 */
import assert from 'node:assert/strict';
import { constants } from 'node:crypto';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import type { Refusal } from '../../packages/countersign/src/ground/errors/index.ts';
import {
  allowAnyPeer,
  anyOf,
  type PeerPolicy,
  spiffeId,
} from '../../packages/countersign/src/identity/authorization/index.ts';
import { type RevocationView, withoutRevocation } from '../../packages/countersign/src/identity/revocation/index.ts';
import {
  armServer,
  type Credential,
  fixedSource,
  MutableSource,
  peerOf,
  Trust,
} from '../../packages/countersign/src/runtime/tls/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { type BareResuming, bareResuming, keepSessions } from './bare-resuming.ts';
import { answerOf, type Protocol, servers, trustIn } from './endpoints.ts';
import { pemOf, presented, type Presented, type TlsVersion } from './presented.ts';
import { admittedAs, visit, type Visit, type Visited } from './sessions.ts';
import { shareAt } from './share.ts';

const versions = ['TLSv1.3', 'TLSv1.2'] as const;
const authority = new TestAuthority();
const anchors = pemOf([authority.root.raw]);
const orders = presented(authority.issue('orders'));
/** Who gets the session, and with whose certificates it comes back. */
const web = authority.issue('web');
const mallory = presented(authority.issue('mallory'));

type Place = Omit<Visit, 'client' | 'session'>;

/** Comes back once with each kind of certificate; of several sessions each is used. */
async function comeBack(to: Place, { sessions }: Visited, own: Presented): Promise<Visited[]> {
  assert.ok(sessions.length > 0, 'there is something to come back with');
  const last = sessions.length - 1;
  return [
    await visit({ ...to, client: own, session: sessions[last] }),
    await visit({ ...to, client: mallory, session: sessions[0] }),
    await visit({ ...to, client: undefined, session: sessions[last] }),
  ];
}

/** Each visitor was let in as `web` on the strength of the session alone. */
function assertResumed(visited: readonly Visited[], told: string): void {
  for (const one of visited)
    assert.deepEqual([one.reused, admittedAs(one)], [true, 'web'], `${told}: the hole is there`);
}

interface Bare extends Place {
  readonly server: BareResuming['server'];
}

async function bare(t: TestContext, version: TlsVersion, own: Presented = orders): Promise<Bare> {
  return { protocol: 'http/1.1', version, ...(await bareResuming(t, own, version, { ca: anchors })) };
}

/** What changes between the visits to a bare server; where to go the second time. */
const onBareServers: Readonly<Record<string, (t: TestContext, first: Bare) => Promise<Partial<Bare>>>> = {
  'its CA was removed': async (_t, { server, version }) => {
    server.setSecureContext({ ...orders, ca: pemOf([new TestAuthority().root.raw]), maxVersion: version });
    return {};
  },
  'another server with the same ticket keys, and another CA': async (t, { version }) =>
    bareResuming(t, orders, version, { ca: pemOf([new TestAuthority().root.raw]) }),
  'its own credential changed': async (_t, { server, version }) => {
    server.setSecureContext({ ...presented(authority.issue('orders')), ca: anchors, maxVersion: version });
    return {};
  },
};

for (const [change, make] of Object.entries(onBareServers)) {
  test(`a bare server resumes though there is ${change}`, async (t) => {
    for (const version of versions) {
      const to = await bare(t, version);
      const first = await visit({ ...to, client: presented(web) });
      assert.equal(admittedAs(first), 'web');
      assertResumed(await comeBack({ ...to, ...(await make(t, to)) }, first, presented(web)), version);
    }
  });
}

test('a bare server with a cache of sessions by their IDs resumes under another CA, without a ticket', async (t) => {
  // Node asks the cache on TLS 1.2 alone.
  const version = 'TLSv1.2';
  const withoutTickets = { ca: anchors, secureOptions: constants.SSL_OP_NO_TICKET };
  const to = { protocol: 'http/1.1', version, ...(await bareResuming(t, orders, version, withoutTickets)) } as const;
  keepSessions(to.server);
  const first = await visit({ ...to, client: presented(web) });
  to.server.setSecureContext({ ...orders, ...withoutTickets, ca: pemOf([new TestAuthority().root.raw]) });
  assertResumed(await comeBack(to, first, presented(web)), version);
});

interface BeforeExpiry<To> {
  readonly to: To;
  readonly first: Visited;
  readonly own: Presented;
}

function allBeforeExpiry<To extends Place>(places: readonly To[]): Promise<BeforeExpiry<To>[]> {
  return Promise.all(places.map((to) => comeBeforeExpiry(to)));
}

/** Gets in with a certificate that is about to expire, and returns when it has; a machine that is too slow for that gets more time. */
async function comeBeforeExpiry<To extends Place>(to: To, lifeMs = 1_500): Promise<BeforeExpiry<To>> {
  const end = Date.now() + lifeMs;
  const own = presented(authority.issue('web', { notAfterMs: lifeMs }));
  const first = await visit({ ...to, client: own });
  if (admittedAs(first) !== 'web') return comeBeforeExpiry(to, 2 * lifeMs);
  // notAfter counts in whole seconds, its last one included.
  await wait(Math.max(0, end + 1_050 - Date.now()));
  return { to, first, own };
}

/** A server of the register under sources that change. */
interface House extends Place {
  readonly name: string;
  /** Another server of the same process with the very same options. */
  readonly other: number;
  readonly bundles: MutableSource<ReturnType<TestAuthority['bundles']>>;
  readonly revocations: MutableSource<RevocationView>;
  readonly policy: MutableSource<PeerPolicy>;
  readonly credentials: MutableSource<Credential>;
}

/** Those of one server and version share their sources. */
function everyHouse(t: TestContext): Promise<House[]>[] {
  return servers.flatMap((server) =>
    server.versions.map(async (version): Promise<House[]> => {
      const bundles = new MutableSource(authority.bundles());
      const revocations = new MutableSource<RevocationView>(withoutRevocation);
      const policy = new MutableSource<PeerPolicy>(allowAnyPeer());
      const credentials = new MutableSource(authority.issue('orders'));
      const trust = new Trust({ bundles, revocations, clock: systemClock });
      const byServerName = { 'b.test': fixedSource(authority.issue('b')) };
      const wanted = { authority, policy, version, trust, credentials: { otherwise: credentials, byServerName } };
      const { port } = await server.start(t, wanted);
      const { port: other } = await server.start(t, wanted);
      return server.protocols.map((protocol: Protocol) => {
        const name = `${server.name}, ${protocol}, ${version}`;
        return { name, port, other, protocol, version, bundles, revocations, policy, credentials };
      });
    }),
  );
}

interface Change {
  /** Changes the house, and says where to go then. */
  readonly make: (house: House) => Partial<Visit>;
  readonly undo?: (house: House) => void;
  /** As whom `web` and `mallory` are let in afterwards, by a whole handshake. */
  readonly then: readonly [string | undefined, string | undefined];
}

const revokingWeb: RevocationView = {
  ...withoutRevocation,
  isRevoked: (_issuerKey, serialNumber) => {
    const entry = authority.revoked(web);
    return entry.serialNumber === serialNumber ? entry : undefined;
  },
};

const changes: Readonly<Record<string, Change>> = {
  nothing: { make: () => ({}), then: ['web', 'mallory'] },
  'another server name': { make: () => ({ servername: 'b.test' }), then: ['web', 'mallory'] },
  'another server of the process': { make: ({ other }) => ({ port: other }), then: ['web', 'mallory'] },
  'its CA was removed': {
    make: ({ bundles }) => {
      bundles.set(new TestAuthority().bundles());
      return {};
    },
    undo: ({ bundles }) => bundles.set(authority.bundles()),
    then: [undefined, undefined],
  },
  'it was revoked': {
    make: ({ revocations }) => {
      revocations.set(revokingWeb);
      return {};
    },
    undo: ({ revocations }) => revocations.set(withoutRevocation),
    then: [undefined, 'mallory'],
  },
  'the policy changed': {
    make: ({ policy }) => {
      policy.set(anyOf(spiffeId('spiffe://test.internal/mallory')));
      return {};
    },
    undo: ({ policy }) => policy.set(allowAnyPeer()),
    then: [undefined, 'mallory'],
  },
  'the own credential changed': {
    make: ({ credentials }) => {
      credentials.set(authority.issue('orders'));
      return {};
    },
    then: ['web', 'mallory'],
  },
};

test('no server resumes, whatever changed: who comes back is who it shows to be, or refused', async (t) => {
  await Promise.all(
    everyHouse(t).map(async (houses, at) => {
      for (const house of await houses)
        for (const [what, change] of shareAt(at, Object.entries(changes)))
          await assertNotResumedAfter(change, house, what);
    }),
  );
});

async function assertNotResumedAfter({ make, undo, then }: Change, house: House, what: string): Promise<void> {
  const told = `${house.name}: ${what}`;
  const first = await visit({ ...house, client: presented(web) });
  assert.equal(admittedAs(first), 'web', told);
  const back = await comeBack({ ...house, ...make(house) }, first, presented(web));
  undo?.(house);
  const reused = back.map((one) => one.reused);
  assert.deepEqual(reused, [false, false, false], told);
  assert.deepEqual(back.map(admittedAs), [...then, undefined], told);
}

test('a session whose certificate has expired is resumed by a bare server, and by none of ours', async (t) => {
  const bareOnes = await Promise.all(versions.map((version) => bare(t, version)));
  const houses = (await Promise.all(everyHouse(t))).flat();
  const [ofBare, ofHouses] = await Promise.all([allBeforeExpiry(bareOnes), allBeforeExpiry(houses)]);
  for (const { to, first, own } of ofBare) {
    assert.equal(admittedAs(await visit({ ...to, client: own })), undefined, 'by a whole handshake it is not let in');
    assertResumed(await comeBack(to, first, own), to.version);
  }
  for (const { to, first, own } of ofHouses) {
    const back = await comeBack(to, first, own);
    assert.ok(!back.some(({ reused }) => reused), to.name);
    assert.deepEqual(back.map(admittedAs), [undefined, 'mallory', undefined], to.name);
  }
});

/** What an owner may do to a server after it was armed. */
const bringingBack = [
  { how: 'tickets', version: 'TLSv1.3' },
  { how: 'tickets', version: 'TLSv1.2' },
  { how: 'a cache of sessions', version: 'TLSv1.2' },
] as const;

/** Longer than the test takes on any machine. */
const sessionSeconds = 300;

for (const { how, version } of bringingBack) {
  test(`an armed server whose owner brings ${how} back refuses in its second stage who resumes: ${version}`, async (t) => {
    const refusals: Refusal[] = [];
    const server = createHttpsServer((asked, response) => response.end(answerOf(peerOf(asked))));
    armServer(allowAnyPeer(), server, {
      trust: trustIn(authority),
      credentials: fixedSource(authority.issue('orders')),
      clock: systemClock,
      minVersion: version,
      onRefusal: (refusal) => refusals.push(refusal),
    });
    // Without a life of their own they would have what was there before: a second, in which a busy machine does not come back.
    if (how === 'tickets')
      server.setSecureContext({ ...orders, ca: anchors, maxVersion: version, sessionTimeout: sessionSeconds });
    else keepSessions(server);
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const to = { port, protocol: 'http/1.1', version } as const;
    const first = await visit({ ...to, client: presented(web) });
    assert.equal(admittedAs(first), 'web');
    for (const one of await comeBack(to, first, presented(web)))
      assert.deepEqual([one.reused, admittedAs(one)], [true, undefined]);
    assert.deepEqual(
      refusals.map(({ code }) => code),
      ['CS-TLS-005', 'CS-TLS-005', 'CS-TLS-005'],
    );
  });
}
