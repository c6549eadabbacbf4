/** OpenSSL's s_client calls our server, and our client calls its s_server: let in, and refused by either side. */
import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import { request } from 'undici';
import { spiffeId } from '../../packages/countersign/src/identity/authorization/index.ts';
import { missing, run, type Ran, type RunningPeer, startPeer } from './peers.ts';
import {
  dbId,
  type Files,
  openScene,
  ourClient,
  ourNamelessClient,
  ourServer,
  refusalOf,
  type Scene,
  webId,
} from './scene.ts';

const skip = missing('openssl');
let scene: Scene;

before(async () => {
  scene = await openScene();
});
after(() => scene.close());

const getRequest = 'GET / HTTP/1.1\r\nHost: db.internal\r\nConnection: close\r\n\r\n';

function sClient(port: number, name: string, roots: string, own?: Files): Promise<Ran> {
  const identity = own === undefined ? [] : ['-cert', own.cert, '-key', own.key, '-cert_chain', own.cert];
  const strict = ['-verify_return_error', '-verify_hostname', name, '-x509_strict', '-no-CApath', '-no-CAstore'];
  const where = ['-connect', `127.0.0.1:${String(port)}`, '-servername', name, '-CAfile', roots];
  return run('openssl', ['s_client', '-quiet', '-ign_eof', ...where, ...strict, ...identity], getRequest);
}

const server = (t: TestContext): ReturnType<typeof ourServer> => ourServer(t, spiffeId(webId), scene.db);

test('s_client is let in, and accepts our server by its DNS name', { skip }, async (t) => {
  const { port, refusals } = await server(t);
  const { out, err } = await sClient(port, 'db.internal', scene.db.roots, scene.web);
  assert.match(out, new RegExp(`^HTTP/1.1 200 [^]*we saw ${webId}`), err);
  assert.deepEqual(refusals, []);
});

test('our server refuses an s_client without a certificate', { skip }, async (t) => {
  const { port, refused } = await server(t);
  const { out, err } = await sClient(port, 'db.internal', scene.db.roots);
  assert.doesNotMatch(out, /HTTP/);
  assert.match(err, /alert certificate required/);
  assert.equal((await refused()).code, 'CS-PEER-001');
});

test("our server refuses an s_client with another authority's certificate", { skip }, async (t) => {
  const { port, refused } = await server(t);
  const { out } = await sClient(port, 'db.internal', scene.db.roots, scene.stranger);
  assert.doesNotMatch(out, /we saw|200/);
  assert.equal((await refused()).code, 'CS-PEER-002');
});

test('our server refuses an s_client of another name, and says so', { skip }, async (t) => {
  const { port, refused } = await server(t);
  const { out } = await sClient(port, 'db.internal', scene.db.roots, scene.db);
  assert.match(out, /^HTTP\/1.1 403 [^]*CS-PEER-007/);
  assert.equal((await refused()).code, 'CS-PEER-007');
});

test('s_client refuses our server under another name, and under another authority', { skip }, async (t) => {
  const { port } = await server(t);
  const wrongName = await sClient(port, 'web.internal', scene.db.roots, scene.web);
  assert.doesNotMatch(wrongName.out, /HTTP/);
  assert.match(wrongName.err, /hostname mismatch/i);
  const otherRoots = await sClient(port, 'db.internal', scene.stranger.roots, scene.web);
  assert.doesNotMatch(otherRoots.out, /HTTP/);
  assert.match(otherRoots.err, /unable to get local issuer certificate|self.signed certificate in certificate chain/);
});

test('our server refuses an s_client that has TLS 1.2 at the most', { skip }, async (t) => {
  const { port, refused } = await server(t);
  const identity = ['-cert', scene.web.cert, '-key', scene.web.key, '-cert_chain', scene.web.cert];
  const where = ['-connect', `127.0.0.1:${String(port)}`, '-CAfile', scene.db.roots];
  const { out } = await run(
    'openssl',
    ['s_client', '-quiet', '-ign_eof', '-tls1_2', ...where, ...identity],
    getRequest,
  );
  assert.doesNotMatch(out, /HTTP/);
  assert.equal((await refused()).code, 'CS-TLS-004');
});

/** s_server with the certificate of `files`; it demands one of the client and answers with what it saw. */
async function sServer(
  t: TestContext,
  files: Files,
  trusting: Files,
  more: readonly string[] = [],
): Promise<RunningPeer> {
  const identity = ['-cert', files.cert, '-key', files.key, '-cert_chain', files.cert];
  const strict = [
    '-Verify',
    '3',
    '-verify_return_error',
    '-x509_strict',
    '-CAfile',
    trusting.roots,
    '-no-CApath',
    '-no-CAstore',
  ];
  const all = ['s_server', '-accept', '127.0.0.1:0', '-tls1_3', '-www', ...identity, ...strict, ...more];
  const peer = await startPeer('openssl', all, /ACCEPT 127\.0\.0\.1:(\d+)/);
  t.after(() => peer.stop());
  return peer;
}

const url = ({ port }: { port: number }): string => `https://127.0.0.1:${String(port)}/`;

test('our client is let in by s_server, and accepts it by its SPIFFE ID', { skip }, async (t) => {
  const peer = await sServer(t, scene.db, scene.db);
  const dispatcher = ourClient(t, spiffeId(dbId), scene.web);
  const { statusCode, body } = await request(url(peer), { dispatcher });
  assert.equal(statusCode, 200);
  assert.match(await body.text(), new RegExp(`URI:${webId}`));
});

test("our client refuses an s_server with another authority's certificate", { skip }, async (t) => {
  const peer = await sServer(t, scene.stranger, scene.db);
  const dispatcher = ourClient(t, spiffeId(webId), scene.web);
  assert.equal(await refusalOf(request(url(peer), { dispatcher })), 'CS-PEER-002');
});

test('our client refuses an s_server of another name', { skip }, async (t) => {
  const peer = await sServer(t, scene.web, scene.db);
  const dispatcher = ourClient(t, spiffeId(dbId), scene.web);
  assert.equal(await refusalOf(request(url(peer), { dispatcher })), 'CS-PEER-007');
});

test(
  's_server refuses our client: without a certificate, of another authority, of another name',
  { skip },
  async (t) => {
    const peer = await sServer(t, scene.db, scene.db);
    const nameless = ourNamelessClient(t, spiffeId(dbId), scene.db);
    await assert.rejects(request(url(peer), { dispatcher: nameless }));
    await peer.heard(/peer did not return a certificate/);
    const stranger = ourClient(t, spiffeId(dbId), scene.stranger, scene.db);
    await assert.rejects(request(url(peer), { dispatcher: stranger }));
    await peer.heard(/certificate verify failed/);
    const picky = await sServer(t, scene.db, scene.db, ['-verify_hostname', 'web.internal']);
    const other = ourClient(t, spiffeId(dbId), scene.db);
    await assert.rejects(request(url(picky), { dispatcher: other }));
    await picky.heard(/hostname mismatch|certificate verify failed/i);
  },
);
