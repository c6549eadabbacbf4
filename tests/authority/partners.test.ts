/** Partners of a running authority: invited with a link and a code, certified for their key alone, suspended, resumed and removed. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { isRefusal } from '../../packages/countersign/src/ground/errors/index.ts';
import { readCertificatesPem } from '../../packages/countersign/src/identity/x509/index.ts';
import type { InvitePartnerResponse } from '../../packages/countersign/src/runtime/api/index.ts';
import { tokenOfInvitation } from '../../packages/countersign/src/runtime/api/index.ts';
import {
  generatePrivateKey,
  type PrivateKey,
  sha256HexOfText,
} from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { enroll, signRequest } from '../../packages/countersign/src/traffic/enrollment/index.ts';
import { type Answer, ask, type ServerHouse, startHouse } from './server-house.ts';

const acme = 'spiffe://dev.internal/partner/acme';

const rootOf = ({ dir }: ServerHouse): Promise<string> => readFile(join(dir, 'authority', 'root.pem'), 'utf8');

function invited({ local }: ServerHouse, name = 'acme'): Promise<InvitePartnerResponse> {
  return local.invitePartner({ name, lifeSeconds: 60 });
}

/** As curl does it. @param names that the request asks for, and should not get */
async function upload(
  house: ServerHouse,
  { link, code }: Pick<InvitePartnerResponse, 'link' | 'code'>,
  key: PrivateKey = generatePrivateKey('P-256'),
  names: readonly string[] = ['bank.internal'],
): Promise<Answer> {
  const { pathname, search } = new URL(link);
  const headers = { authorization: `Bearer ${code}`, 'content-type': 'application/x-www-form-urlencoded' };
  const body = signRequest(names, key).pem;
  return ask(house.server.url, await rootOf(house), { method: 'POST', path: pathname + search, headers, body });
}

const refusedBy = (code: string) => (error: unknown) => isRefusal(error) && error.code === code;

async function house(t: TestContext): Promise<ServerHouse> {
  return startHouse(t);
}

test('a partner uploads a request and gets a certificate for its key and its own name alone', async (t) => {
  const bank = await house(t);
  const invitation = await bank.local.invitePartner({
    ...{ name: 'acme', routes: ['payments:read'], limits: { requestsPerSecond: 50 } },
    ...{ contacts: ['ops@acme.example'], lifeSeconds: 60 },
  });
  assert.ok(invitation.registered);
  const root = await ask(bank.server.url, await rootOf(bank), { path: '/v1/roots/pem' });
  assert.equal(sha256HexOfText(root.text), invitation.rootPemSha256);
  const key = generatePrivateKey('P-256');
  const { status, text } = await upload(bank, invitation, key);
  assert.equal(status, 200, text);
  const [leaf, issuer] = readCertificatesPem(text);
  assert.deepEqual(leaf?.subjectAltName.uri, [acme]);
  assert.deepEqual(leaf.subjectAltName.dns, [], 'the request asked for bank.internal');
  assert.ok(leaf.subject.isEmpty);
  assert.deepEqual(leaf.extendedKeyUsage, ['1.3.6.1.5.5.7.3.2']);
  assert.deepEqual(leaf.publicKey.raw, key.publicKey.raw);
  assert.ok(issuer?.basicConstraints?.ca);
  assert.equal((await upload(bank, invitation, key)).status, 200, 'the same again for the same key');
  assert.equal((await upload(bank, invitation)).body['code'], 'CS-TOKEN-003', 'nothing for another key');
  const { partners } = await bank.local.listPartners({});
  assert.deepEqual(
    partners.map(({ name, state, valid, routes }) => ({ name, state, valid, routes })),
    [{ name: 'acme', state: 'active', valid: 1, routes: ['payments:read'] }],
  );
});

test('without its code an invitation is nothing', async (t) => {
  const bank = await house(t);
  const invitation = await invited(bank);
  const codeOf = async (wrong: Partial<InvitePartnerResponse>): Promise<unknown> =>
    (await upload(bank, { ...invitation, ...wrong })).body['code'];
  assert.equal(await codeOf({ code: 'A'.repeat(43) }), 'CS-TOKEN-005');
  assert.equal(await codeOf({ code: '' }), 'CS-PARTNER-009');
  assert.equal(await codeOf({ link: invitation.link.replace(/invitation=[^&]*/, 'invitation=x') }), 'CS-TOKEN-005');
  const database = await readFile(join(bank.dir, 'authority.db'));
  assert.ok(!database.includes(invitation.code), 'the code is kept nowhere');
});

test('link and code are an enrolment token, and the next certificate is had with the one before', async (t) => {
  const bank = await house(t);
  const { link, code } = await invited(bank);
  const key = generatePrivateKey('P-256');
  const held = await enroll({ token: tokenOfInvitation(link, code), privateKey: key });
  assert.equal(held.spiffeId, acme);
  assert.throws(() => tokenOfInvitation(`${link}&name=x`, code), refusedBy('CS-PARTNER-008'));
  assert.throws(() => tokenOfInvitation(link, 'short'), refusedBy('CS-PARTNER-009'));
  const next = generatePrivateKey('P-256');
  const chain = (await upload(bank, await invited(bank), key)).text;
  const renewed = await ask(bank.server.url, await rootOf(bank), {
    ...{ method: 'POST', path: '/v1/partners/renewals', body: signRequest(['whatever.internal'], next).pem },
    as: { chain, key },
  });
  assert.equal(renewed.status, 200, renewed.text);
  const [leaf] = readCertificatesPem(renewed.text);
  assert.deepEqual(leaf?.publicKey.raw, next.publicKey.raw);
  assert.equal((await bank.local.listPartners({ name: 'acme' })).partners[0]?.valid, 3, 'several during a rotation');
});

test('a suspended partner has its certificates held and gets none, until it is resumed', async (t) => {
  const bank = await house(t);
  const [first, second] = [await invited(bank), await invited(bank)];
  assert.ok(!second.registered);
  const key = generatePrivateKey('P-256');
  const chain = (await upload(bank, first, key)).text;
  const suspended = await bank.local.suspendPartner({ name: 'acme', reason: 'INC-4711' });
  assert.equal(suspended.serials.length, 1);
  assert.equal((await upload(bank, second)).body['code'], 'CS-PARTNER-006');
  await assert.rejects(invited(bank), refusedBy('CS-PARTNER-006'));
  const renewing = async (): Promise<Answer> =>
    ask(bank.server.url, await rootOf(bank), {
      ...{ method: 'POST', path: '/v1/partners/renewals', body: signRequest(['a'], key).pem, as: { chain, key } },
    });
  assert.equal((await renewing()).status, 403);
  const [shown] = (await bank.local.listPartners({ name: 'acme' })).partners;
  assert.deepEqual([shown?.state, shown?.reason, shown?.held], ['suspended', 'INC-4711', 1]);
  assert.equal((await bank.local.suspendPartner({ name: 'acme' })).serials.length, 1, 'again, for what failed before');
  const resumed = await bank.local.resumePartner({ name: 'acme' });
  assert.deepEqual(resumed.serials, suspended.serials);
  await assert.rejects(bank.local.resumePartner({ name: 'acme' }), refusedBy('CS-PARTNER-007'));
  assert.equal((await renewing()).status, 200);
  assert.equal((await upload(bank, second)).status, 200);
});

test('a removed partner is revoked by its identity, forgotten, and can be invited anew', async (t) => {
  const bank = await house(t);
  const [used, open] = [await invited(bank), await invited(bank)];
  const key = generatePrivateKey('P-256');
  const chain = (await upload(bank, used, key)).text;
  const removed = await bank.local.removePartner({ name: 'acme' });
  assert.equal(removed.identity, acme);
  assert.equal(removed.serials.length, 1);
  assert.equal((await upload(bank, open)).body['code'], 'CS-PARTNER-004');
  const renewed = await ask(bank.server.url, await rootOf(bank), {
    ...{ method: 'POST', path: '/v1/partners/renewals', body: signRequest(['a'], key).pem, as: { chain, key } },
  });
  assert.equal(renewed.body['code'], 'CS-PEER-008');
  await assert.rejects(bank.local.suspendPartner({ name: 'acme' }), refusedBy('CS-PARTNER-004'));
  const actions = (await bank.local.readAudit({ from: 1, limit: 500 })).entries.map(({ action }) => action);
  assert.deepEqual(
    actions.filter((action) => action.startsWith('partner.')),
    ['partner.invite', 'partner.suspend', 'partner.remove'],
  );
  assert.ok((await invited(bank)).registered);
});

test('a partner is not given another name, nor a service the name of one', async (t) => {
  const bank = await house(t);
  await invited(bank);
  await assert.rejects(
    bank.local.invitePartner({ name: 'acme', routes: '*', lifeSeconds: 60 }),
    refusedBy('CS-PARTNER-005'),
  );
  await assert.rejects(invited(bank, 'Acme'));
  await assert.rejects(bank.token([acme]), refusedBy('CS-AUTHORITY-003'));
  await assert.rejects(bank.token(['spiffe://dev.internal/Partner/acme']), refusedBy('CS-AUTHORITY-003'));
  await bank.token(['partner']);
});

test('partners are there after a restart', async (t) => {
  const bank = await house(t);
  await bank.local.invitePartner({ name: 'acme', routes: ['a:b'], contacts: ['x@acme.example'], lifeSeconds: 60 });
  await bank.local.suspendPartner({ name: 'acme' });
  const [shown] = (await (await bank.restart()).local.listPartners({})).partners;
  assert.deepEqual([shown?.name, shown?.state, shown?.contacts], ['acme', 'suspended', ['x@acme.example']]);
});
