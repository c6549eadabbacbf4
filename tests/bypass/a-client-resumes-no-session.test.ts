/**
 * Class A, the client's side. A server gives its clients what to resume with, and then the policy, the trust, the own credential or the server's name or
 * identity changes: a client that resumes skips its identity check, and stands for what it showed before. No client of ours ever resumes.
 * A bare agent of undici on Node 26 is handed sessions and offers none; one of node:https does, as is shown first.
 * Stands for: Node CVE-2026-48934; Go CVE-2025-68121.
 */
import assert from 'node:assert/strict';
import { Agent as HttpsAgent } from 'node:https';
import { test, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { isRefusal } from '../../packages/countersign/src/ground/errors/index.ts';
import { type PeerPolicy, spiffeId } from '../../packages/countersign/src/identity/authorization/index.ts';
import { type RevocationView, withoutRevocation } from '../../packages/countersign/src/identity/revocation/index.ts';
import { type Credential, MutableSource, Trust } from '../../packages/countersign/src/runtime/tls/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { allOf, type CalledServer, clients, type Protocol } from './endpoints.ts';
import { inOtherWords } from './front-and-preload.ts';
import { keptClients, type KeptClientUnderTest, ofAgent, preloadedClients } from './kept-clients.ts';
import { pemOf, presented, type TlsVersion } from './presented.ts';
import { type Answer, type TellingServer, tellingServer } from './telling-server.ts';

const versions = ['TLSv1.3', 'TLSv1.2'] as const;
const authority = new TestAuthority();
const web = authority.issue('web');
const caller = presented(authority.issue('caller'));
const ca = pemOf([authority.root.raw]);

const everyKept = [...keptClients, ...preloadedClients];

test('every client of the register is tried', () => {
  const tried = new Set(everyKept.map(({ name }) => name.split(',')[0]));
  assert.deepEqual([...tried].toSorted(), clients.map(({ name }) => name).toSorted());
});

for (const version of versions) {
  test(`a bare agent resumes, and asks no more whether it is the right server: ${version}`, async (t) => {
    let trusted = true;
    const checkServerIdentity = (): Error | undefined => (trusted ? undefined : new Error('no longer'));
    const own = { ca, ...caller, servername: 'web.internal', checkServerIdentity };
    const client = ofAgent(new HttpsAgent(own));
    t.after(() => client.close());
    const { port } = await tellingServer(t, presented(web), { version, protocol: 'http/1.1', closes: true });
    assert.equal(answerOf(await client.ask({ port })).reused, false);
    trusted = false;
    assert.equal(answerOf(await client.ask({ port })).reused, true, 'the hole is there');
  });
}

function answerOf(body: string): Answer {
  return JSON.parse(body) as Answer;
}

/** A client of the register under sources that change, and the server that it calls. */
interface Scene {
  readonly server: TellingServer;
  readonly policy: MutableSource<PeerPolicy>;
  readonly bundles: MutableSource<ReturnType<TestAuthority['bundles']>>;
  readonly revocations: MutableSource<RevocationView>;
  readonly credentials: MutableSource<Credential>;
}

interface Change {
  readonly make: (scene: Scene) => Partial<CalledServer>;
  /** As whom the client is known then; or the code of its refusal. */
  readonly then: string;
}

const revokingWeb: RevocationView = {
  ...withoutRevocation,
  isRevoked: (_issuerKey, serialNumber) => {
    const entry = authority.revoked(web);
    return entry.serialNumber === serialNumber ? entry : undefined;
  },
};

const changes: Readonly<Record<string, Change>> = {
  nothing: { make: () => ({}), then: 'caller' },
  'another server name': { make: () => ({ servername: 'b.test' }), then: 'caller' },
  'another own credential': {
    make: ({ credentials }) => {
      credentials.set(authority.issue('second'));
      return {};
    },
    then: 'second',
  },
  'another identity of the server': {
    make: ({ server }) => {
      server.become(presented(authority.issue('mallory')));
      return {};
    },
    then: 'CS-PEER-007',
  },
  'another policy': {
    make: ({ policy }) => {
      policy.set(spiffeId('spiffe://test.internal/other'));
      return {};
    },
    then: 'CS-PEER-007',
  },
  'another trust anchor': {
    make: ({ bundles }) => {
      bundles.set(new TestAuthority().bundles());
      return {};
    },
    then: 'CS-PEER-002',
  },
  'the revocation of the server': {
    make: ({ revocations }) => {
      revocations.set(revokingWeb);
      return {};
    },
    then: 'CS-PEER-008',
  },
};

for (const version of versions) {
  for (const protocol of ['http/1.1', 'h2'] as const) {
    test(`no client resumes, whatever changed: ${protocol}, ${version}`, async (t) => {
      const tried = everyKept
        .filter(({ protocols }) => protocols.includes(protocol))
        .map(async (client) => {
          for (const [what, change] of Object.entries(changes))
            await tryChange(t, client, change, { version, protocol, what });
        });
      await allOf(tried);
    });
  }
}

interface Trying {
  readonly version: TlsVersion;
  readonly protocol: Protocol;
  readonly what: string;
}

async function tryChange(t: TestContext, kept: KeptClientUnderTest, change: Change, trying: Trying): Promise<void> {
  const server = await tellingServer(t, presented(web), { ...trying, closes: true });
  const policy = new MutableSource<PeerPolicy>(spiffeId('spiffe://test.internal/web'));
  const bundles = new MutableSource(authority.bundles());
  const revocations = new MutableSource<RevocationView>(withoutRevocation);
  const credentials = new MutableSource<Credential>(authority.issue('caller'));
  const trust = new Trust({ bundles, revocations, clock: systemClock });
  const options = { trust, credentials, clock: systemClock, minVersion: trying.version, onClosed: () => undefined };
  const client = kept.open(policy, options);
  t.after(() => client.close());
  const told = `${kept.name}, ${trying.protocol}, ${trying.version}: ${trying.what}`;
  const { port } = server;
  const known = async (to: CalledServer): Promise<string> => {
    try {
      return answerOf(await client.ask(to)).client;
    } catch (error) {
      return isRefusal(error) ? inOtherWords(error.code) : String(error);
    }
  };
  assert.equal(await known({ port }), 'caller', told);
  // On this side, too, the first connection has ended; the test's own timeout is the end of its patience.
  while (trust.connections.size > 0 && !t.signal.aborted) await wait(2);
  const to = { port, ...change.make({ server, policy, bundles, revocations, credentials }) };
  const before = server.asked();
  assert.equal(await known(to), change.then, told);
  assert.ok(!server.connections.some(({ reused }) => reused), told);
  if (change.then.startsWith('CS-')) assert.equal(server.asked(), before, `${told}: nothing was asked of it`);
  else assert.ok(server.connections.length >= 2, `${told}: by a handshake of its own`);
}
