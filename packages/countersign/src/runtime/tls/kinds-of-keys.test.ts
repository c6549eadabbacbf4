/** Each kind of key that path validation lets in can be presented: as a client's and as a server's, and signed by an authority of its kind. */
import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { connect as tlsConnect, createServer as createTlsServer } from 'node:tls';
import { systemClock as clock } from '../../ground/clock/index.ts';
import { encodePem } from '../../ground/encoding/index.ts';
import type { Refusal } from '../../ground/errors/index.ts';
import { spiffeId } from '../../identity/authorization/index.ts';
import { withoutRevocation } from '../../identity/revocation/index.ts';
import type { KeyType } from '../../identity/x509/index.ts';
import { generatePrivateKey, type PrivateKey } from '../cryptography/index.ts';
import { TestAuthority } from '../../surfaces/testing/index.ts';
import { connect, createServer, type Credential, fixedSource, peerOf, Trust } from './index.ts';
import { certificateRefusal } from './refusals/handshake-refusal.ts';

const kinds: readonly KeyType[] = ['P-256', 'P-384', 'P-521', 'Ed25519', 'RSA', 'ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87'];

interface Case {
  readonly authority: TestAuthority;
  readonly key: PrivateKey;
  readonly version: 'TLSv1.3' | 'TLSv1.2';
}

function trustIn(authority: TestAuthority): Trust {
  const bundles = fixedSource(authority.bundles());
  return new Trust({ bundles, revocations: fixedSource(withoutRevocation), clock });
}

/** A client of node:tls alone with a key of this kind calls our server, which has one, too: what it sees, and what was refused. */
async function answered(t: TestContext, { authority, key, version }: Case): Promise<string> {
  const refusals: Refusal[] = [];
  const server = createServer(
    spiffeId('spiffe://test.internal/web'),
    {
      trust: trustIn(authority),
      clock,
      minVersion: version,
      credentials: fixedSource(authority.issue('orders', { key })),
      onRefusal: (refusal) => refusals.push(refusal),
    },
    (request, response) => response.end(peerOf(request).name),
  );
  t.after(() => server.close({ graceMs: 0 }));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const own = pemOf(authority.issue('web', { key }));
  const socket = tlsConnect({ host: '127.0.0.1', port, ...own, rejectUnauthorized: false, maxVersion: version });
  socket.end('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  let saw = '';
  for await (const bytes of socket) saw += String(bytes);
  return [saw, ...refusals.map(String)].join(' ');
}

/** Our client with a key of this kind calls a server of node:tls alone, which has one, too, and asks for the client's. */
async function admitted(t: TestContext, { authority, key, version }: Case): Promise<string> {
  const own = pemOf(authority.issue('orders', { key }));
  const ca = pemOf({ ...authority.issue('x'), chain: [authority.root.raw] }).cert;
  const server = createTlsServer({ ...own, ca, requestCert: true, maxVersion: version }, (socket) => {
    socket.end(`${String(socket.getProtocol())} ${String(socket.getPeerX509Certificate()?.subjectAltName)}`);
  });
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const credentials = fixedSource(authority.issue('web', { key }));
  const options = { trust: trustIn(authority), clock, minVersion: version, credentials, host: '127.0.0.1', port };
  const { socket } = await connect(spiffeId('spiffe://test.internal/orders'), options);
  let saw = '';
  for await (const bytes of socket) saw += String(bytes);
  return saw;
}

function pemOf({ chain, privateKey }: Credential): { key: string; cert: string } {
  return { key: privateKey.toPem(), cert: chain.map((der) => encodePem('CERTIFICATE', der)).join('') };
}

for (const keyType of kinds) {
  test(`${keyType}: a client and a server are let in, also under an authority of that kind`, async (t) => {
    // ML-DSA is there on TLS 1.3 alone.
    const versions = keyType.startsWith('ML-') ? (['TLSv1.3'] as const) : (['TLSv1.3', 'TLSv1.2'] as const);
    const key = generatePrivateKey(keyType);
    for (const authority of [new TestAuthority(), new TestAuthority({ keyType })]) {
      for (const version of versions) {
        const one = { authority, key, version };
        assert.match(await answered(t, one), new RegExp(`^HTTP/1.1 200 [^]*spiffe://test.internal/web$`));
        assert.match(await admitted(t, one), new RegExp(`^${version} .*URI:spiffe://test.internal/web`));
      }
    }
  });
}

test('a key that is too short is refused for what it is', () => {
  for (const code of ['EE_KEY_TOO_SMALL', 'CA_KEY_TOO_SMALL', 'CA_MD_TOO_WEAK'])
    assert.equal(certificateRefusal(code, 'not read')?.code, 'CS-PEER-011');
});
