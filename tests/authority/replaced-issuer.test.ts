/** An issuer that was replaced: its certificates stay revocable, and its lists and OCSP answers go on, until the last of them has ended. */
import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { fromHex } from '../../packages/countersign/src/ground/encoding/index.ts';
import { checkOcspResponse, issuerKeyOf } from '../../packages/countersign/src/identity/revocation/index.ts';
import {
  type Certificate,
  type CertificateList,
  encodeCertId,
  encodeOcspRequest,
  encodeTbsRequest,
  parseCertificateList,
  parseOcspResponse,
} from '../../packages/countersign/src/identity/x509/index.ts';
import { listFolder } from '../../packages/countersign/src/issuing/authority/index.ts';
import type { AuthoritySettings } from '../../packages/countersign/src/issuing/server/index.ts';
import { certIdHash, sha256, verifySignature } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { MutableSource } from '../../packages/countersign/src/runtime/tls/index.ts';
import type { HeldCredential } from '../../packages/countersign/src/traffic/enrollment/index.ts';
import { type ServerHouse, startHouse } from './server-house.ts';
import { waitingIssuer } from './waiting-issuer.ts';

const settings: AuthoritySettings = {
  telemetry: { listen: '127.0.0.1:0' },
  publishing: { listen: '127.0.0.1:0' },
  crl: { url: 'http://crl.example' },
};

async function replaced(t: TestContext): Promise<{ house: ServerHouse; before: HeldCredential[]; old: Certificate }> {
  const first = await startHouse(t, { settings: new MutableSource(settings) });
  const before = await Promise.all(['web', 'db', 'mail'].map((name) => first.service(name)));
  await first.local.hold({ name: 'mail' });
  await first.local.replaceIssuer({ certificates: await waitingIssuer(first.dir) });
  return { house: await first.restart(), before, old: before[0]!.intermediates[0]! };
}

async function statusOf(house: ServerHouse, { leaf, intermediates }: HeldCredential): Promise<string> {
  const issuer = intermediates[0]!;
  const octets = fromHex(leaf.serialNumber) ?? new Uint8Array();
  const certId = encodeCertId(issuer, octets, 'SHA-256', (bytes) => certIdHash('SHA-256', bytes));
  const body = new Uint8Array(encodeOcspRequest(encodeTbsRequest({ certIds: [certId] })));
  const answered = await fetch(`${house.server.publishingUrl() ?? ''}/ocsp`, { method: 'POST', body });
  const response = parseOcspResponse(new Uint8Array(await answered.arrayBuffer()));
  const [certificate, at] = [leaf, Date.now()];
  return checkOcspResponse({ certificate, issuer, response, at, verifySignature, hash: certIdHash }).status;
}

async function listOf(house: ServerHouse, issuer: Certificate): Promise<CertificateList> {
  const url = `${house.server.publishingUrl() ?? ''}/crl/${listFolder(issuer.publicKey.raw)}/all.crl`;
  let answered = await fetch(url);
  // On a busy machine the first lists may not be made yet.
  while (answered.status === 503) answered = await fetch(url);
  const list = parseCertificateList(new Uint8Array(await answered.arrayBuffer()));
  const { signatureAlgorithm: algorithm, signature, tbs } = list;
  assert.ok(algorithm === 'ecdsa-with-SHA256' && verifySignature(issuer.publicKey, algorithm, tbs, signature));
  return list;
}

async function listed(house: ServerHouse, issuer: Certificate, serials: readonly string[]): Promise<CertificateList> {
  for (let attempt = 0; attempt < 400; attempt++) {
    const list = await listOf(house, issuer);
    if (
      [...list.revoked]
        .map(({ serialNumber }) => serialNumber)
        .sort()
        .join() === [...serials].sort().join()
    )
      return list;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return assert.fail('the list has not come to have them');
}

const serialsOf = (...held: readonly HeldCredential[]): string[] => held.map(({ leaf }) => leaf.serialNumber);

test('two issuers side by side: each has its list and its answers', async (t) => {
  const { house, before, old } = await replaced(t);
  const [web, db, mail] = before as [HeldCredential, HeldCredential, HeldCredential];
  const fresh = await house.service('fresh');
  assert.notEqual(fresh.intermediates[0]!.serialNumber, old.serialNumber);
  const states = await Promise.all([web, db, mail, fresh].map((one) => statusOf(house, one)));
  assert.deepEqual(states, ['good', 'good', 'revoked', 'good']);
  const first = await listed(house, old, serialsOf(mail));
  await house.local.revoke({ name: 'web' });
  await house.local.revoke({ name: 'fresh' });
  await house.local.release({ serial: mail.leaf.serialNumber });
  const next = await listed(house, old, serialsOf(web));
  assert.ok(BigInt(`0x${next.crlNumber ?? ''}`) > BigInt(`0x${first.crlNumber ?? ''}`));
  await listed(house, fresh.intermediates[0]!, serialsOf(fresh));
  const now = await Promise.all([web, db, mail, fresh].map((one) => statusOf(house, one)));
  assert.deepEqual(now, ['revoked', 'good', 'good', 'revoked']);
  const { lists, ocsp } = await house.local.status();
  assert.deepEqual([lists?.entries, ocsp?.good, ocsp?.revoked, ocsp?.unknown], [2, 5, 3, 0]);
  const [thisUpdateMs, nextUpdateMs] = [lists?.thisUpdate ?? '', lists?.nextUpdate ?? ''].map((time) =>
    Date.parse(time),
  );
  assert.ok((thisUpdateMs ?? 0) <= Date.now() && (nextUpdateMs ?? 0) - Date.now() > 80_000_000);
  const metrics = await (await fetch(`${house.server.telemetryUrl ?? ''}/metrics`)).text();
  assert.match(metrics, /^countersign_ocsp_answers_total\{status="good"\} 5$/m);
  assert.match(metrics, /^countersign_ocsp_answers_total\{status="revoked"\} 3$/m);
  assert.match(metrics, /^countersign_crl_entries 2$/m);
  assert.match(metrics, /^countersign_crl_ends_seconds 8\d{4}$/m);
});

test('its key lies 0600 beside the others, signs nothing else, and is used after one more start', async (t) => {
  const { house, before, old } = await replaced(t);
  const folder = join(house.dir, 'authority');
  const mark = listFolder(old.publicKey.raw);
  const names = (await readdir(folder)).filter((name) => name.startsWith('retired-'));
  assert.deepEqual(names.sort(), [`retired-${mark}.key.pem`, `retired-${mark}.pem`]);
  assert.equal((await stat(join(folder, `retired-${mark}.key.pem`))).mode & 0o077, 0);
  const again = await house.restart();
  assert.equal(await statusOf(again, before[0]!), 'good');
  const { certificates } = await again.local.listCertificates({ limit: 1000 });
  const own = await again.store.inventory.bySerialNumber(certificates.map(({ serial }) => serial));
  const oldKey = issuerKeyOf(old, sha256);
  const sinceThen = own.filter((one) => one?.issuerKey === oldKey).map((one) => one?.profile ?? '');
  assert.deepEqual(
    [...new Set(sinceThen)].sort(),
    ['authority-server', 'feed-signing', 'ocsp-signing', 'service'].sort(),
  );
  assert.equal(sinceThen.filter((profile) => profile === 'service').length, before.length);
});

test('revoked as a whole: everything that it has signed is revoked, in its list and in its answers', async (t) => {
  const { house, before, old } = await replaced(t);
  const oldKey = issuerKeyOf(old, sha256);
  await house.local.revoke({ issuer: oldKey, reason: 'keyCompromise' });
  for (const one of before) assert.equal(await statusOf(house, one), 'revoked');
  const { certificates } = await house.local.listCertificates({ limit: 1000 });
  const own = await house.store.inventory.bySerialNumber(certificates.map(({ serial }) => serial));
  const all = own.filter((one) => one?.issuerKey === oldKey).map((one) => one?.serialNumber ?? '');
  const list = await listed(house, old, all);
  assert.equal(list.revoked.find(before[0]!.leaf.serialNumber)[0]?.reason, 'keyCompromise');
  await house.stop();
});

test('one of whose certificates none is left is forgotten at the next start', async (t) => {
  const first = await startHouse(t, { settings: new MutableSource(settings) });
  const folder = join(first.dir, 'authority');
  await first.local.replaceIssuer({ certificates: await waitingIssuer(first.dir) });
  // Replaced again before it was ever used: the second has issued nothing.
  const unused = await readFile(join(folder, 'issuer.pem'), 'utf8');
  await first.local.replaceIssuer({ certificates: await waitingIssuer(first.dir) });
  assert.equal((await readdir(folder)).filter((name) => name.startsWith('retired-')).length, 4);
  await first.restart();
  const kept = (await readdir(folder)).filter((name) => /^retired-[0-9a-f]{16}\.pem$/.test(name));
  assert.equal(kept.length, 1);
  assert.notEqual(await readFile(join(folder, kept[0]!), 'utf8'), unused);
});
