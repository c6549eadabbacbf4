/** OpenSSL reads and verifies, strictly, whatever the authority issues: root, issuer, service, server and feed certificates. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { after, before, test } from 'node:test';
import { connect as tlsConnect } from 'node:tls';
import { encodePem, parsePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import { parseFeedEnvelope } from '../../packages/countersign/src/identity/revocation/index.ts';
import { parseCertificate } from '../../packages/countersign/src/identity/x509/index.ts';
import { feedEndpointHeader, feedPath } from '../../packages/countersign/src/runtime/api/index.ts';
import { missing, run } from './peers.ts';
import { openScene, type Scene, webId } from './scene.ts';

const skip = missing('openssl');
let scene: Scene;

before(async () => {
  scene = await openScene();
});
after(() => scene.close());

/** `openssl verify` with its strict checks; the issuer comes as an untrusted certificate, as from a peer. */
async function verifies(file: string, issuer: string, purpose: string): Promise<void> {
  const strict = ['-x509_strict', '-check_ss_sig', '-no-CApath', '-no-CAstore'];
  const { status, out, err } = await run('openssl', [
    'verify',
    ...strict,
    '-purpose',
    purpose,
    '-CAfile',
    scene.web.roots,
    '-untrusted',
    issuer,
    file,
  ]);
  assert.equal(status, 0, out + err);
}

/** `openssl x509 -text`, which must have nothing to complain of. */
async function text(file: string): Promise<string> {
  const { status, out, err } = await run('openssl', ['x509', '-in', file, '-noout', '-text', '-nameopt', 'utf8']);
  assert.equal(status, 0, err);
  assert.equal(err, '');
  assert.doesNotMatch(out, /unknown|error|<INVALID>|bad /i);
  return out;
}

async function written(name: string, der: Uint8Array): Promise<string> {
  const file = scene.folder.in(name);
  await writeFile(file, encodePem('CERTIFICATE', der));
  return file;
}

async function issuerFile(): Promise<string> {
  const [, issuer] = parsePem(await readFile(scene.web.cert, 'utf8'));
  return written('issuer.pem', issuer!.bytes);
}

/** The chain that the authority itself serves with, leaf first. */
async function serverChain(): Promise<Uint8Array[]> {
  const { hostname, port } = new URL(scene.authority.url);
  const socket = tlsConnect({ host: hostname, port: Number(port), rejectUnauthorized: false });
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  const leaf = socket.getPeerCertificate(true);
  socket.destroy();
  return [leaf.raw, leaf.issuerCertificate.raw];
}

/** The certificate that signs the feed, from the feed itself. */
async function feedCertificate(): Promise<Uint8Array> {
  const [cert, key, ca] = await Promise.all(
    [scene.web.cert, scene.web.key, scene.web.roots].map((file) => readFile(file)),
  );
  const headers = { [feedEndpointHeader]: 'interop-endpoint-1' };
  const event = await new Promise<string>((resolve, reject) => {
    const options = { cert, key, ca, headers, agent: false, timeout: 10_000 };
    const call = httpsRequest(new URL(feedPath, scene.authority.url), options, (response) => {
      if (response.statusCode !== 200) reject(new Error(`the feed answers ${String(response.statusCode)}`));
      let said = '';
      response.setEncoding('utf8').on('data', (piece: string) => {
        said += piece;
        const data = /^data: ?(.+)\n\n/m.exec(said)?.[1];
        if (data === undefined) return;
        resolve(data);
        call.destroy();
      });
    });
    call.once('timeout', () => reject(new Error('the feed is silent')));
    call.once('error', reject);
    call.end();
  });
  return parseFeedEnvelope(event).signer;
}

test('the root and the issuer', { skip }, async () => {
  const root = await text(scene.web.roots);
  assert.match(root, /CA:TRUE/);
  assert.match(root, /Certificate Sign/);
  await verifies(scene.web.roots, scene.web.roots, 'any');
  const issuer = await issuerFile();
  assert.match(await text(issuer), /CA:TRUE, pathlen:0/);
  await verifies(issuer, scene.web.roots, 'any');
});

test('a service, as a client and as a server', { skip }, async () => {
  const shown = await text(scene.web.cert);
  assert.match(shown, /TLS Web Server Authentication, TLS Web Client Authentication|TLS Web Client Authentication/);
  assert.match(shown, new RegExp(`DNS:web.internal, URI:${webId}`));
  for (const purpose of ['sslclient', 'sslserver']) await verifies(scene.web.cert, await issuerFile(), purpose);
  const { status } = await run('openssl', [
    'verify',
    '-CAfile',
    scene.stranger.roots,
    '-untrusted',
    scene.web.cert,
    scene.web.cert,
  ]);
  assert.notEqual(status, 0, 'under another root it does not verify');
});

test("the authority's own server", { skip }, async () => {
  const [leaf, issuer] = await serverChain();
  const file = await written('server.pem', leaf!);
  assert.match(await text(file), /URI:spiffe:\/\/dev\.internal\/countersign\/authority/);
  await verifies(file, await written('server-issuer.pem', issuer!), 'sslserver');
});

test("the feed's signer: critical for that alone, and good for nothing else", { skip }, async () => {
  const file = await written('feed.pem', await feedCertificate());
  assert.match(await text(file), /X509v3 Extended Key Usage: critical\n\s+2\.25\.\d+\n/);
  await verifies(file, await issuerFile(), 'any');
  for (const purpose of ['sslclient', 'sslserver']) await assert.rejects(verifies(file, await issuerFile(), purpose));
});

test("OpenSSL's reading of each is ours", { skip }, async () => {
  const services = parsePem(await readFile(scene.web.cert, 'utf8')).map(({ bytes }) => bytes);
  const roots = parsePem(await readFile(scene.web.roots, 'utf8')).map(({ bytes }) => bytes);
  for (const der of [...services, ...roots, ...(await serverChain()), await feedCertificate()]) {
    const [ours, openssl] = [parseCertificate(der), new X509Certificate(der)];
    assert.equal(ours.serialNumber, openssl.serialNumber);
    assert.equal(ours.notBefore, openssl.validFromDate.getTime());
    assert.equal(ours.notAfter, openssl.validToDate.getTime());
    assert.equal(ours.basicConstraints?.ca ?? false, openssl.ca);
    assert.deepEqual(ours.extendedKeyUsage, openssl.keyUsage);
    assert.ok(ours.serialNumber.length <= 40 && /^[0-9A-F]+$/.test(ours.serialNumber));
  }
});
