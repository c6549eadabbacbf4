/**
 * Class I. A server that asks for a certificate with as many names of authorities as a list of them can hold, 64 KB (RFC 8446, 4.2.4; RFC 5246, 7.4.4): what fits
 * is no reason to fail. A server that was given more cannot even ask; its clients read that it was the other side that gave up.
 * Stands for: the kin of cert-manager CVE-2024-12401, on the client's side. A bare client of node:tls bounds it, too, since OpenSSL does.
 */
import assert from 'node:assert/strict';
import { createServer, type TLSSocket } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { encodeName } from '../../packages/countersign/src/identity/x509/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { attackingServer, clientOptions } from '../bypass/clients.ts';
import { clients } from '../bypass/endpoints.ts';
import { exactly, pemOf, presented, type TlsVersion } from '../bypass/presented.ts';
import { onlyTheVictim } from '../bypass/victim.ts';
import { hourMs, makeRoot } from '../fixtures/certificates.ts';

const authority = new TestAuthority();

/** Each has a name of a kilobyte. */
const authorities: readonly string[] = Array.from({ length: 130 }, (_, place) => {
  const now = Date.now();
  const subject = encodeName({ commonName: `${place}${'n'.repeat(990)}` });
  return pemOf([makeRoot({ subject, notBefore: now - hourMs, notAfter: now + hourMs }).certificate.raw]);
});

async function askingFor(t: TestContext, count: number, version: TlsVersion): Promise<number> {
  const sockets = new Set<TLSSocket>();
  const server = createServer({
    ...presented(authority.issue('web')),
    ...exactly(version),
    ca: authorities.slice(0, count),
    requestCert: true,
    rejectUnauthorized: false,
  });
  server.on('secureConnection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'));
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

for (const version of ['TLSv1.3', 'TLSv1.2'] as const) {
  test(`no client stumbles over the names that a server asks for, ${version}`, async (t) => {
    const many = await askingFor(t, 60, version);
    const tooMany = await askingFor(t, 130, version);
    const right = await attackingServer(t, presented(authority.issue('web')), version);
    const wanted = { policy: onlyTheVictim(authority), options: clientOptions(authority, version) };
    for (const client of clients) {
      assert.equal(await client.call({ port: many }, wanted), 'admitted', client.name);
      const outcome = await client.call({ port: tooMany }, wanted);
      assert.equal(outcome, 'CS-TLS-003', client.name);
      assert.equal(await client.call(right, wanted), 'admitted', client.name);
    }
  });
}
