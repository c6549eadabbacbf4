/** One-time tokens: what each is good for, once, and how each that is not good is refused by name. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Clock } from '../../packages/countersign/src/ground/clock/index.ts';
import { isRefusal } from '../../packages/countersign/src/ground/errors/index.ts';
import {
  type AuthorityKeys,
  createOwnHierarchy,
  KeyCertificate,
  keySigner,
  type NameRules,
  openAuthority,
  parseMailboxPattern,
  serviceProfile,
} from '../../packages/countersign/src/issuing/authority/index.ts';
import {
  createEnrollment,
  createToken,
  enroll,
} from '../../packages/countersign/src/issuing/enrollment-server/index.ts';
import { parseCertificate } from '../../packages/countersign/src/identity/x509/index.ts';
import {
  generatePrivateKey,
  type PrivateKey,
  randomBytes,
} from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { dayMs, enrollmentHouse, requestFor, startMs, tester } from './enrollment-house.ts';

const key = generatePrivateKey('P-256');

test('a token gives a certificate with its names and the SPIFFE ID that follows from them', async (t) => {
  const house = await enrollmentHouse(t);
  const issued = await enroll(house.enrollment, {
    token: await house.token(['web', 'web.internal']),
    request: requestFor(key),
  });
  const certificate = parseCertificate(issued.certificate);
  assert.deepEqual(
    [certificate.subjectAltName.dns, certificate.subjectAltName.uri],
    [['web', 'web.internal'], ['spiffe://dev.internal/web']],
  );
  assert.equal(certificate.subject.text, 'CN=web');
  assert.equal(certificate.notAfter - certificate.notBefore, dayMs + 60_000);
});

test('the same token with the same key gives the same certificate: at once, later, and after a restart', async (t) => {
  const house = await enrollmentHouse(t);
  const token = await house.token(['web']);
  const order = { token, request: requestFor(key) };
  const [first, second] = await Promise.all([enroll(house.enrollment, order), enroll(house.enrollment, order)]);
  house.clock.advance(60_000);
  const third = await enroll(house.enrollment, order);
  const again = await house.restart();
  const fourth = await enroll(again.enrollment, { token, request: requestFor(key) });
  for (const other of [second, third, fourth])
    assert.deepEqual(Buffer.from(other.certificate), Buffer.from(first.certificate));
  assert.equal((await again.store.inventory.page(undefined, 10)).records.length, 1);
});

test('with another key it is refused, also at the same moment, and also if the first use came to nothing', async (t) => {
  const house = await enrollmentHouse(t);
  const token = await house.token(['web']);
  const [mine, other] = [requestFor(key), requestFor(generatePrivateKey('P-256'))];
  const outcomes = await Promise.allSettled([
    enroll(house.enrollment, { token, request: mine }),
    enroll(house.enrollment, { token, request: other }),
  ]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  );
  await assert.rejects(enroll(house.enrollment, { token, request: other }), { code: 'CS-TOKEN-003' });
  const claimed = await house.token(['db']);
  const { authority } = house.enrollment;
  const ledger = {
    ...house.store.issuance,
    recordCertificates: () => Promise.reject(new Error('crash')),
  };
  const crashing = await openAuthority({ keys: authority.keys, ledger, clock: house.clock });
  await assert.rejects(
    enroll({ ...house.enrollment, authority: crashing }, { token: claimed, request: mine }),
    /crash/,
  );
  await assert.rejects(enroll(house.enrollment, { token: claimed, request: other }), { code: 'CS-TOKEN-003' });
  await enroll(house.enrollment, { token: claimed, request: mine });
});

test('an expired, an unknown, a guessed and a foreign token each have their name', async (t) => {
  const house = await enrollmentHouse(t);
  const request = requestFor(key);
  const token = await house.token(['web'], { lifeMs: 5000 });
  const guessed = { ...token, secret: Buffer.from(randomBytes(32)).toString('base64url') };
  await assert.rejects(enroll(house.enrollment, { token: guessed, request }), { code: 'CS-TOKEN-005' });
  await assert.rejects(enroll(house.enrollment, { token: { ...token, id: 'other' }, request }), {
    code: 'CS-TOKEN-005',
  });
  await assert.rejects(enroll(house.enrollment, { token: { ...token, secret: '' }, request }), {
    code: 'CS-TOKEN-005',
  });
  await assert.rejects(enroll(house.enrollment, { token: { ...token, root: '00'.repeat(32) }, request }), {
    code: 'CS-TOKEN-004',
  });
  house.clock.advance(4999);
  await enroll(house.enrollment, { token, request });
  house.clock.advance(1);
  await assert.rejects(enroll(house.enrollment, { token, request }), { code: 'CS-TOKEN-002' });
});

test('the database holds the hash of the secret and not the secret', async (t) => {
  const house = await enrollmentHouse(t);
  const { id, secret } = await createToken(house.enrollment, { names: ['web'], lifeMs: 5000, actor: tester });
  const [record] = await house.store.tokens.find([id]);
  assert.equal(record?.secretSha256.length, 32);
  assert.ok(!JSON.stringify(record).includes(secret));
});

test('a request that names something else gets nothing, and the token stays good', async (t) => {
  const house = await enrollmentHouse(t);
  const token = await house.token(['web']);
  const others = [
    { dns: ['web', 'db'] },
    { uri: ['spiffe://dev.internal/countersign/authority'] },
    { ip: ['127.0.0.1'] },
    { dns: ['WEB'] },
  ];
  for (const names of others) {
    await assert.rejects(enroll(house.enrollment, { token, request: requestFor(key, names) }), {
      code: 'CS-AUTHORITY-006',
    });
  }
  await enroll(house.enrollment, {
    token,
    request: requestFor(key, { dns: ['web'], uri: ['spiffe://dev.internal/web'] }),
  });
});

test('a request that its key has not signed is refused', async (t) => {
  const house = await enrollmentHouse(t);
  const pem = requestFor(key);
  const bytes = Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  bytes.set([(bytes.at(-1) ?? 0) ^ 1], bytes.length - 1);
  const request = `-----BEGIN CERTIFICATE REQUEST-----\n${(bytes.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE REQUEST-----\n`;
  await assert.rejects(enroll(house.enrollment, { token: await house.token(['web']), request }), {
    code: 'CS-X509-003',
  });
  await assert.rejects(enroll(house.enrollment, { token: await house.token(['web']), request: pem + pem }), {
    code: 'CS-PEM-002',
  });
});

test('names and lives that would be refused are refused when the token is made', async (t) => {
  const house = await enrollmentHouse(t);
  await assert.rejects(house.token(['127.0.0.1']), { code: 'CS-AUTHORITY-003' });
  await assert.rejects(house.token(['spiffe://other.internal/web']), { code: 'CS-AUTHORITY-003' });
  await assert.rejects(house.token(['web'], { certificateLifeMs: 4999 }), { code: 'CS-AUTHORITY-004' });
  await assert.rejects(house.token(['web'], { certificateLifeMs: 8 * dayMs }), { code: 'CS-AUTHORITY-004' });
  await assert.rejects(house.token(['web'], { lifeMs: 31 * dayMs }), { code: 'CS-TOKEN-006' });
});

test('the policy on names holds again when the token is used: a record that was tampered with gives nothing', async (t) => {
  const house = await enrollmentHouse(t);
  const token = await house.token(['web']);
  const [record] = await house.store.tokens.find([token.id]);
  const find = async () => [{ ...record!, names: ['spiffe://dev.internal/countersign/authority'] }];
  const tampered = createEnrollment({ ...house.enrollment, tokens: { ...house.enrollment.tokens, find } });
  await assert.rejects(enroll(tampered, { token, request: requestFor(key) }), { code: 'CS-AUTHORITY-003' });
});

test("nobody gets a certificate for the authority's own keys, the root's included", async (t) => {
  const held: PrivateKey[] = [];
  const keys = (clock: Clock): AuthorityKeys => {
    const { root, issuer } = createOwnHierarchy({ trustDomain: 'dev.internal', clock });
    held.push(root.privateKey, issuer.privateKey);
    const anchor = root.certificate;
    const signing = new KeyCertificate(issuer.certificate, keySigner(issuer.privateKey), [anchor]);
    return { trustDomain: 'dev.internal', anchor, above: [], issuer: signing };
  };
  const house = await enrollmentHouse(t, { keys });
  for (const own of held) {
    const order = { token: await house.token(['web']), request: requestFor(own) };
    await assert.rejects(enroll(house.enrollment, order), { code: 'CS-AUTHORITY-008' });
  }
});

test('after a revocation the token gives nothing more; a compromised key gets no new line, another key does', async (t) => {
  const house = await enrollmentHouse(t);
  const token = await house.token(['web']);
  const order = { token, request: requestFor(key) };
  const { serialNumber } = await enroll(house.enrollment, order);
  await house.revoke(serialNumber, 'keyCompromise');
  await assert.rejects(enroll(house.enrollment, order), { code: 'CS-RENEW-002' });
  await assert.rejects(enroll(house.enrollment, { ...order, token: await house.token(['web']) }), {
    code: 'CS-ENROLL-001',
  });
  const fresh = { token: await house.token(['web']), request: requestFor(generatePrivateKey('Ed25519')) };
  assert.equal((await enroll(house.enrollment, fresh)).spiffeId, 'spiffe://dev.internal/web');
});

test('a clock that went back by more than a minute issues nothing, also after a restart; by less it does', async (t) => {
  const house = await enrollmentHouse(t);
  await house.service('web');
  const late = await house.token(['db']);
  house.clock.setNow(startMs - 59_000);
  await enroll(house.enrollment, { token: late, request: requestFor(key) });
  house.clock.setNow(startMs - 61_000);
  await assert.rejects(house.service('cache'), { code: 'CS-AUTHORITY-002' });
  const again = await house.restart();
  await assert.rejects(again.service('cache'), { code: 'CS-AUTHORITY-002' });
  house.clock.setNow(startMs);
  await again.service('cache');
});

test('a token for a profile that is not there is not made, and a used one is bound to its profile', async (t) => {
  const house = await enrollmentHouse(t);
  await assert.rejects(house.token(['web'], { profile: 'servise' }), (error) => {
    assert.ok(isRefusal(error) && error.code === 'CS-PROFILE-001');
    assert.equal(error.evidence['nearest'], 'service');
    return true;
  });
  // The authority's own are none of those under which others enrol.
  await assert.rejects(house.token(['web'], { profile: 'authority-server' }), { code: 'CS-PROFILE-001' });
  house.setProfiles({ ...serviceProfile, name: 'batch' });
  const token = await house.token(['job'], { profile: 'batch' });
  house.setProfiles();
  const request = requestFor(generatePrivateKey('P-256'));
  await assert.rejects(enroll(house.enrollment, { token, request }), { code: 'CS-PROFILE-001' });
});

test('where the profile leaves the names to the request, each of them must fit it', async (t) => {
  const house = await enrollmentHouse(t);
  const names: NameRules = { ...serviceProfile.names, source: 'request' };
  house.setProfiles({ ...serviceProfile, name: 'csr', names: { ...names, dns: names.dns, ip: [] } });
  const ask = async (asked: Parameters<typeof requestFor>[1]) =>
    enroll(house.enrollment, {
      token: await house.token([], { profile: 'csr' }),
      request: requestFor(generatePrivateKey('P-256'), asked),
    });
  assert.deepEqual((await ask({ dns: ['web', 'db'] })).names, ['web', 'db', 'spiffe://dev.internal/web']);
  for (const asked of [
    { ip: ['10.0.0.1'] },
    { dns: ['web', '*'] },
    { uri: ['spiffe://dev.internal/countersign/x'] },
    undefined,
    { dns: ['web'], email: ['a@b'] },
  ])
    await assert.rejects(ask(asked), { code: 'CS-AUTHORITY-003' }, JSON.stringify(asked));
  // What a token says, the request may not change.
  const token = await house.token(['web'], { profile: 'csr' });
  const request = requestFor(generatePrivateKey('P-256'), { dns: ['db'] });
  await assert.rejects(enroll(house.enrollment, { token, request }), { code: 'CS-AUTHORITY-006' });
});

test('a profile with names of its own gives these, and no others', async (t) => {
  const house = await enrollmentHouse(t);
  const names: NameRules = {
    ...serviceProfile.names,
    source: 'profile',
    dns: [],
    spiffe: [],
    fixed: ['db', '/shop/db'],
  };
  house.setProfiles({ ...serviceProfile, name: 'db', names });
  const request = requestFor(generatePrivateKey('P-256'));
  const issued = await enroll(house.enrollment, { token: await house.token([], { profile: 'db' }), request });
  assert.deepEqual(issued.names, ['db', 'spiffe://dev.internal/shop/db']);
  for (const asked of [['web'], ['db'], ['db', 'web', 'spiffe://dev.internal/shop/db']])
    await assert.rejects(house.token(asked, { profile: 'db' }), { code: 'CS-AUTHORITY-003' }, asked.join());
  await house.token(['db', 'spiffe://dev.internal/shop/db'], { profile: 'db' });
});

test("mailboxes of a request fit the profile's patterns, and are found by name whatever the case of their host", async (t) => {
  const house = await enrollmentHouse(t);
  const email = parseMailboxPattern('*@example.test');
  assert.ok(typeof email === 'object');
  const names: NameRules = { ...serviceProfile.names, email: [email] };
  house.setProfiles(
    { ...serviceProfile, name: 'mail', names },
    { ...serviceProfile, name: 'csr', names: { ...names, source: 'request' } },
  );
  const ask = async (profile: string, token: string[], asked: Parameters<typeof requestFor>[1]) =>
    enroll(house.enrollment, {
      token: await house.token(token, { profile }),
      request: requestFor(generatePrivateKey('P-256'), asked),
    });
  const written = ['web', 'spiffe://dev.internal/web', 'Ops@example.test'];
  const issued = await ask('csr', [], { dns: ['web'], email: ['Ops@EXAMPLE.test'] });
  assert.deepEqual(issued.names, written);
  assert.deepEqual(parseCertificate(issued.certificate).subjectAltName.email, ['Ops@example.test']);
  assert.deepEqual((await ask('mail', ['web', 'Ops@Example.test'], { email: ['Ops@EXAMPLE.TEST'] })).names, written);
  const { records } = await house.store.inventory.byName('Ops@example.test', undefined, 10);
  assert.equal(records.length, 2);
  const smtpUtf8 = { type: '1.3.6.1.5.5.7.8.9', value: Uint8Array.of(0x0c, 3, 0xc3, 0xb6, 0x40) };
  await assert.rejects(ask('csr', [], { dns: ['web'], otherName: [smtpUtf8] }), (error) => {
    assert.ok(isRefusal(error) && error.code === 'CS-AUTHORITY-003');
    assert.match(String(error.evidence['name']), /SmtpUTF8Mailbox/);
    return true;
  });
  await assert.rejects(ask('csr', [], { dns: ['web'], email: ['ops@other.test'] }), { code: 'CS-AUTHORITY-003' });
  await assert.rejects(ask('mail', ['web', 'Ops@example.test'], { email: ['ops@example.test'] }), {
    code: 'CS-AUTHORITY-006',
  });
  await assert.rejects(house.token(['web', 'ops@example.test']), { code: 'CS-AUTHORITY-003' });
});
