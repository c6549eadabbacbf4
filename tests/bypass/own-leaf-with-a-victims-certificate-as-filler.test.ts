/**
 * Class D. A peer presents its own leaf, whose key it holds, with a victim's certificate as filler, in each order. Its identity comes only from the
 * leaf whose key signed; the filler counts for nothing.
 * Stands for: Keycloak CVE-2023-2422; OpenZiti GHSA-mrpr-756c-xm47, GHSA-hhm9-wf63-g7qj; Go CVE-2014-7189; Vault CVE-2024-2048.
 *
 * node:tls itself has no such hole (it links the presented chain by issuers from the leaf), so the catch is shown on a verifier with the hole: one that
 * takes any certificate presented for the peer's own.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCertificate } from '../../packages/countersign/src/identity/x509/index.ts';
import type { Credential } from '../../packages/countersign/src/runtime/tls/index.ts';
import type { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { attackingServer, everyClient, fromEveryClient } from './clients.ts';
import { presented } from './presented.ts';
import { bareServer, everyServer, knock } from './servers.ts';
import { victimDnsName, victimId } from './victim.ts';
import { TestAuthority as Authority } from '../../packages/countersign/src/surfaces/testing/index.ts';

/** Mallory's credential with the victim's leaf in each place that a chain has; the first is always the one whose key is held. */
function attacks(authority: TestAuthority): Record<string, Credential> {
  const { chain, privateKey } = authority.issue('mallory');
  const [own, issuer] = chain as [Uint8Array, Uint8Array];
  const [victim] = authority.issue('web').chain as [Uint8Array];
  const root = authority.root.raw;
  const orders = {
    'own, victim': [own, victim],
    'own, victim, issuer': [own, victim, issuer],
    'own, issuer, victim': [own, issuer, victim],
    'own, issuer, root, victim': [own, issuer, root, victim],
    'own, victim, victim': [own, victim, victim],
  };
  return Object.fromEntries(
    Object.entries(orders).map(([order, certificates]) => [order, { chain: certificates, privateKey }]),
  );
}

test('the attack gets through where any certificate presented counts', () => {
  const authority = new Authority();
  const anyCounts = ({ chain }: Credential): boolean =>
    chain.some((der) => parseCertificate(der).subjectAltName.uri.includes(victimId(authority)));
  for (const [order, attack] of Object.entries(attacks(authority))) assert.ok(anyCounts(attack), order);
});

test('no server takes the sender for the victim', async (t) => {
  for (const server of await everyServer(t)) {
    const [honest] = (await knock(server, presented(server.authority.issue('web')))).admittedAs;
    assert.equal(honest, victimId(server.authority), `${server.name}: the victim itself is let in`);
    for (const [order, attack] of Object.entries(attacks(server.authority))) {
      const { admittedAs } = await knock(server, presented(attack));
      const told = `${server.name}: ${order}: ${admittedAs.join()}`;
      assert.ok(!admittedAs.includes(victimId(server.authority)) && !admittedAs.includes(victimDnsName), told);
      if (server.tells && server.lets === 'one') {
        assert.deepEqual(admittedAs, [], told);
        assert.equal(
          server.refusals.at(-1)?.code,
          server.name.startsWith('Gateway') ? 'CS-GATEWAY-015' : 'CS-PEER-007',
          told,
        );
      } else {
        assert.equal(admittedAs[0], `spiffe://${server.authority.trustDomain}/mallory`, told);
      }
    }
  }
});

test('no client takes the server for the victim', async (t) => {
  const authority = new Authority();
  for (const version of ['TLSv1.3', 'TLSv1.2'] as const) {
    const honest = await attackingServer(t, presented(authority.issue('web')), version);
    assert.deepEqual(await everyClient(authority, honest.port, version), fromEveryClient('admitted'));
    for (const [order, attack] of Object.entries(attacks(authority))) {
      const { port, received } = await attackingServer(t, presented(attack), version);
      assert.deepEqual(
        await everyClient(authority, port, version),
        fromEveryClient('CS-PEER-007'),
        `${version}: ${order}`,
      );
      assert.equal(received(), '', 'nothing was sent to it');
    }
  }
});

test('a bare server of node:tls reads the identity of the leaf, too', async (t) => {
  const authority = new Authority();
  const server = await bareServer(t, authority, 'TLSv1.3', ({ subjectaltname = '' }) =>
    subjectaltname.includes(victimId(authority)),
  );
  for (const attack of Object.values(attacks(authority))) {
    assert.deepEqual(
      (await knock(server, presented(attack))).admittedAs.filter((name) => name === 'the victim'),
      [],
    );
  }
});
