/**
 * Class E, usage. The victim's own names in a certificate that is not meant for this side of a connection, or for connections at all.
 * Stands for: etcd CVE-2018-16886; Istio CVE-2026-39350; Go CVE-2024-45341; Spring CVE-2026-22747.
 *
 * OpenSSL looks at extendedKeyUsage itself, so a bare server of node:tls has the hole only where it is told to accept what OpenSSL refused.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extendedKeyUsages } from '../../packages/countersign/src/identity/x509/index.ts';
import { TestAuthority, type TestCertificate } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { attackingServer, everyClient, fromEveryClient } from './clients.ts';
import { presented } from './presented.ts';
import { everyServer, knock } from './servers.ts';
import { victimId } from './victim.ts';

const { clientAuth, serverAuth, feedSigning } = extendedKeyUsages;
const emailProtection = '1.3.6.1.5.5.7.3.4';
const codeSigning = '1.3.6.1.5.5.7.3.3';
const ocspSigning = '1.3.6.1.5.5.7.3.9';

const forNeither: Record<string, readonly string[]> = {
  'e-mail': [emailProtection],
  'code signing': [codeSigning],
  OCSP: [ocspSigning],
  'the feed': [feedSigning],
};

function victimFor(domain: string, usages: readonly string[], more: TestCertificate = {}): TestCertificate {
  return { names: { uri: [`spiffe://${domain}/web`], dns: ['web.internal'] }, usages, ...more };
}

test('no server lets in a certificate that is not for clients', async (t) => {
  for (const server of await everyServer(t)) {
    const { authority } = server;
    const wrong = { ...forNeither, servers: [serverAuth] };
    const right = await knock(
      server,
      presented(authority.issue('web', victimFor(authority.trustDomain, [clientAuth]))),
    );
    assert.equal(right.admittedAs[0], victimId(authority), `${server.name}: a certificate for clients is let in`);
    for (const [use, usages] of Object.entries(wrong)) {
      const { admittedAs, seen } = await knock(
        server,
        presented(authority.issue('web', victimFor(authority.trustDomain, usages))),
      );
      assert.deepEqual(admittedAs, [], `${server.name}: for ${use}: ${seen}`);
      if (server.tells) {
        assert.equal(
          server.refusals.at(-1)?.code,
          'CS-PEER-012',
          `${server.name}: for ${use}: ${String(server.refusals.at(-1))}`,
        );
      }
    }
    const authorities = await knock(
      server,
      presented(authority.issue('web', victimFor(authority.trustDomain, [clientAuth], { ca: true }))),
    );
    assert.deepEqual(authorities.admittedAs, [], `${server.name}: a certificate of an authority`);
  }
});

test('no client talks to a server whose certificate is not for servers', async (t) => {
  const authority = new TestAuthority();
  const wrong = { ...forNeither, clients: [clientAuth] };
  for (const version of ['TLSv1.3', 'TLSv1.2'] as const) {
    const right = await attackingServer(
      t,
      presented(authority.issue('web', victimFor('test.internal', [serverAuth]))),
      version,
    );
    assert.deepEqual(await everyClient(authority, right.port, version), fromEveryClient('admitted'));
    for (const [use, usages] of Object.entries(wrong)) {
      const server = await attackingServer(
        t,
        presented(authority.issue('web', victimFor('test.internal', usages))),
        version,
      );
      assert.deepEqual(
        await everyClient(authority, server.port, version),
        fromEveryClient('CS-PEER-012'),
        `${version}: for ${use}`,
      );
      assert.equal(server.received(), '', 'nothing was sent to it');
    }
  }
});
