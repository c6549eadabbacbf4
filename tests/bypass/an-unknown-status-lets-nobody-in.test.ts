/**
 * Class C. A status that cannot be found out lets nobody in: checks that know nothing, fail, hang, answer garbage, or say revoked, on servers and clients,
 * before the first connection and under one that lives. Nothing is handed on, and nothing is sent, while an answer is on its way.
 * Stands for: Vault CVE-2021-29653; nginx CVE-2026-28755; nebula-mesh CVE-2026-61699; Tomcat CVE-2026-29145.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpsServer, request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { allowAnyPeer } from '../../packages/countersign/src/identity/authorization/index.ts';
import { withoutRevocation } from '../../packages/countersign/src/identity/revocation/index.ts';
import {
  fixedSource,
  type ServerOptions,
  type StatusQuestion,
  Trust,
} from '../../packages/countersign/src/runtime/tls/index.ts';
import {
  goodForEver,
  notKnown,
  revokedByList,
  TestAuthority,
  ToldCheck,
} from '../../packages/countersign/src/surfaces/testing/index.ts';
import { attackingServer } from './clients.ts';
import { allOf, clients, servers } from './endpoints.ts';
import { outOfOrder } from './moody-source.ts';
import { pemOf, presented, type TlsVersion } from './presented.ts';
import { type AttackedServer, knock } from './servers.ts';
import { shareAt } from './share.ts';

const authority = new TestAuthority();
const revoked = ({ path }: StatusQuestion): ReturnType<typeof revokedByList> =>
  revokedByList(path.certificates[0]?.serialNumber ?? '');

/** Where nothing ever comes, this is how long it is waited for; a handshake that takes longer is refused as well, for that. */
const patienceMs = 1_000;
const neverEnds = 'fetching never ends';

type Broken = readonly [what: string, make: () => ToldCheck, code: string];

const told = (what: string, answer: unknown, code = 'CS-PEER-021'): Broken => [
  what,
  () => new ToldCheck(() => answer as never),
  code,
];

function asking(what: string, ask: () => unknown): Broken {
  return [what, () => Object.assign(new ToldCheck(() => notKnown), { ask }), 'CS-PEER-021'];
}

function fetching(what: string, fetch: (check: ToldCheck) => unknown, code = 'CS-PEER-021'): Broken {
  const make = (): ToldCheck => {
    const check = new ToldCheck(() => notKnown);
    check.fetching = () => fetch(check) as Promise<void>;
    return check;
  };
  return [what, make, code];
}

const broken: readonly Broken[] = [
  told('it does not know', notKnown),
  told('it says revoked', revokedByList('01'), 'CS-PEER-008'),
  told('it answers nothing', undefined),
  told('good, and nothing else', { status: 'good' }),
  told('good until a moment that is over', { status: 'good', freshUntil: Date.now() - 1 }),
  told('good, in a text', 'good'),
  asking('it throws', outOfOrder),
  asking('it answers for no certificate', () => []),
  asking('it answers for too many', () => [goodForEver, goodForEver, goodForEver]),
  asking('it answers with a promise', () => Promise.resolve([goodForEver, goodForEver])),
  fetching('fetching throws', outOfOrder),
  fetching('fetching fails', () => Promise.reject(new Error('no way to it'))),
  fetching('fetching ends without an answer', () => Promise.resolve()),
  fetching(neverEnds, () => new Promise(() => undefined)),
  fetching(
    'what is fetched says revoked',
    (check) => {
      check.tell(revoked);
      return Promise.resolve();
    },
    'CS-PEER-008',
  ),
];

/** Whoever waits does so in a way of his own: on TLS 1.3 that is tried everywhere. */
function triedAt(at: number, version: TlsVersion): readonly Broken[] {
  if (version === 'TLSv1.2') return shareAt(at + 1, broken);
  const share = new Set(shareAt(at, broken));
  return broken.filter((one) => share.has(one) || one[0] === neverEnds || one[0].startsWith('what is fetched'));
}

function trustWith(...statusChecks: readonly ToldCheck[]): Trust {
  const [bundles, revocations] = [fixedSource(authority.bundles()), fixedSource(withoutRevocation)];
  return new Trust({ bundles, revocations, clock: systemClock, statusChecks });
}

test('a bare server and a bare client ask nobody: who is revoked is let in, and sent to', async (t) => {
  const identity = presented(authority.issue('web'));
  const settings = { ...identity, ca: pemOf([authority.root.raw, authority.issuer.raw]), requestCert: true };
  const server = createHttpsServer(settings, (_asked, response) => response.end('{"names":["somebody"]}'));
  server.listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const common = { lets: 'all', protocol: 'http/1.1', version: 'TLSv1.3', tells: false, refusals: [] } as const;
  assert.deepEqual((await knock({ ...common, name: 'bare', port, authority }, identity)).admittedAs, ['somebody']);
  const asked = httpsRequest({
    ...settings,
    host: '127.0.0.1',
    port,
    checkServerIdentity: () => undefined,
    agent: false,
  });
  const [answer] = (await once(asked.end(), 'response')) as [{ statusCode: number; resume(): void }];
  answer.resume();
  assert.equal(answer.statusCode, 200, 'the hole is there');
});

async function attacked(
  t: TestContext,
  server: (typeof servers)[number],
  version: TlsVersion,
  trust: Trust,
  more: Partial<ServerOptions> = {},
): Promise<AttackedServer> {
  const { port, refusals } = await server.start(t, { authority, policy: allowAnyPeer(), version, trust, more });
  const [protocol = 'bytes'] = server.protocols;
  return { lets: 'all', tells: true, name: `${server.name}, ${version}`, port, protocol, version, authority, refusals };
}

test('no server lets in whose status it does not know', async (t) => {
  const caller = presented(authority.issue('web'));
  const trying = servers.flatMap((server, at) =>
    server.versions.map(async (version) => {
      const good = await attacked(t, server, version, trustWith(new ToldCheck(() => goodForEver)));
      assert.equal((await knock(good, caller)).admittedAs.length > 0, true, `${good.name}: good`);
      for (const [what, make, code] of triedAt(at, version)) {
        const notCovered = new ToldCheck(() => ({ status: 'notCovered' }));
        const more = what === neverEnds ? { handshakeTimeoutMs: patienceMs } : {};
        const one = await attacked(t, server, version, trustWith(notCovered, make()), more);
        const { admittedAs, seen } = await knock(one, caller);
        assert.deepEqual(admittedAs, [], `${one.name}: ${what}: ${seen}`);
        const codes = one.refusals.map((refusal) => refusal.code);
        if (what === neverEnds && codes.includes('CS-TLS-002')) continue;
        assert.deepEqual([...new Set(codes)], [code], `${one.name}: ${what}`);
      }
    }),
  );
  await allOf(trying);
});

test('no client sends anything to a server whose status it does not know', async (t) => {
  const trying = (['TLSv1.3', 'TLSv1.2'] as const).map(async (version) => {
    const { port, received } = await attackingServer(t, presented(authority.issue('web')), version);
    const credentials = fixedSource(authority.issue('caller'));
    const calling = clients.map(async (client, at) => {
      for (const [what, make, code] of triedAt(at, version)) {
        const options = { trust: trustWith(make()), credentials, clock: systemClock, minVersion: version };
        const more = what === neverEnds ? { timeoutMs: patienceMs } : {};
        const wanted = { policy: allowAnyPeer(), options: { ...options, ...more } };
        const outcome = await client.call({ port }, wanted);
        if (what === neverEnds && outcome === 'CS-TLS-002') continue;
        assert.equal(outcome, code, `${client.name}, ${version}: ${what}`);
      }
    });
    await allOf(calling);
    assert.equal(received(), '', 'nothing was sent to it');
  });
  await allOf(trying);
});

test('who is in goes when the status becomes unknown or revoked, and it is counted', async (t) => {
  for (const server of servers) {
    const check = new ToldCheck(() => goodForEver);
    const trust = trustWith(check);
    const one = await attacked(t, server, 'TLSv1.3', trust);
    for (const [answer, code] of [
      [notKnown, 'CS-PEER-021'],
      [revokedByList('01'), 'CS-PEER-008'],
    ] as const) {
      check.tell(() => goodForEver, { kind: 'everything' });
      const knocked = knock(one, presented(authority.issue('web')));
      assert.equal((await knocked).admittedAs.length > 0, true);
      check.tell(() => answer, { kind: 'everything' });
      const after = await knock(one, presented(authority.issue('web')));
      assert.deepEqual(after.admittedAs, [], `${server.name}: ${code}: ${after.seen}`);
    }
    await trust.settled();
  }
});
