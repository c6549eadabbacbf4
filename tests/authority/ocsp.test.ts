/** The authority's OCSP responder, asked over its plain listener: by our own check and as any client would. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { fromHex } from '../../packages/countersign/src/ground/encoding/index.ts';
import { checkOcspResponse, type OcspAnswer } from '../../packages/countersign/src/identity/revocation/index.ts';
import {
  type Certificate,
  type CertIdHash,
  encodeCertId,
  encodeOcspRequest,
  encodeTbsRequest,
  nonceExtension,
  parseOcspResponse,
  readCertificatesPem,
} from '../../packages/countersign/src/identity/x509/index.ts';
import type { AuthoritySettings } from '../../packages/countersign/src/issuing/server/index.ts';
import { certIdHash, randomBytes, verifySignature } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { MutableSource } from '../../packages/countersign/src/runtime/tls/index.ts';
import { type ServerHouse, startHouse } from './server-house.ts';

const plain: AuthoritySettings = { publishing: { listen: '127.0.0.1:0' } };

interface Scene {
  readonly house: ServerHouse;
  readonly issuer: Certificate;
  readonly url: string;
}

async function scene(t: TestContext, settings: AuthoritySettings = plain): Promise<Scene> {
  const house = await startHouse(t, { settings: new MutableSource(settings) });
  const [issuer] = readCertificatesPem(await readFile(join(house.dir, 'authority', 'issuer.pem'), 'utf8'));
  assert.ok(issuer !== undefined);
  const url = house.server.publishingUrl();
  assert.ok(url !== undefined);
  return { house, issuer, url: `${url}/ocsp` };
}

function request(issuer: Certificate, serial: string, hash: CertIdHash = 'SHA-1', nonce?: Uint8Array): Uint8Array {
  const certId = encodeCertId(issuer, fromHex(serial) ?? new Uint8Array(), hash, (bytes) => certIdHash(hash, bytes));
  const extensions = nonce === undefined ? {} : { extensions: [nonceExtension(nonce)] };
  return encodeOcspRequest(encodeTbsRequest({ certIds: [certId], ...extensions }));
}

const post = (url: string, body: Uint8Array): Promise<Response> =>
  fetch(url, { method: 'POST', body: new Uint8Array(body), headers: { 'content-type': 'application/ocsp-request' } });
const get = (url: string, asked: Uint8Array, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${url}/${encodeURIComponent(Buffer.from(asked).toString('base64'))}`, { headers });

type Named = Pick<Certificate, 'serialNumber' | 'issuer' | 'notAfter'>;

async function check(certificate: Named, issuer: Certificate, answered: Response): Promise<OcspAnswer> {
  assert.equal(answered.headers.get('content-type'), 'application/ocsp-response');
  const response = parseOcspResponse(new Uint8Array(await answered.arrayBuffer()));
  return checkOcspResponse({ certificate, issuer, response, at: Date.now(), verifySignature, hash: certIdHash });
}

test('good, then revoked at once, by GET and POST, with each hash', async (t) => {
  const { house, issuer, url } = await scene(t);
  const { leaf } = await house.service('web');
  for (const hash of ['SHA-1', 'SHA-256'] as const) {
    for (const ask of [post, get]) {
      const good = await check(leaf, issuer, await ask(url, request(issuer, leaf.serialNumber, hash)));
      assert.equal(good.status, 'good', hash);
    }
  }
  await house.local.revoke({ serial: leaf.serialNumber, reason: 'superseded' });
  for (const hash of ['SHA-1', 'SHA-256'] as const) {
    const revoked = await check(leaf, issuer, await get(url, request(issuer, leaf.serialNumber, hash)));
    assert.ok(revoked.status === 'revoked');
    assert.equal(revoked.reason, 'superseded');
    assert.ok(Math.abs(revoked.revokedAt - Date.now()) < 60_000);
  }
});

test('the responder is delegated, and asks for no check of itself', async (t) => {
  const { house, issuer, url } = await scene(t);
  const { leaf } = await house.service('web');
  const answer = await check(leaf, issuer, await post(url, request(issuer, leaf.serialNumber)));
  assert.ok(answer.status === 'good' && answer.responder.kind === 'delegated');
  assert.equal(answer.responder.mustBeChecked, false);
  assert.deepEqual(answer.responder.certificate.keyUsage, ['digitalSignature']);
  const own = house.events.flatMap((event) => (event.event === 'own-certificate' ? [event] : []));
  assert.ok(
    own.some(
      ({ serial }) =>
        serial === (answer.responder.kind === 'delegated' ? answer.responder.certificate.serialNumber : ''),
    ),
  );
});

test('what was never issued is unknown, and another issuer is none of its business', async (t) => {
  const { house, issuer, url } = await scene(t);
  const { leaf } = await house.service('web');
  const never: Named = { serialNumber: '0BAD', issuer: leaf.issuer, notAfter: leaf.notAfter };
  const unknown = await check(never, issuer, await get(url, request(issuer, '0BAD')));
  assert.equal(unknown.status, 'unknown');
  const [root] = readCertificatesPem(await readFile(join(house.dir, 'authority', 'root.pem'), 'utf8'));
  const other = parseOcspResponse(new Uint8Array(await (await post(url, request(root!, '01'))).arrayBuffer()));
  assert.equal(other.status, 'unauthorized');
  const broken = parseOcspResponse(new Uint8Array(await (await post(url, Uint8Array.of(48, 1))).arrayBuffer()));
  assert.equal(broken.status, 'malformedRequest');
});

test('headers for caches: who has it already is told so', async (t) => {
  const { house, issuer, url } = await scene(t);
  const { leaf } = await house.service('web');
  const asked = request(issuer, leaf.serialNumber);
  const { headers } = await get(url, asked);
  assert.match(headers.get('cache-control') ?? '', /max-age=60/);
  const etag = headers.get('etag') ?? '';
  const modified = headers.get('last-modified') ?? '';
  assert.ok(Date.parse(headers.get('expires') ?? '') > Date.now() + 11 * 3_600_000);
  assert.equal((await get(url, asked, { 'if-none-match': etag })).status, 304);
  assert.equal((await get(url, asked, { 'if-modified-since': modified })).status, 304);
  await house.local.revoke({ serial: leaf.serialNumber });
  const after = await get(url, asked, { 'if-none-match': etag });
  assert.equal(after.status, 200, 'revoked since');
});

test('a slash of base64 is one, twice or not escaped', async (t) => {
  const { house, issuer, url } = await scene(t);
  const { leaf } = await house.service('web');
  // Octets that make two slashes in base64: 111111 111111.
  const serial = '0FFFFFFFFFFFFF';
  const text = Buffer.from(request(issuer, serial)).toString('base64');
  assert.match(text, /\/\//);
  const never: Named = { serialNumber: serial, issuer: leaf.issuer, notAfter: leaf.notAfter };
  assert.equal((await check(never, issuer, await fetch(`${url}/${text}`))).status, 'unknown');
});

test('a nonce is passed over, or answered where the settings say so, up to the limit', async (t) => {
  const nonce = randomBytes(32);
  const { house, issuer, url } = await scene(t);
  const { leaf } = await house.service('web');
  const nonceOf = async (at: string): Promise<string | undefined> => {
    const answered = await post(at, request(issuer, leaf.serialNumber, 'SHA-256', nonce));
    const response = parseOcspResponse(new Uint8Array(await answered.arrayBuffer()));
    return response.status === 'successful' ? response.basic.nonce : response.status;
  };
  assert.equal(await nonceOf(url), undefined);
  await house.stop();
  const settings = { publishing: { listen: '127.0.0.1:0', ocsp: { nonces: 'signed', signaturesASecond: 2 } } } as const;
  const again = await startHouse(t, { dir: house.dir, settings: new MutableSource<AuthoritySettings>(settings) });
  const at = `${again.server.publishingUrl() ?? ''}/ocsp`;
  assert.equal(await nonceOf(at), Buffer.from(nonce).toString('hex'));
  const more = await Promise.all(Array.from({ length: 10 }, () => nonceOf(at)));
  assert.ok(more.includes(undefined), 'beyond the limit as if there were none');
});

test('after a restart the first answer is of what was revoked before', async (t) => {
  const { house, issuer } = await scene(t);
  const { leaf } = await house.service('web');
  await house.local.revoke({ serial: leaf.serialNumber });
  const again = await house.restart();
  const url = `${again.server.publishingUrl() ?? ''}/ocsp`;
  const answer = await check(leaf, issuer, await get(url, request(issuer, leaf.serialNumber)));
  assert.equal(answer.status, 'revoked');
});

test('nothing is published unless it is asked for', async (t) => {
  const house = await startHouse(t);
  assert.equal(house.server.publishingUrl(), undefined);
  assert.deepEqual(house.server.published, ['/crl/', '/ocsp']);
});
