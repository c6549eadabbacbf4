/**
 * Class M. A revocation that does not last: gone after tidying or a restart, not yet known to the first request after it, missed for a certificate whose signature
 * was written in another form, or contradicted by a responder's answer from before. The block list is by issuer and serial number.
 * Stands for: Vault CVE-2021-29653, CVE-2022-41316, CVE-2024-2660; nebula-mesh CVE-2026-53602; Nebula CVE-2026-25793.
 */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import {
  concatBytes,
  DerReader,
  encodeBitString,
  encodePem,
  encodeSequence,
  fromHex,
  readBitStringBytes,
  tags,
} from '../../packages/countersign/src/ground/encoding/index.ts';
import { checkOcspResponse, type OcspAnswer } from '../../packages/countersign/src/identity/revocation/index.ts';
import {
  type Certificate,
  encodeCertId,
  encodeOcspRequest,
  encodeTbsRequest,
  parseCertificateList,
  parseOcspResponse,
  readCertificatesPem,
} from '../../packages/countersign/src/identity/x509/index.ts';
import type { AuthoritySettings } from '../../packages/countersign/src/issuing/server/index.ts';
import { certIdHash, verifySignature } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { MutableSource } from '../../packages/countersign/src/runtime/tls/index.ts';
import type { HeldCredential } from '../../packages/countersign/src/traffic/enrollment/index.ts';
import { ask, presented, type Presented, type ServerHouse, startHouse } from '../authority/server-house.ts';

const settings: AuthoritySettings = { publishing: { listen: '127.0.0.1:0' }, crl: { url: 'http://lists.test' } };

const start = (t: TestContext, dir?: string): Promise<ServerHouse> =>
  startHouse(t, { settings: new MutableSource(settings), ...(dir === undefined ? {} : { dir }) });

async function certificateIn({ dir }: ServerHouse, name: string): Promise<Certificate> {
  const [certificate] = readCertificatesPem(await readFile(join(dir, 'authority', name), 'utf8'));
  return certificate!;
}

async function whoAmI(house: ServerHouse, as: Presented): Promise<string> {
  const root = await readFile(join(house.dir, 'authority', 'root.pem'), 'utf8');
  const { status, body } = await ask(house.server.url, root, { path: '/v1/whoami', as });
  return status === 200 ? String(body['spiffeId']) : String(body['code']);
}

async function fetchOcsp(house: ServerHouse, leaf: Certificate): Promise<Uint8Array> {
  const issuer = await certificateIn(house, 'issuer.pem');
  const serial = fromHex(leaf.serialNumber) ?? new Uint8Array();
  const certId = encodeCertId(issuer, serial, 'SHA-256', (bytes) => certIdHash('SHA-256', bytes));
  const body = new Uint8Array(encodeOcspRequest(encodeTbsRequest({ certIds: [certId] })));
  const answer = await fetch(`${house.server.publishingUrl() ?? ''}/ocsp`, { method: 'POST', body });
  return new Uint8Array(await answer.arrayBuffer());
}

async function ocspOf(house: ServerHouse, leaf: Certificate, answer?: Uint8Array): Promise<OcspAnswer> {
  const response = parseOcspResponse(answer ?? (await fetchOcsp(house, leaf)));
  const issuer = await certificateIn(house, 'issuer.pem');
  return checkOcspResponse({ certificate: leaf, issuer, response, at: Date.now(), verifySignature, hash: certIdHash });
}

async function isListed(house: ServerHouse, leaf: Certificate): Promise<boolean> {
  const url = house.server.publishingUrl() ?? '';
  const [issuer = ''] = await readdir(join(house.dir, 'crl'));
  const answer = await fetch(`${url}/crl/${issuer}/all.crl`);
  assert.equal(answer.status, 200);
  const { revoked } = parseCertificateList(new Uint8Array(await answer.arrayBuffer()));
  return revoked.find(leaf.serialNumber).length === 1;
}

/** Everything that anybody could still do with it: the first request first. */
async function requireRevoked(house: ServerHouse, held: HeldCredential, ...shown: readonly Presented[]): Promise<void> {
  for (const as of [presented(held), ...shown]) assert.equal(await whoAmI(house, as), 'CS-PEER-008');
  assert.equal((await ocspOf(house, held.leaf)).status, 'revoked');
  assert.ok(await isListed(house, held.leaf));
  const { revoked } = await house.store.revocations.feedState(Date.now());
  assert.ok(revoked.some(({ serialNumber }) => serialNumber === held.leaf.serialNumber));
}

/** As hard as it can be told to, to the end. */
async function tidy({ store }: ServerHouse): Promise<void> {
  const keep = { certificatesMs: 0, revocationsMs: 0, tokensMs: 0, intentsMs: 0, endpointsMs: 0, feedChanges: 0 };
  let cursor: string | undefined;
  do ({ next: cursor } = await store.keeper.tidy({ nowMs: Date.now(), keep, most: 100, cursor }));
  while (cursor !== undefined);
}

/** The order of P-256 (SEC 2, 2.4.2). */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The same certificate with the other of the two signatures that verify: (r, n - s). */
function twin(leaf: Certificate): Uint8Array {
  const fields = DerReader.over(leaf.raw).enter(tags.sequence);
  const [tbs, algorithm] = [fields.element(), fields.element()];
  const signature = DerReader.over(readBitStringBytes(fields)).enter(tags.sequence);
  const [r, s] = [signature.element(), signature.element()];
  const other = (order - BigInt(`0x${Buffer.from(s.subarray(2)).toString('hex')}`)).toString(16).padStart(64, '0');
  const octets = Uint8Array.from(Buffer.from(other, 'hex').subarray(Math.floor(/^(?:00)*/.exec(other)![0].length / 2)));
  const value = (octets[0] ?? 0) < 0x80 ? octets : concatBytes([Uint8Array.of(0), octets]);
  const integer = concatBytes([Uint8Array.of(0x02, value.length), value]);
  return encodeSequence(tbs, algorithm, encodeBitString(encodeSequence(r, integer)));
}

test('through tidying and restarts, from the first request on, also in the form of a twin with the other signature', async (t) => {
  const house = await start(t);
  const [web, db, api] = [await house.service('web'), await house.service('db'), await house.service('api')];
  const { chain, key } = presented(web);
  const [, issuer = ''] = chain.split(/(?<=-----END CERTIFICATE-----\n)/);
  const other = { chain: encodePem('CERTIFICATE', twin(web.leaf)) + issuer, key };
  assert.notEqual(other.chain, chain);
  assert.equal(await whoAmI(house, other), 'spiffe://dev.internal/web', 'its signature verifies, too');
  const isGood = await fetchOcsp(house, web.leaf);
  assert.equal((await ocspOf(house, web.leaf, isGood)).status, 'good');

  for (const held of [db, api]) {
    await house.local.hold({ serial: held.leaf.serialNumber });
    assert.equal(await whoAmI(house, presented(held)), 'CS-PEER-020');
  }
  await house.local.release({ serial: db.leaf.serialNumber });
  assert.equal(await whoAmI(house, presented(db)), 'spiffe://dev.internal/db');
  await house.local.revoke({ serial: api.leaf.serialNumber });
  await assert.rejects(house.local.release({ serial: api.leaf.serialNumber }));

  await house.local.revoke({ serial: web.leaf.serialNumber });
  await requireRevoked(house, web, other);
  await tidy(house);
  await requireRevoked(house, web, other);
  const again = await house.restart();
  await requireRevoked(again, web, other);
  await tidy(again);
  await requireRevoked(again, web, other);
  // A revocation is never undone by the end of a hold, and a hold that has ended is over.
  await requireRevoked(again, api);
  assert.equal(await whoAmI(again, presented(db)), 'spiffe://dev.internal/db');
});

test('a responder whose certificate was replaced, or revoked, answers nothing any more: neither of before nor anew', async (t) => {
  const house = await start(t);
  const [web, db] = [await house.service('web'), await house.service('db')];
  const signerOf = async (at: ServerHouse, leaf: Certificate): Promise<string> => {
    const answer = await ocspOf(at, leaf);
    assert.ok('responder' in answer && answer.responder.kind === 'delegated');
    return answer.responder.certificate.serialNumber;
  };
  const first = await signerOf(house, web.leaf);
  assert.equal(await signerOf(house, db.leaf), first);
  await house.local.revoke({ serial: first });
  // Kept answers of the revoked one are none, from the moment on in which the revocation is told.
  const second = await signerOf(house, web.leaf);
  assert.notEqual(second, first);
  assert.equal(await signerOf(house, db.leaf), second);
  await house.local.revoke({ serial: web.leaf.serialNumber });
  assert.equal((await ocspOf(house, web.leaf)).status, 'revoked');

  const again = await house.restart();
  const third = await signerOf(again, db.leaf);
  assert.ok(![first, second].includes(third));
  assert.equal(await signerOf(again, web.leaf), third);
  assert.equal((await ocspOf(again, web.leaf)).status, 'revoked');
});
