/** curl and openssl, over HTTP/1.1 and HTTP/2: who is let in is served, and who is refused by the second stage reads the code. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { spiffeId } from '../../packages/countersign/src/identity/authorization/index.ts';
import { withoutRevocation } from '../../packages/countersign/src/identity/revocation/index.ts';
import {
  createHttp2Server,
  type Credential,
  fixedSource,
  peerOf,
  Trust,
} from '../../packages/countersign/src/runtime/tls/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { pemOf, presented } from '../bypass/presented.ts';
import { missing, run, type Ran } from './peers.ts';

const authority = new TestAuthority();
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-refused-'));
  await writeFile(join(folder, 'roots.pem'), pemOf([authority.root.raw]));
  await write('web', authority.issue('web'));
  await write('cron', authority.issue('cron'));
  await writeFile(join(folder, 'upload'), Buffer.alloc(2_000_000, 'x'));
});
after(() => rm(folder, { recursive: true }));

async function write(name: string, credential: Credential): Promise<void> {
  const { cert, key } = presented(credential);
  await writeFile(join(folder, `${name}.cert`), cert);
  await writeFile(join(folder, `${name}.key`), key);
}

async function serve(t: TestContext): Promise<number> {
  const server = createHttp2Server(
    spiffeId('spiffe://test.internal/web'),
    {
      trust: new Trust({
        bundles: fixedSource(authority.bundles()),
        revocations: fixedSource(withoutRevocation),
        clock: systemClock,
      }),
      credentials: fixedSource(authority.issue('orders', { names: { dns: ['orders.test'], uri: [] } })),
      clock: systemClock,
      onRefusal: () => undefined,
    },
    (asked, response) => {
      asked.resume();
      response.end(`HTTP ${asked.httpVersion} ${peerOf(asked).name}`);
    },
  );
  t.after(() => server.close({ graceMs: 0 }));
  return (await server.listen({ host: '127.0.0.1', port: 0 })).port;
}

function curl(port: number, name: string, more: readonly string[]): Promise<Ran> {
  const own = ['--cert', join(folder, `${name}.cert`), '--key', join(folder, `${name}.key`)];
  const where = ['--resolve', `orders.test:${port}:127.0.0.1`, `https://orders.test:${port}/`];
  const quiet = ['-q', '-sS', '--noproxy', '*', '--max-time', '15', '-w', ' %{http_code}'];
  return run('curl', [...quiet, '--cacert', join(folder, 'roots.pem'), ...own, ...more, ...where]);
}

const code =
  '{"type":"urn:countersign:refusal:CS-PEER-007","title":"peer not allowed","status":403,"code":"CS-PEER-007"} 403';

for (const [flag, version] of [
  ['--http1.1', '1.1'],
  ['--http2', '2.0'],
] as const) {
  test(`curl over HTTP/${version}`, { skip: missing('curl') }, async (t) => {
    const port = await serve(t);
    const served = await curl(port, 'web', [flag]);
    assert.deepEqual(
      [served.status, served.out, served.err],
      [0, `HTTP ${version} spiffe://test.internal/web 200`, ''],
    );
    const upload = ['-X', 'POST', '-H', 'Expect:', '--data-binary', `@${join(folder, 'upload')}`];
    for (let attempt = 0; attempt < 5; attempt++) {
      const refused = await curl(port, 'cron', [flag]);
      assert.deepEqual([refused.status, refused.out], [0, code], refused.err);
      const uploading = await curl(port, 'cron', [flag, ...upload]);
      assert.equal(uploading.out, code, uploading.err);
    }
    const elsewhere = await curl(port, 'web', [flag, '-H', 'Host: admin.test']);
    assert.match(elsewhere.out, /"code":"CS-TLS-012"\} 421$/, elsewhere.err);
  });
}

test('openssl s_client', { skip: missing('openssl') }, async (t) => {
  const port = await serve(t);
  const ask = (name: string): Promise<Ran> => {
    const own = ['-cert', join(folder, `${name}.cert`), '-key', join(folder, `${name}.key`)];
    const roots = ['-CAfile', join(folder, 'roots.pem'), '-verify_return_error'];
    const to = ['-connect', `127.0.0.1:${port}`, '-servername', 'orders.test', '-quiet', '-ign_eof'];
    const asked = 'GET / HTTP/1.1\r\nHost: orders.test\r\nConnection: close\r\n\r\n';
    return run('openssl', ['s_client', ...to, ...own, ...roots], asked);
  };
  assert.match((await ask('web')).out, /HTTP 1\.1 spiffe:\/\/test\.internal\/web/);
  assert.match((await ask('cron')).out, /^HTTP\/1\.1 403 Forbidden\r\n[^]*"code":"CS-PEER-007"/);
});
