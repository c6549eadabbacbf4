/**
 * Class I. Certificates and chains that are malformed, huge, deep, or work without end for whoever follows them: presented by a hand-made client to every
 * server, by a hand-made server to every client, and to the verifier itself. Each is named or, where it is only strange, taken for what it says; the work is
 * bounded, nothing exits, and who comes after it is served.
 * Stands for: step-ca CVE-2026-40097 (empty extended key usage); cert-manager CVE-2024-12401 (huge PEM); Go CVE-2025-58187 (name constraints against names),
 * CVE-2026-32280 (path building without bound).
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { isRefusal } from '../../packages/countersign/src/ground/errors/index.ts';
import { allowAnyPeer } from '../../packages/countersign/src/identity/authorization/index.ts';
import { createPeerVerifier } from '../../packages/countersign/src/runtime/tls/index.ts';
import { attackingServer, clientOptions } from '../bypass/clients.ts';
import { allOf, clients, serversAndGateways, trustIn } from '../bypass/endpoints.ts';
import { buildForger, forgedServer, forgerMissing, ForgingCaller } from '../bypass/forger.ts';
import { presented } from '../bypass/presented.ts';
import { onlyTheVictim, victimId } from '../bypass/victim.ts';
import { type Malformed, talkedInto } from './malformed-certificates.ts';

const skip = forgerMissing();
const { authority, malformed } = talkedInto();

/** Of the processor, for one of them; ten times what the slowest takes. */
const mostMs = 1_000;

test('the verifier answers each within its bound, and for no other reason than its own', () => {
  const verifier = createPeerVerifier({
    peer: 'client',
    policy: allowAnyPeer(),
    trust: trustIn(authority),
    clock: systemClock,
  });
  for (const { what, chain, outcome } of malformed) {
    const before = process.cpuUsage();
    let found: string;
    try {
      found = verifier.verify(chain).spiffeId === victimId(authority) ? 'admitted' : 'as somebody else';
    } catch (error) {
      found = isRefusal(error) ? error.code : `${what}: ${String(error)}`;
    }
    const { user, system } = process.cpuUsage(before);
    assert.ok((user + system) / 1_000 < mostMs, `${what}: ${(user + system) / 1_000} ms`);
    // What OpenSSL refuses first may be refused otherwise, or not at all, by who is asked second.
    if (outcome === 'admitted') assert.equal(found, 'admitted', what);
    else assert.match(found, /^(?:CS-PEER-\d+|admitted)$/, what);
  }
});

test('a verifier that tries every path has work without end; with ours it ends', () => {
  const crossed = malformed.find(({ what }) => what === 'issuers that certify each other');
  assert.ok(crossed !== undefined);
  const pool = crossed.chain.slice(1, 41);
  // Of forty issuers any twenty may stand above each other, in any order that alternates: 20! x 20! paths.
  let tried = 0;
  const tryAll = (used: ReadonlySet<number>, kind: number): void => {
    for (let place = kind; place < pool.length && tried < 100_000; place += 2) {
      if (used.has(place)) continue;
      tried += 1;
      tryAll(new Set([...used, place]), 1 - kind);
    }
  };
  tryAll(new Set(), 0);
  assert.equal(tried, 100_000, 'the scenario is work without end for who does not count');
});

test('every server names each, admits nobody as another, and serves who comes next', { skip }, async (t) => {
  const forger = buildForger(t);
  const rightOne: Malformed = {
    ...presented(authority.issue('web')),
    what: 'the right one',
    chain: [],
    outcome: 'admitted',
  };
  const all = serversAndGateways.flatMap((server) => server.versions.map((version) => ({ server, version })));
  await allOf(
    all.map(async ({ server, version }) => {
      const { port, refusals } = await server.start(t, { authority, policy: onlyTheVictim(authority), version });
      const caller = new ForgingCaller(t, forger);
      const [protocol = 'bytes'] = server.protocols;
      for (const { what, outcome, ...one } of [...malformed, rightOne]) {
        const before = refusals.length;
        const seen = await caller.call({ port, protocol, version }, one);
        const told = `${server.name}, ${version}, ${what}: ${seen}`;
        assert.equal(seen.includes(victimId(authority)), outcome === 'admitted', told);
        await new Promise((next) => setImmediate(next));
        assert.deepEqual(
          refusals.slice(before).map(({ code }) => code),
          outcome === 'admitted' ? [] : [outcome],
          told,
        );
      }
    }),
  );
});

test('every client names each, takes no server for another, and reaches the right one next', { skip }, async (t) => {
  const forger = buildForger(t);
  for (const version of ['TLSv1.3', 'TLSv1.2'] as const) {
    const wanted = { policy: onlyTheVictim(authority), options: clientOptions(authority, version) };
    await Promise.all(
      malformed.map(async ({ what, outcome, ...one }) => {
        const { port } = await forgedServer(t, forger, one, version);
        // All stand on the same endpoint; on TLS 1.2 one of them speaks for them.
        for (const client of version === 'TLSv1.3' ? clients : clients.slice(0, 1)) {
          const found = await client.call({ port }, wanted);
          // What it speaks no HTTP/2 with was verified before.
          if (client.protocols[0] === 'h2' && found === 'admitted') continue;
          assert.match(
            found,
            outcome === 'admitted' ? /^admitted$/ : /^CS-(?:PEER|TLS)-\d+$/,
            `${client.name}, ${version}, ${what}`,
          );
        }
      }),
    );
    const right = await attackingServer(t, presented(authority.issue('web')), version);
    for (const client of clients) assert.equal(await client.call(right, wanted), 'admitted', client.name);
  }
});
