/**
 * Classes H and L. Who holds a token, a certificate or a proof of its own asks for another's identity, or renews with another's certificate: in the request,
 * by what stands in its chain, by a proof about another's certificate, under another key, or under one key for two identities. What it gets is its own, or nothing.
 * Stands for: Dragonfly CVE-2025-59353; OCM CVE-2026-4740; OpenBao CVE-2026-39388.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { encodePem, toBase64Url } from '../../packages/countersign/src/ground/encoding/index.ts';
import {
  type GeneralNames,
  parseCertificate,
  readCertificatesPem,
} from '../../packages/countersign/src/identity/x509/index.ts';
import { renewalProof } from '../../packages/countersign/src/runtime/api/index.ts';
import {
  generatePrivateKey,
  parsePrivateKey,
  type PrivateKey,
} from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { enroll, type HeldCredential } from '../../packages/countersign/src/traffic/enrollment/index.ts';
import { requestFor } from '../authority/enrollment-house.ts';
import {
  type Answer,
  ask,
  presented,
  type Presented,
  type ServerHouse,
  startHouse,
} from '../authority/server-house.ts';
import { makeService } from '../fixtures/certificates.ts';

interface Scene {
  readonly house: ServerHouse;
  readonly web: HeldCredential;
  readonly db: HeldCredential;
  post(path: string, body: unknown, as?: Presented): Promise<Answer>;
}

/** One authority for all of them: what each does to it is about names of its own. */
let shared: Scene | undefined;
const ends: (() => unknown)[] = [];
before(async () => {
  // All that it needs of a test is when it is over.
  const whole = { after: (end: () => unknown) => void ends.unshift(end) };
  shared = await scene(whole as unknown as TestContext);
});
after(async () => {
  for (const end of ends) await end();
});

async function scene(t: TestContext): Promise<Scene> {
  const house = await startHouse(t);
  const root = await readFile(join(house.dir, 'authority', 'root.pem'), 'utf8');
  const [web, db] = [await house.service('web'), await house.service('db')];
  const post: Scene['post'] = (path, body, as) =>
    ask(house.server.url, root, { method: 'POST', path, body, ...(as === undefined ? {} : { as }) });
  return { house, web, db, post };
}

const pem = ({ leaf }: HeldCredential): string => encodePem('CERTIFICATE', leaf.raw);

/** The SPIFFE ID that was certified, or the code of the refusal. */
function outcome({ status, body }: Answer): string {
  if (status !== 200) return String(body['code']);
  const [leaf] = readCertificatesPem(String(body['certificates']));
  return leaf?.subjectAltName.uri.join() ?? 'nothing';
}

const victims: Readonly<Record<string, Partial<GeneralNames>>> = {
  'its DNS name': { dns: ['db'] },
  'its DNS name beside the own': { dns: ['web', 'db'] },
  'its SPIFFE ID': { dns: ['web'], uri: ['spiffe://dev.internal/db'] },
  'both IDs': { uri: ['spiffe://dev.internal/web', 'spiffe://dev.internal/db'] },
  "the authority's ID": { uri: ['spiffe://dev.internal/countersign/authority'] },
  "an administrator's ID": { uri: ['spiffe://dev.internal/countersign/administrator/all'] },
  'a mailbox': { dns: ['web'], email: ['db@dev.internal'] },
  'an address': { dns: ['web'], ip: ['127.0.0.1'] },
  'a registered ID': { dns: ['web'], registeredId: ['1.2.3'] },
};

test("a request for another's names gets nothing, at enrolment and at renewal, over whatever connection", async () => {
  const { house, web, db, post } = shared!;
  for (const [what, names] of Object.entries(victims)) {
    const key = generatePrivateKey('P-256');
    const token = await house.token(['web']);
    for (const as of [undefined, presented(web), presented(db)]) {
      const enrolled = await post('/v1/enroll', { token, request: requestFor(key, names) }, as);
      assert.equal(outcome(enrolled), 'CS-AUTHORITY-006', `enrolment with ${what}`);
    }
    const renewed = await post('/v1/renew', { request: requestFor(web.privateKey, names) }, presented(web));
    assert.equal(outcome(renewed), 'CS-AUTHORITY-006', `renewal with ${what}`);
    const body = await proof({ post }, web, web.privateKey, requestFor(web.privateKey, names));
    assert.equal(outcome(await post('/v1/renew-expired', body)), 'CS-AUTHORITY-006', `renewal by proof with ${what}`);
  }
  assert.equal((await house.local.listCertificates({ name: 'db' })).certificates.length, 1);
});

async function proof(
  { post }: Pick<Scene, 'post'>,
  of: HeldCredential,
  signer: PrivateKey,
  request: string,
): Promise<{ certificate: string; request: string; challenge: string; signature: string }> {
  const challenge = String((await post('/v1/renewal-challenges', {})).body['challenge']);
  const der = Buffer.from(request.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  const signature = toBase64Url(signer.sign(renewalProof({ challenge, request: der })));
  return { certificate: pem(of), request, challenge, signature };
}

test("another's token gives its names to whoever holds it, and never to a second key; whose connection it is says nothing", async () => {
  const { house, web, post } = shared!;
  const token = await house.token(['api']);
  const key = generatePrivateKey('P-256');
  assert.equal(
    outcome(await post('/v1/enroll', { token, request: requestFor(key) }, presented(web))),
    'spiffe://dev.internal/api',
  );
  const thief = requestFor(generatePrivateKey('P-256'));
  for (const as of [undefined, presented(web)])
    assert.equal(outcome(await post('/v1/enroll', { token, request: thief }, as)), 'CS-TOKEN-003');
});

test('a renewal is of the certificate whose key signed the handshake, whatever else stands in its chain', async () => {
  const { web, db, post } = shared!;
  const own = presented(web);
  const request = requestFor(web.privateKey);
  const [leaf = '', issuer = ''] = own.chain.split(/(?<=-----END CERTIFICATE-----\n)/);
  for (const chain of [leaf + pem(db) + issuer, leaf + issuer + pem(db), own.chain + presented(db).chain])
    assert.equal(outcome(await post('/v1/renew', { request }, { ...own, chain })), 'spiffe://dev.internal/web');
  // Node itself does not send a leaf that is not its key's.
  await assert.rejects(post('/v1/renew', { request }, { chain: pem(db) + own.chain, key: web.privateKey }));
});

test("a proof is about the key of its certificate: another's certificate, with or without one's own connection, is not renewed", async () => {
  const { house, web, db, post } = shared!;
  const other = generatePrivateKey('P-256');
  for (const [signer, next] of [
    [web.privateKey, web.privateKey],
    [web.privateKey, other],
    [other, other],
  ] as const) {
    const body = await proof({ post }, db, signer, requestFor(next));
    assert.equal(outcome(await post('/v1/renew-expired', body)), 'CS-RENEW-005');
    assert.equal(outcome(await post('/v1/renew-expired', body, presented(web))), 'CS-RENEW-005');
  }
  const good = await proof({ post }, web, web.privateKey, requestFor(other));
  assert.equal(outcome(await post('/v1/renew-expired', { ...good, certificate: pem(db) })), 'CS-RENEW-005');
  assert.equal(outcome(await post('/v1/renew-expired', good, presented(db))), 'spiffe://dev.internal/web');
  assert.equal((await house.local.listCertificates({ name: 'db' })).certificates.length, 1);
});

test('one identity under two keys is two lines: what is revoked of the one ends no renewal of the other', async () => {
  const { house, web, post } = shared!;
  const second = await house.service('web');
  await house.local.revoke({ serial: second.leaf.serialNumber });
  const renewed = await post('/v1/renew', { request: requestFor(web.privateKey) }, presented(web));
  assert.equal(outcome(renewed), 'spiffe://dev.internal/web');
  const body = await proof({ post }, second, second.privateKey, requestFor(second.privateKey));
  assert.equal(outcome(await post('/v1/renew-expired', body)), 'CS-RENEW-002');
  // Its key under the certificate of the other: no handshake, and no proof.
  const mixed = await proof({ post }, web, second.privateKey, requestFor(second.privateKey));
  assert.equal(outcome(await post('/v1/renew-expired', mixed)), 'CS-RENEW-005');
});

test('one key under two identities: each certificate renews to its own identity, and a compromise of the key ends both', async () => {
  const { house, post } = shared!;
  const privateKey = generatePrivateKey('P-256');
  const held = async (name: string): Promise<HeldCredential> =>
    enroll({ token: await house.token([name]), privateKey });
  const [one, two] = [await held('one'), await held('two')];
  for (const [credential, name] of [
    [one, 'one'],
    [two, 'two'],
  ] as const) {
    const request = requestFor(privateKey);
    const expected = `spiffe://dev.internal/${name}`;
    assert.equal(outcome(await post('/v1/renew', { request }, presented(credential))), expected);
    assert.equal(
      outcome(await post('/v1/renew-expired', await proof({ post }, credential, privateKey, request))),
      expected,
    );
  }
  await house.local.revoke({ serial: one.leaf.serialNumber, reason: 'keyCompromise' });
  for (const credential of [one, two]) {
    const body = await proof({ post }, credential, privateKey, requestFor(generatePrivateKey('P-256')));
    assert.equal(outcome(await post('/v1/renew-expired', body)), 'CS-RENEW-002');
  }
  const token = await house.token(['three']);
  assert.equal(outcome(await post('/v1/enroll', { token, request: requestFor(privateKey) })), 'CS-ENROLL-001');
});

test('what the record does not hold is not renewed: signed by the issuing key itself, under a serial number of its own or that of another', async () => {
  const { house, web, post } = shared!;
  const key = parsePrivateKey(await readFile(join(house.dir, 'authority', 'issuer.key.pem'), 'utf8'));
  const [certificate] = web.intermediates;
  const serial = Uint8Array.from(Buffer.from(web.leaf.serialNumber, 'hex'));
  for (const serialNumber of [Uint8Array.of(0x7f, 1, 2, 3), serial]) {
    const forged = makeService(
      { certificate: certificate!, key },
      {
        serialNumber,
        names: { dns: ['web'], uri: ['spiffe://dev.internal/web'] },
        notBefore: web.leaf.notBefore,
        notAfter: web.leaf.notAfter,
      },
    );
    const as = {
      chain: encodePem('CERTIFICATE', forged.certificate.raw) + encodePem('CERTIFICATE', certificate!.raw),
      key: forged.key,
    };
    assert.equal(outcome(await post('/v1/renew', { request: requestFor(forged.key) }, as)), 'CS-RENEW-001');
    const credential = { ...web, leaf: parseCertificate(forged.certificate.raw) };
    const body = await proof({ post }, credential, forged.key, requestFor(forged.key));
    assert.equal(outcome(await post('/v1/renew-expired', body)), 'CS-RENEW-001');
  }
});
