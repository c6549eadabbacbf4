import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { manualClock } from '../../ground/clock/index.ts';
import { encodePem } from '../../ground/encoding/index.ts';
import { isRefusal, type Refusal, type RefusalCode } from '../../ground/errors/index.ts';
import {
  basicConstraintsExtension,
  encodeName,
  encodeSigned,
  encodeTbsCertificate,
  extendedKeyUsageExtension,
  extendedKeyUsages,
  keyUsageExtension,
  parseCertificate,
  parseCertificationRequest,
  subjectAltNameExtension,
  verifyCertificationRequest,
} from '../../identity/x509/index.ts';
import { encodeToken, type IssuedCredential } from '../../runtime/api/index.ts';
import {
  generatePrivateKey,
  type PrivateKey,
  randomBytes,
  sha256Hex,
  verifySignature,
} from '../../runtime/cryptography/index.ts';
import { acceptIssued } from './accept-issued.ts';
import {
  enrollFolder,
  type HeldCredential,
  loadCredential,
  loadOrCreateKey,
  namesOf,
  renewFolder,
  signRequest,
  storeCredential,
} from './index.ts';

const now = 1_800_000_000_000;
const hour = 3_600_000;
const day = 24 * hour;

interface LeafFields {
  readonly key: PrivateKey;
  readonly dns?: string[];
  readonly uri?: string[];
  readonly notBefore?: number;
  readonly notAfter?: number;
}

/** A root that issues directly: as small as an authority can be. */
function smallAuthority(commonName = 'root'): {
  root: Uint8Array;
  leaf: (fields: LeafFields) => Uint8Array;
  answer: (leaf: Uint8Array, changes?: Partial<IssuedCredential>) => IssuedCredential;
} {
  const key = generatePrivateKey('P-256');
  const issuer = encodeName({ commonName });
  const sign = (tbs: Uint8Array): Uint8Array => encodeSigned(tbs, key.signatureAlgorithm, key.sign(tbs));
  const common = { signatureAlgorithm: key.signatureAlgorithm, issuer };
  const root = sign(
    encodeTbsCertificate({
      ...common,
      serialNumber: Uint8Array.of(1),
      subject: issuer,
      notBefore: now - 365 * day,
      notAfter: now + 3650 * day,
      publicKey: key.publicKey.raw,
      extensions: [basicConstraintsExtension({ ca: true }), keyUsageExtension(['keyCertSign', 'cRLSign'])],
    }),
  );
  const serialNumber = (): Uint8Array => Uint8Array.of(1, ...randomBytes(15));
  const leaf = ({ key: own, dns, uri, notBefore, notAfter }: LeafFields): Uint8Array =>
    sign(
      encodeTbsCertificate({
        ...common,
        serialNumber: serialNumber(),
        subject: encodeName({}),
        notBefore: notBefore ?? now - 60_000,
        notAfter: notAfter ?? now + day,
        publicKey: own.publicKey.raw,
        extensions: [
          keyUsageExtension(['digitalSignature']),
          extendedKeyUsageExtension([extendedKeyUsages.clientAuth, extendedKeyUsages.serverAuth]),
          subjectAltNameExtension({ dns: dns ?? ['web'], uri: uri ?? ['spiffe://dev.internal/web'] }, true),
        ],
      }),
    );
  const answer = (certificate: Uint8Array, changes: Partial<IssuedCredential> = {}): IssuedCredential => ({
    certificates: encodePem('CERTIFICATE', certificate),
    roots: encodePem('CERTIFICATE', root),
    trustDomain: 'dev.internal',
    authority: 'https://127.0.0.1:7443',
    rootSha256: sha256Hex(root),
    renewAfterExpirySeconds: 604_800,
    ...changes,
  });
  return { root, leaf, answer };
}

function accept(
  authority: ReturnType<typeof smallAuthority>,
  issued: IssuedCredential,
  key: PrivateKey,
  names = ['web'],
): HeldCredential {
  const pinnedRoot = parseCertificate(authority.root);
  return acceptIssued(issued, {
    privateKey: key,
    names,
    trustDomain: 'dev.internal',
    pinnedRoot,
    clock: manualClock(now),
  });
}

function held(authority = smallAuthority(), key = generatePrivateKey('P-256')): HeldCredential {
  return accept(authority, authority.answer(authority.leaf({ key })), key);
}

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'countersign-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function refused(code: RefusalCode, act: () => unknown): Promise<Refusal> {
  try {
    await act();
  } catch (error) {
    assert.ok(isRefusal(error), String(error));
    assert.equal(error.code, code, error.message);
    return error;
  }
  return assert.fail('not refused');
}

test('the request carries the names, each in its kind, and is signed by its key', () => {
  for (const type of ['P-256', 'P-384', 'Ed25519'] as const) {
    const key = generatePrivateKey(type);
    const request = parseCertificationRequest(signRequest(['web', 'spiffe://dev.internal/web', '127.0.0.1'], key).der);
    verifyCertificationRequest(request, verifySignature);
    const { dns, uri, ip } = request.subjectAltName;
    assert.deepEqual([dns, uri, ip], [['web'], ['spiffe://dev.internal/web'], ['127.0.0.1']]);
    assert.deepEqual(request.publicKey.raw, key.publicKey.raw);
  }
});

test('what was asked for is accepted, the SPIFFE ID that the authority adds included', () => {
  const credential = held();
  assert.deepEqual(namesOf(credential.leaf), ['web', 'spiffe://dev.internal/web']);
  assert.equal(credential.receivedAt, now);
});

test('an answer for another key, other names, another trust domain or root is refused by name', async () => {
  const authority = smallAuthority();
  const key = generatePrivateKey('P-256');
  const rule = async (issued: IssuedCredential, names?: string[]): Promise<unknown> =>
    (await refused('CS-AGENT-003', () => accept(authority, issued, key, names))).evidence['rule'];
  const good = authority.leaf({ key });
  assert.equal(
    await rule(authority.answer(authority.leaf({ key: generatePrivateKey('P-256') }))),
    'the key of the request',
  );
  assert.equal(await rule(authority.answer(good), ['web', 'db']), 'the names asked for');
  assert.equal(await rule(authority.answer(authority.leaf({ key, dns: ['web', 'db'] }))), 'the names asked for');
  assert.equal(
    await rule(authority.answer(authority.leaf({ key, uri: ['spiffe://other.test/web'] }))),
    'the names asked for',
  );
  assert.equal(await rule(authority.answer(good), ['web', 'spiffe://dev.internal/Web']), 'the names asked for');
  assert.equal(await rule(authority.answer(good, { trustDomain: 'other.test' })), 'the trust domain of the authority');
  const other = smallAuthority();
  const foreign = { roots: encodePem('CERTIFICATE', other.root), rootSha256: sha256Hex(other.root) };
  assert.equal(await rule(authority.answer(good, foreign)), 'the pinned root among the roots');
  assert.equal(await rule(authority.answer(good, { certificates: 'no PEM' })), 'certificates in PEM');
});

test('a certificate of another authority behind the right root list has no path', async () => {
  const authority = smallAuthority('a');
  const key = generatePrivateKey('P-256');
  const forged = smallAuthority('a').leaf({ key });
  await refused('CS-PATH-004', () => accept(authority, authority.answer(forged), key));
});

test('a certificate from the future or the past is a matter of clocks, and says which is ahead', async () => {
  const authority = smallAuthority();
  const key = generatePrivateKey('P-256');
  const answered = (times: Partial<LeafFields>): (() => unknown) => {
    return () => accept(authority, authority.answer(authority.leaf({ key, ...times })), key);
  };
  const future = await refused('CS-CLOCK-002', answered({ notBefore: now + hour }));
  assert.equal(future.evidence['ahead'], "the authority's clock");
  const past = await refused('CS-CLOCK-002', answered({ notBefore: now - 2 * hour, notAfter: now - hour }));
  assert.equal(past.evidence['ahead'], "this machine's clock");
  // notAfter includes its last second.
  assert.ok(answered({ notAfter: now })());
});

test('a stored credential comes back whole, its key for its owner alone', async (t) => {
  const path = join(await folder(t), 'web');
  const authority = smallAuthority();
  const key = await loadOrCreateKey(path);
  const credential = held(authority, key);
  await storeCredential(path, credential);
  const loaded = await loadCredential(path);
  assert.ok(loaded !== undefined);
  assert.deepEqual(loaded.leaf.raw, credential.leaf.raw);
  assert.equal(loaded.receivedAt, now);
  assert.equal(loaded.renewAfterExpirySeconds, 604_800);
  assert.deepEqual((await readdir(path)).sort(), ['cert.pem', 'credential.json', 'key.pem', 'roots.pem']);
  assert.equal((await stat(path)).mode & 0o777, 0o700);
  assert.equal((await stat(join(path, 'key.pem'))).mode & 0o777, 0o600);
  assert.equal((await stat(join(path, 'cert.pem'))).mode & 0o777, 0o644);
});

test('the key stays from one run to the next, also when two processes make it at once', async (t) => {
  const path = join(await folder(t), 'web');
  const keys = await Promise.all([1, 2, 3, 4].map(() => loadOrCreateKey(path)));
  const again = await loadOrCreateKey(path);
  for (const key of keys) assert.deepEqual(key.publicKey.raw, again.publicKey.raw);
  assert.deepEqual(await readdir(path), ['key.pem']);
});

test('a folder without a certificate holds nothing yet: a crash before the answer is no damage', async (t) => {
  const path = await folder(t);
  assert.equal(await loadCredential(path), undefined);
  await loadOrCreateKey(path);
  assert.equal(await loadCredential(path), undefined);
  const refusal = await refused('CS-AGENT-001', () => renewFolder(path));
  assert.equal(refusal.exit, 2);
});

test('broken, foreign and open files are named with their path and stay as they are', async (t) => {
  const path = await folder(t);
  const key = await loadOrCreateKey(path);
  await storeCredential(path, held(smallAuthority(), key));
  const spoilt = async (name: string, contents: string, code: RefusalCode): Promise<Refusal> => {
    const file = join(path, name);
    const before = await readFile(file, 'utf8');
    await writeFile(file, contents);
    const refusal = await refused(code, () => loadCredential(path));
    assert.equal(await readFile(file, 'utf8'), contents);
    await writeFile(file, before);
    return refusal;
  };
  const certificate = await readFile(join(path, 'cert.pem'), 'utf8');
  const cut = await spoilt('cert.pem', certificate.slice(0, 200), 'CS-FILE-003');
  assert.equal(cut.evidence['path'], join(path, 'cert.pem'));
  await spoilt('cert.pem', '', 'CS-FILE-003');
  await spoilt('roots.pem', certificate, 'CS-FILE-003');
  await spoilt('roots.pem', encodePem('CERTIFICATE', smallAuthority().root), 'CS-FILE-003');
  await spoilt('key.pem', generatePrivateKey('P-256').toPem(), 'CS-KEY-003');
  const broken = await spoilt(
    'key.pem',
    '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n',
    'CS-KEY-002',
  );
  assert.ok(!broken.message.includes('c2VjcmV0'));
  await spoilt('key.pem', certificate, 'CS-KEY-002');
  const half = await spoilt('credential.json', '{"version":1}', 'CS-FILE-003');
  assert.equal(half.evidence['place'], 'authority');
  await chmod(join(path, 'key.pem'), 0o644);
  await refused('CS-KEY-001', () => loadCredential(path));
  await chmod(join(path, 'key.pem'), 0o600);
  assert.ok(await loadCredential(path));
  await rm(join(path, 'roots.pem'));
  assert.equal((await refused('CS-FILE-001', () => loadCredential(path))).evidence['path'], join(path, 'roots.pem'));
});

test('a folder that holds another identity is left alone', async (t) => {
  const path = await folder(t);
  const authority = smallAuthority();
  await storeCredential(path, held(authority, await loadOrCreateKey(path)));
  const base = { authority: 'https://127.0.0.1:1', id: 'a', secret: 'a'.repeat(43), expires: now };
  const otherNames = encodeToken({ ...base, root: sha256Hex(authority.root), names: ['db'] });
  await refused('CS-AGENT-002', () => enrollFolder(path, { token: otherNames }));
  const otherRoot = encodeToken({ ...base, root: 'ab'.repeat(32), names: ['web'] });
  const refusal = await refused('CS-AGENT-002', () => enrollFolder(path, { token: otherRoot }));
  assert.ok(!refusal.message.includes('aaaa'));
});

test('an authority that is away: named, and the key is on disk for the next try', async (t) => {
  const path = join(await folder(t), 'web');
  const base = { id: 'a', secret: 'a'.repeat(43), expires: now, names: ['web'], root: 'ab'.repeat(32) };
  const token = encodeToken({ ...base, authority: 'https://127.0.0.1:1' });
  const refusal = await refused('CS-NET-001', () => enrollFolder(path, { token }));
  assert.deepEqual(refusal.evidence, { address: 'https://127.0.0.1:1', reason: 'ECONNREFUSED' });
  assert.equal(refusal.exit, 3);
  assert.deepEqual(await readdir(path), ['key.pem']);
});
