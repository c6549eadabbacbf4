import assert from 'node:assert/strict';
import { test } from 'node:test';

import { manualClock } from '../../ground/clock/index.ts';
import { parseCertificate, validatePath } from '../../identity/x509/index.ts';
import { generatePrivateKey, sha256Hex, verifySignature } from '../../runtime/cryptography/index.ts';
import { openAuthority } from './authority.ts';
import { createAuthority, createOwnHierarchy } from './create-authority.ts';
import type { IssueRequest } from './issue-request.ts';
import { KeyCertificate } from './key-certificate.ts';
import { memoryLedger } from './memory-ledger.ts';
import { feedSigningProfile, serviceProfile } from './profile.ts';
import { keySigner } from './signer.ts';

const startMs = Date.parse('2026-11-21T08:00:00.700Z');
const key = generatePrivateKey('P-256');
const request: IssueRequest = { profile: serviceProfile, names: ['web'], publicKey: key.publicKey.raw, origin: 'test' };
const yearMs = 365 * 86_400_000;

async function open(ledger = memoryLedger(), onStep?: (step: string) => void) {
  const clock = manualClock(startMs);
  const keys = createAuthority({ trustDomain: 'dev.internal', clock });
  return { clock, keys, ledger, authority: await openAuthority({ keys, ledger, clock, onStep }) };
}

test('what is issued has a valid path for both roles, from a minute before until its life is over', async () => {
  const { keys, authority } = await open();
  const issued = await authority.issue({ ...request, lifeMs: 5000 });
  const leaf = parseCertificate(issued.certificate);
  for (const purpose of ['client', 'server'] as const) {
    const input = {
      leaf,
      intermediates: [keys.issuer.certificate],
      anchors: [keys.anchor],
      purpose,
      verifySignature,
    };
    assert.equal(validatePath({ ...input, at: startMs }).certificates.length, 3);
    assert.throws(() => validatePath({ ...input, purpose: 'feed', at: startMs }), { code: 'CS-PATH-008' });
  }
  // To the second, as certificates write it.
  assert.deepEqual([leaf.notBefore, leaf.notAfter], [startMs - 700 - 60_000, startMs - 700 + 5000]);
  assert.equal(issued.serialNumber, leaf.serialNumber);
});

test('the key of the feed is certified for that alone', async () => {
  const { keys, authority } = await open();
  const names = ['spiffe://dev.internal/countersign/feed'];
  const issued = await authority.issue({ ...request, profile: feedSigningProfile, names });
  const leaf = parseCertificate(issued.certificate);
  const input = {
    leaf,
    intermediates: [keys.issuer.certificate],
    anchors: [keys.anchor],
    at: startMs,
    verifySignature,
  };
  validatePath({ ...input, purpose: 'feed' });
  for (const purpose of ['client', 'server'] as const)
    assert.throws(() => validatePath({ ...input, purpose }), { code: 'CS-PATH-008' });
  await assert.rejects(authority.issue({ ...request, names }), { code: 'CS-AUTHORITY-003' });
});

test('the intent is recorded before anything is signed, and holds the hash of what is', async () => {
  const steps: string[] = [];
  const ledger = memoryLedger();
  const { authority } = await open(ledger, (step) => steps.push(`${step} ${String(ledger.intents.size)}`));
  const issued = await authority.issue(request);
  assert.deepEqual(steps, ['intent-recorded 1', 'signed 1', 'stored 1']);
  const tbs = parseCertificate(issued.certificate).tbs;
  assert.equal(ledger.intents.get(issued.serialNumber)?.toBeSignedSha256, sha256Hex(tbs));
});

test('where the intent can not be recorded nothing is signed', async (t) => {
  const steps: string[] = [];
  const ledger = { ...memoryLedger(), recordIntents: () => Promise.reject(new Error('disk full')) };
  const { authority, keys } = await open(ledger, (step) => steps.push(step));
  const sign = t.mock.method(keys.issuer, 'sign');
  await assert.rejects(authority.issue(request), /disk full/);
  assert.deepEqual(steps, []);
  // The steps are told by the code itself; the key is what counts.
  assert.equal(sign.mock.callCount(), 0);
});

test('where the certificate can not be kept it is not handed out', async () => {
  const ledger = { ...memoryLedger(), recordCertificates: () => Promise.reject(new Error('disk full')) };
  const { authority } = await open(ledger);
  await assert.rejects(authority.issue(request), /disk full/);
});

test('requests of one moment share their durable writes, and one that is refused disturbs none', async () => {
  let writes = 0;
  const inner = memoryLedger();
  const ledger = {
    ...inner,
    recordIntents: (...batch: Parameters<typeof inner.recordIntents>) => (writes++, inner.recordIntents(...batch)),
  };
  const { authority } = await open(ledger);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 100 }, (_, index) => authority.issue(index === 7 ? { ...request, names: ['*'] } : request)),
  );
  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 99);
  assert.equal(writes, 2);
  const serials = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.serialNumber] : []));
  assert.equal(new Set(serials).size, 99);
  assert.ok(serials.every((serial) => /^(?!00)[0-9A-F]{32}$/.test(serial)));
});

test('a refusal does not wait for the disk that others wait for', async () => {
  const ledger = memoryLedger();
  let goOn: () => void = () => undefined;
  const disk = new Promise<void>((resolve) => (goOn = resolve));
  const slow = {
    ...ledger,
    recordIntents: async (...batch: Parameters<typeof ledger.recordIntents>) => {
      await disk;
      return ledger.recordIntents(...batch);
    },
  };
  const { authority } = await open(slow);
  const first = authority.issue(request);
  await assert.rejects(authority.issue({ ...request, names: ['*.web'] }), { code: 'CS-AUTHORITY-003' });
  goOn();
  assert.equal((await first).profile, 'service');
});

test('no certificate outlives its issuer, and none begins before it', async () => {
  const { clock, authority, keys } = await open();
  clock.advance(yearMs - 3_600_000);
  const issued = await authority.issue({ ...request, lifeMs: 86_400_000 });
  assert.equal(issued.notAfterMs, keys.issuer.certificate.notAfter);
  clock.advance(3_600_000 - 4_000);
  await assert.rejects(authority.issue(request), { code: 'CS-AUTHORITY-005' });
});

test('no certificate outlives what stands above its issuer, whichever ends first', async () => {
  const clock = manualClock(startMs);
  const own = createAuthority({ trustDomain: 'dev.internal', clock });
  const { issuer } = createOwnHierarchy({ trustDomain: 'dev.internal', clock });
  const short = { ...own.anchor, notAfter: startMs - 700 + 3_600_000 };
  for (const above of [
    [short, own.anchor],
    [own.anchor, short],
  ]) {
    const keys = { ...own, issuer: new KeyCertificate(issuer.certificate, keySigner(issuer.privateKey), above) };
    const authority = await openAuthority({ keys, ledger: memoryLedger(), clock });
    assert.equal((await authority.issue(request)).notAfterMs, short.notAfter);
  }
});

test('a signer that gives fewer signatures than were asked for gives none', async () => {
  const { keys } = await open();
  const { issuer } = createOwnHierarchy({ trustDomain: 'dev.internal', clock: manualClock(startMs) });
  const signer = { ...keySigner(issuer.privateKey), sign: () => Promise.resolve([]) };
  const broken = { ...keys, issuer: new KeyCertificate(issuer.certificate, signer, [keys.anchor]) };
  const authority = await openAuthority({ keys: broken, ledger: memoryLedger(), clock: manualClock(startMs) });
  await assert.rejects(authority.issue(request), TypeError);
});

test('a life outside the profile is refused', async () => {
  const { authority } = await open();
  for (const lifeMs of [4999, 0, -1, Number.NaN, 7 * 86_400_000 + 1]) {
    await assert.rejects(authority.issue({ ...request, lifeMs }), { code: 'CS-AUTHORITY-004' });
  }
});

test('root and issuer: ten years and one, one level of issuing, the trust domain as their SPIFFE ID', () => {
  const { root, issuer } = createOwnHierarchy({ trustDomain: 'dev.internal', clock: manualClock(startMs) });
  assert.deepEqual(
    [root.certificate.basicConstraints, issuer.certificate.basicConstraints],
    [
      { ca: true, pathLength: 1 },
      { ca: true, pathLength: 0 },
    ],
  );
  assert.deepEqual(issuer.certificate.subjectAltName.uri, ['spiffe://dev.internal']);
  const lives = [root, issuer].map(({ certificate }) => certificate.notAfter - certificate.notBefore - 60_000);
  assert.deepEqual(lives, [10 * yearMs, yearMs]);
  const other = createAuthority({ trustDomain: 'dev.internal', clock: manualClock(startMs) });
  assert.notEqual(other.anchor.subject.text, root.certificate.subject.text);
  assert.throws(() => createAuthority({ trustDomain: 'Dev Internal', clock: manualClock(startMs) }), {
    code: 'CS-SPIFFE-001',
  });
  const longest = createAuthority({ trustDomain: `${'a'.repeat(200)}.internal`, clock: manualClock(startMs) });
  assert.ok(longest.anchor.subject.text.length <= 'CN='.length + 64);
});
