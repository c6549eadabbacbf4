/** Renewal, before and after expiry: bound to the certificate, to its names, and to its line not being revoked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import { isRefusal } from '../../packages/countersign/src/ground/errors/index.ts';
import { extendedKeyUsages, parseCertificate } from '../../packages/countersign/src/identity/x509/index.ts';
import { authorityServerProfile, serviceProfile } from '../../packages/countersign/src/issuing/authority/index.ts';
import { enroll, renew, renewExpired } from '../../packages/countersign/src/issuing/enrollment-server/index.ts';
import { generatePrivateKey } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { dayMs, enrollmentHouse, expiredOrder, peerOf, requestFor } from './enrollment-house.ts';

test('a renewal has the names and the life of what it renews, and the key of the request', async (t) => {
  const house = await enrollmentHouse(t);
  const key = generatePrivateKey('P-256');
  const token = await house.token(['web'], { certificateLifeMs: 60_000 });
  const first = await enroll(house.enrollment, { token, request: requestFor(key) });
  house.clock.advance(30_000);
  const second = await renew(house.enrollment, { peer: peerOf(first), request: requestFor(key) });
  const other = generatePrivateKey('Ed25519');
  const third = await renew(house.enrollment, { peer: peerOf(second), request: requestFor(other) });
  assert.deepEqual([second.names, third.names], [first.names, first.names]);
  assert.deepEqual([second.lifeMs, third.lineage], [60_000, first.serialNumber]);
  assert.equal(new Set([first, second, third].map(({ serialNumber }) => serialNumber)).size, 3);
  assert.deepEqual(parseCertificate(third.certificate).publicKey.raw, other.publicKey.raw);
});

test("another's certificate is not renewed, whatever is said of it", async (t) => {
  const house = await enrollmentHouse(t);
  const web = await house.service('web');
  const db = await house.service('db');
  const request = requestFor(web.key);
  const mixed = [
    { ...peerOf(web.issued), serialNumber: db.issued.serialNumber },
    { ...peerOf(web.issued), issuerKey: '00'.repeat(32) },
    { ...peerOf(web.issued), thumbprint: peerOf(db.issued).thumbprint },
    { ...peerOf(web.issued), serialNumber: '00' },
  ];
  for (const peer of mixed) await assert.rejects(renew(house.enrollment, { peer, request }), { code: 'CS-RENEW-001' });
  for (const names of [{ dns: ['db'] }, { uri: ['spiffe://dev.internal/db'] }, { ip: ['::1'] }]) {
    const order = { peer: peerOf(web.issued), request: requestFor(web.key, names) };
    await assert.rejects(renew(house.enrollment, order), { code: 'CS-AUTHORITY-006' });
  }
});

test('what is revoked is never renewed, nor is anything of its line', async (t) => {
  const house = await enrollmentHouse(t);
  const { key, issued } = await house.service('web');
  const next = await renew(house.enrollment, { peer: peerOf(issued), request: requestFor(key) });
  await house.revoke(next.serialNumber);
  for (const certificate of [issued, next]) {
    await assert.rejects(renew(house.enrollment, { peer: peerOf(certificate), request: requestFor(key) }), {
      code: 'CS-RENEW-002',
    });
    await assert.rejects(renewExpired(house.enrollment, house.challenges, expiredOrder(house, certificate, key)), {
      code: 'CS-RENEW-002',
    });
  }
  house.clock.advance(2 * dayMs);
  await assert.rejects(renewExpired(house.enrollment, house.challenges, expiredOrder(house, next, key)), {
    code: 'CS-RENEW-002',
  });
});

test('a renewal under way while its line is revoked hands out nothing', async (t) => {
  const house = await enrollmentHouse(t);
  const { key, issued } = await house.service('web');
  const { authority } = house.enrollment;
  const late = {
    ...house.enrollment,
    authority: {
      ...authority,
      issue: async (request: Parameters<typeof authority.issue>[0]) => {
        // Between the decision and the signature.
        await house.revoke(issued.serialNumber);
        return authority.issue(request);
      },
    },
  };
  await assert.rejects(renew(late, { peer: peerOf(issued), request: requestFor(key) }), { code: 'CS-RENEW-002' });
  assert.equal((await house.store.inventory.page(undefined, 10)).records.length, 1);
});

test('names that the policy no longer allows are not renewed', async (t) => {
  const house = await enrollmentHouse(t);
  const { key, issued } = await house.service('web');
  const [record] = await house.store.inventory.bySerialNumber([issued.serialNumber]);
  const bySerialNumber = async () => [{ ...record!, names: ['web', '10.0.0.1', 'spiffe://dev.internal/web'] }];
  const enrollment = { ...house.enrollment, inventory: { ...house.enrollment.inventory, bySerialNumber } };
  await assert.rejects(renew(enrollment, { peer: peerOf(issued), request: requestFor(key) }), {
    code: 'CS-RENEW-009',
  });
});

test("the authority's own certificates are renewed by nobody", async (t) => {
  const house = await enrollmentHouse(t);
  const key = generatePrivateKey('P-256');
  const own = await house.enrollment.authority.issue({
    profile: authorityServerProfile,
    names: ['localhost', 'spiffe://dev.internal/countersign/authority'],
    publicKey: key.publicKey.raw,
    origin: 'own:test',
  });
  await assert.rejects(renew(house.enrollment, { peer: peerOf(own), request: requestFor(key) }), {
    code: 'CS-RENEW-006',
  });
  await assert.rejects(renewExpired(house.enrollment, house.challenges, expiredOrder(house, own, key)), {
    code: 'CS-RENEW-006',
  });
});

test('after expiry the old key renews for seven days, to itself or to a new key', async (t) => {
  const house = await enrollmentHouse(t);
  const { key, issued } = await house.service('web');
  house.clock.advance(2 * dayMs);
  const nextKey = generatePrivateKey('P-256');
  const next = await renewExpired(house.enrollment, house.challenges, expiredOrder(house, issued, key, { nextKey }));
  assert.deepEqual([next.names, next.lineage], [issued.names, issued.serialNumber]);
  house.clock.setNow(issued.notAfterMs + 7 * dayMs);
  await renewExpired(house.enrollment, house.challenges, expiredOrder(house, issued, key));
  house.clock.setNow(issued.notAfterMs + 7 * dayMs + 1);
  await assert.rejects(renewExpired(house.enrollment, house.challenges, expiredOrder(house, issued, key)), {
    code: 'CS-RENEW-003',
  });
});

test('a proof by another key, over another request or another challenge, or none, does not renew', async (t) => {
  const house = await enrollmentHouse(t);
  const { key, issued } = await house.service('web');
  const good = expiredOrder(house, issued, key);
  const attempt = (over: Partial<typeof good>): Promise<unknown> =>
    renewExpired(house.enrollment, house.challenges, { ...good, ...over });
  const thief = generatePrivateKey('P-256');
  await assert.rejects(attempt({ signature: expiredOrder(house, issued, thief).signature }), { code: 'CS-RENEW-005' });
  await assert.rejects(attempt({ request: requestFor(thief) }), { code: 'CS-RENEW-005' });
  await assert.rejects(attempt({ challenge: house.challenges.create() }), { code: 'CS-RENEW-005' });
  await assert.rejects(attempt({ signature: '' }), { code: 'CS-RENEW-005' });
  await attempt({});
});

test('a challenge is good for five minutes of the run that made it', async (t) => {
  const house = await enrollmentHouse(t);
  const { key, issued } = await house.service('web');
  const good = expiredOrder(house, issued, key);
  house.clock.advance(5 * 60_000 - 1);
  await renewExpired(house.enrollment, house.challenges, good);
  house.clock.advance(1);
  await assert.rejects(renewExpired(house.enrollment, house.challenges, good), { code: 'CS-RENEW-004' });
  const later = await house.restart();
  const old = expiredOrder(house, issued, key);
  await assert.rejects(renewExpired(later.enrollment, later.challenges, old), { code: 'CS-RENEW-004' });
  const forged = Buffer.alloc(32, 0xff).toString('base64url');
  await assert.rejects(
    renewExpired(house.enrollment, house.challenges, expiredOrder(house, issued, key, { challenge: forged })),
    {
      code: 'CS-RENEW-004',
    },
  );
});

test('a look-alike under a known serial number is not on record', async (t) => {
  const house = await enrollmentHouse(t);
  const { key, issued } = await house.service('web');
  const bytes = Uint8Array.from(issued.certificate);
  const last = bytes.length - 1;
  bytes[last] = (bytes[last] ?? 0) ^ 1;
  const order = expiredOrder(house, issued, key, { certificate: encodePem('CERTIFICATE', bytes) });
  await assert.rejects(renewExpired(house.enrollment, house.challenges, order), { code: 'CS-RENEW-001' });
});

test('a renewal goes by the profile as it is now: names and keys are refused, a life is cut', async (t) => {
  const house = await enrollmentHouse(t);
  const { key, issued } = await house.service('web.internal');
  const renewal = (request = requestFor(key)) => renew(house.enrollment, { peer: peerOf(issued), request });

  house.setProfiles({ ...serviceProfile, life: { shortestMs: 5000, defaultMs: 60_000, longestMs: 3_600_000 } });
  assert.equal((await renewal()).lifeMs, 3_600_000);

  house.setProfiles({ ...serviceProfile, extendedKeyUsage: [extendedKeyUsages.clientAuth] });
  assert.deepEqual(parseCertificate((await renewal()).certificate).extendedKeyUsage, [extendedKeyUsages.clientAuth]);

  house.setProfiles({ ...serviceProfile, keyTypes: ['Ed25519'] });
  await assert.rejects(renewal(), { code: 'CS-PROFILE-002' });
  await renewal(requestFor(generatePrivateKey('Ed25519')));

  house.setProfiles({ ...serviceProfile, names: { ...serviceProfile.names, dns: [] } });
  await assert.rejects(renewal(), (error) => {
    assert.ok(isRefusal(error) && error.code === 'CS-RENEW-009');
    assert.equal(error.evidence['name'], 'web.internal');
    assert.match(String(error.evidence['rule']), /lists none/);
    return true;
  });
  // The same for who proves the key after expiry, or without TLS.
  await assert.rejects(renewExpired(house.enrollment, house.challenges, expiredOrder(house, issued, key)), {
    code: 'CS-RENEW-009',
  });
});

test('a certificate whose profile is gone is not renewed, and the refusal says so', async (t) => {
  const house = await enrollmentHouse(t);
  const batch = { ...serviceProfile, name: 'batch' };
  house.setProfiles(batch);
  const key = generatePrivateKey('P-256');
  const token = await house.token(['job'], { profile: 'batch' });
  const issued = await enroll(house.enrollment, { token, request: requestFor(key) });
  assert.equal(issued.profile, 'batch');
  assert.equal((await renew(house.enrollment, { peer: peerOf(issued), request: requestFor(key) })).profile, 'batch');
  house.setProfiles({ ...batch, name: 'batches' });
  await assert.rejects(renew(house.enrollment, { peer: peerOf(issued), request: requestFor(key) }), (error) => {
    assert.ok(isRefusal(error) && error.code === 'CS-RENEW-008');
    assert.deepEqual([error.evidence['profile'], error.evidence['nearest']], ['batch', 'batches']);
    return true;
  });
});

test('for how long after its end a certificate may be renewed is what its profile says now', async (t) => {
  const house = await enrollmentHouse(t);
  const { key, issued } = await house.service('web');
  house.setProfiles({ ...serviceProfile, renewAfterExpiryMs: 3_600_000 });
  house.clock.setNow(issued.notAfterMs + 3_600_001);
  await assert.rejects(renewExpired(house.enrollment, house.challenges, expiredOrder(house, issued, key)), {
    code: 'CS-RENEW-003',
  });
});
