/** curl and OpenSSL call one server under several names: each sees the certificate of the name that it asked for, and the same policy. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import { spiffeId } from '../../packages/countersign/src/identity/authorization/index.ts';
import { withoutRevocation } from '../../packages/countersign/src/identity/revocation/index.ts';
import {
  createServer,
  type Credential,
  fixedSource,
  MutableSource,
  type MutualTlsServer,
  peerOf,
  Trust,
} from '../../packages/countersign/src/runtime/tls/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { type Folder, temporaryFolder } from '../e2e/command.ts';
import { missing, run } from './peers.ts';

const skip = missing('curl') || missing('openssl');
const authority = new TestAuthority();
const named = (...dns: readonly string[]): Credential => authority.issue('x', { names: { dns } });
const shop = new MutableSource(named('shop.test'));

let folder: Folder;
let server: MutualTlsServer;
let port: number;

before(async () => {
  folder = await temporaryFolder();
  const web = authority.issue('web');
  const pem = (chain: readonly Uint8Array[]): string => chain.map((der) => encodePem('CERTIFICATE', der)).join('');
  await writeFile(folder.in('web.pem'), pem(web.chain));
  await writeFile(folder.in('web.key'), web.privateKey.toPem());
  await writeFile(folder.in('roots.pem'), pem([authority.root.raw]));
  const bundles = fixedSource(authority.bundles());
  server = createServer(
    spiffeId('spiffe://test.internal/web'),
    {
      trust: new Trust({ bundles, revocations: fixedSource(withoutRevocation), clock: systemClock }),
      credentials: {
        otherwise: fixedSource(named('otherwise.test')),
        byServerName: { 'shop.test': shop, '*.eu.test': fixedSource(named('a.eu.test', 'b.eu.test')) },
      },
      clock: systemClock,
      minVersion: 'TLSv1.2',
    },
    (request, response) => response.end(`we saw ${peerOf(request).name}`),
  );
  ({ port } = await server.listen({ host: '127.0.0.1', port: 0 }));
});

after(async () => {
  await server.close({ graceMs: 0 });
  await folder.remove();
});

async function curl(name: string, ...more: readonly string[]): Promise<string> {
  const own = ['--cacert', folder.in('roots.pem'), '--cert', folder.in('web.pem'), '--key', folder.in('web.key')];
  const where = ['--resolve', `${name}:${port}:127.0.0.1`, `https://${name}:${port}/`];
  const { status, out } = await run('curl', [
    '-q',
    '-sS',
    '--noproxy',
    '*',
    '--max-time',
    '15',
    ...own,
    ...more,
    ...where,
  ]);
  return status === 0 ? out : `status ${String(status)}`;
}

/** The subjectAltName that OpenSSL is shown. */
async function sClient(...name: readonly string[]): Promise<string> {
  const own = ['-cert', folder.in('web.pem'), '-key', folder.in('web.key')];
  const where = ['-connect', `127.0.0.1:${port}`, '-CAfile', folder.in('roots.pem')];
  const seen = await run('openssl', ['s_client', '-showcerts', ...where, ...own, ...name]);
  const { out } = await run('openssl', ['x509', '-noout', '-ext', 'subjectAltName'], seen.out);
  return [...out.matchAll(/DNS:[^,\s]+/g)].map(([dns]) => dns).join(' ');
}

/** curl's exit status where the server's certificate does not verify. */
const notVerified = 'status 60';

for (const version of [[], ['--tls-max', '1.2']]) {
  test(
    `curl accepts the server under each of its names, and under no other: ${version.join(' ') || 'TLS 1.3'}`,
    { skip },
    async () => {
      for (const name of ['shop.test', 'SHOP.test', 'shop.test.', 'a.eu.test', 'b.eu.test', 'otherwise.test'])
        assert.equal(await curl(name, ...version), 'we saw spiffe://test.internal/web', name);
      for (const name of ['other.test', 'c.eu.test', 'shopxtest', 'a.b.eu.test'])
        assert.equal(await curl(name, ...version), notVerified, name);
    },
  );
}

test('OpenSSL is shown the certificate of the name that it asks for', { skip }, async () => {
  assert.equal(await sClient('-servername', 'shop.test'), 'DNS:shop.test');
  assert.equal(await sClient('-servername', 'b.EU.test'), 'DNS:a.eu.test DNS:b.eu.test');
  assert.equal(await sClient('-servername', 'unknown.test'), 'DNS:otherwise.test');
  assert.equal(await sClient('-servername', '.*'), 'DNS:otherwise.test');
  assert.equal(await sClient('-noservername'), 'DNS:otherwise.test');
  shop.set(named('shop.test', 'new.shop.test'));
  assert.equal(await sClient('-servername', 'shop.test'), 'DNS:shop.test DNS:new.shop.test');
});
