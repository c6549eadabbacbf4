/** A server of several names presents to each client the credential of the name that it asked for, and lets in the same peers under each. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { connect as tlsConnect } from 'node:tls';
import { systemClock as clock } from '../../../ground/clock/index.ts';
import { encodePem } from '../../../ground/encoding/index.ts';
import { isRefusal, type Refusal } from '../../../ground/errors/index.ts';
import { spiffeId } from '../../../identity/authorization/index.ts';
import { withoutRevocation } from '../../../identity/revocation/index.ts';
import { BundleSet } from '../../../identity/spiffe/index.ts';
import { generatePrivateKey } from '../../cryptography/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import { createServer, type Credential, fixedSource, MutableSource, peerOf, type Source, Trust } from '../index.ts';

const authority = new TestAuthority();
const web = authority.issue('web');

interface Served {
  readonly port: number;
  readonly refusals: Refusal[];
  readonly otherwise: MutableSource<Credential>;
  readonly shop: MutableSource<Credential>;
  readonly bundles: MutableSource<BundleSet>;
}

async function serving(t: TestContext, more: Readonly<Record<string, Source<Credential>>> = {}): Promise<Served> {
  const refusals: Refusal[] = [];
  const otherwise = new MutableSource(authority.issue('otherwise'));
  const shop = new MutableSource(authority.issue('shop'));
  const bundles = new MutableSource(authority.bundles());
  const server = createServer(
    spiffeId('spiffe://test.internal/web'),
    {
      trust: new Trust({ bundles, revocations: fixedSource(withoutRevocation), clock }),
      credentials: { otherwise, byServerName: { 'shop.test': shop, '*.shop.test': shop, ...more } },
      clock,
      minVersion: 'TLSv1.2',
      onRefusal: (refusal) => refusals.push(refusal),
    },
    (request, response) => response.end(peerOf(request).name),
  );
  t.after(() => server.close({ graceMs: 0 }));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return { port, refusals, otherwise, shop, bundles };
}

interface Visit {
  readonly servername?: string;
  readonly client?: Credential | undefined;
  readonly version?: 'TLSv1.3' | 'TLSv1.2';
  readonly session?: Buffer | undefined;
}

interface Seen {
  /** The names of the certificate that the server presented. */
  readonly presented: string;
  readonly answer: string;
  readonly reused: boolean;
  readonly sessions: readonly Buffer[];
}

/** A client of node:tls alone, which takes any server. */
async function visit(port: number, { servername, client = web, version = 'TLSv1.3', session }: Visit): Promise<Seen> {
  const sessions: Buffer[] = [];
  const socket = tlsConnect({
    host: '127.0.0.1',
    port,
    servername: servername ?? '',
    rejectUnauthorized: false,
    minVersion: version,
    maxVersion: version,
    key: client.privateKey.toPem(),
    cert: client.chain.map((der) => encodePem('CERTIFICATE', der)).join(''),
    ...(session && { session }),
  });
  socket.on('session', (one: Buffer) => sessions.push(one));
  let [presented, reused, answer] = ['', false, ''];
  socket.once('secureConnect', () => {
    presented = String(socket.getPeerX509Certificate()?.subjectAltName);
    reused = socket.isSessionReused();
  });
  socket.end(`GET / HTTP/1.1\r\nHost: ${servername ?? 'x'}\r\nConnection: close\r\n\r\n`);
  try {
    for await (const bytes of socket) answer += String(bytes);
  } catch (error) {
    answer += String(error);
  }
  return { presented, answer, reused, sessions };
}

for (const version of ['TLSv1.3', 'TLSv1.2'] as const) {
  test(`each name has its credential, and other names the default one: ${version}`, async (t) => {
    const { port } = await serving(t);
    const names: readonly (readonly [string | undefined, RegExp])[] = [
      ['shop.test', /shop\.internal/],
      ['SHOP.test', /shop\.internal/],
      ['eu.shop.test', /shop\.internal/],
      ['a.eu.shop.test', /otherwise\.internal/],
      ['shopxtest', /otherwise\.internal/],
      ['.*', /otherwise\.internal/],
      [undefined, /otherwise\.internal/],
    ];
    for (const [servername, expected] of names) {
      const { presented, answer } = await visit(port, { ...(servername && { servername }), version });
      assert.match(presented, expected, servername);
      assert.match(answer, /^HTTP\/1\.1 200 /, servername);
    }
  });

  test(`no name lets in whom another would not, and none takes up the session of another: ${version}`, async (t) => {
    const { port, refusals } = await serving(t);
    for (const servername of ['shop.test', 'other.test']) {
      for (const [client, code] of [
        [authority.issue('cron'), 'CS-PEER-007'],
        [new TestAuthority().issue('web'), 'CS-PEER-002'],
        [authority.issue('web', { notAfterMs: -10_000 }), 'CS-PEER-003'],
      ] as const) {
        refusals.length = 0;
        assert.doesNotMatch((await visit(port, { servername, client, version })).answer, /200 OK/);
        assert.deepEqual(
          refusals.map((refusal) => refusal.code),
          [code],
          servername,
        );
      }
    }
    const { sessions } = await visit(port, { servername: 'shop.test', version });
    for (const servername of ['shop.test', 'other.test'])
      for (const session of sessions) assert.ok(!(await visit(port, { servername, version, session })).reused);
  });
}

test('a certificate below an intermediate whose root is not trusted is refused under every name', async (t) => {
  const { port, refusals, bundles } = await serving(t);
  const other = new TestAuthority();
  bundles.set(new BundleSet('test.internal', [{ ...other.bundle(), intermediates: [authority.issuer] }]));
  for (const servername of ['shop.test', 'other.test']) {
    assert.doesNotMatch((await visit(port, { servername })).answer, /200 OK/);
  }
  assert.deepEqual(
    refusals.map(({ code }) => code),
    ['CS-PEER-002', 'CS-PEER-002'],
  );
});

test('a credential of a name is swapped like the default one; what TLS does not take is refused, and the last stays', async (t) => {
  const { port, shop, otherwise, bundles } = await serving(t);
  shop.set(authority.issue('second'));
  assert.match((await visit(port, { servername: 'shop.test' })).presented, /second\.internal/);
  const broken = { chain: authority.issue('third').chain, privateKey: generatePrivateKey('P-256') };
  assert.throws(
    () => shop.set(broken),
    (error) => isRefusal(error) && error.code === 'CS-TLS-007',
  );
  assert.match((await visit(port, { servername: 'shop.test' })).presented, /second\.internal/);
  otherwise.set(authority.issue('fourth'));
  assert.match((await visit(port, { servername: 'x.test' })).presented, /fourth\.internal/);
  shop.set(authority.issue('fifth'));
  const partner = new TestAuthority({ trustDomain: 'partner.test' });
  bundles.set(authority.bundles(partner));
  const { presented, answer } = await visit(port, { servername: 'shop.test' });
  assert.match(presented, /fifth\.internal/);
  assert.match(answer, /200 OK/);
});

test('a source that throws fails no other handshake and ends nothing', async (t) => {
  let fails = false;
  const credential = authority.issue('moody');
  const moody: Source<Credential> = {
    current: () => {
      if (fails) throw new Error('out of order');
      return credential;
    },
    watch: () => () => undefined,
  };
  const { port } = await serving(t, { 'moody.test': moody });
  fails = true;
  assert.match((await visit(port, { servername: 'moody.test' })).presented, /moody\.internal/);
  assert.match((await visit(port, { servername: 'shop.test' })).answer, /200 OK/);
});

test('a server is not made with a credential of a name that TLS does not take', () => {
  const broken = { chain: authority.issue('third').chain, privateKey: generatePrivateKey('P-256') };
  const bundles = fixedSource(authority.bundles());
  const trust = new Trust({ bundles, revocations: fixedSource(withoutRevocation), clock });
  const credentials = { otherwise: fixedSource(web), byServerName: { 'a.test': fixedSource(broken) } };
  assert.throws(
    () => createServer(spiffeId('spiffe://test.internal/web'), { trust, credentials, clock }, () => undefined),
    (error) => isRefusal(error) && error.code === 'CS-TLS-007',
  );
});
