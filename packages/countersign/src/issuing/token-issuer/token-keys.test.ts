/** The life of signing keys and of what was revoked, over restarts, under a clock that is held. */
import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  mkdirSync,
  renameSync,
  rmdirSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { manualClock } from '../../ground/clock/index.ts';
import { isRefusal } from '../../ground/errors/index.ts';
import { parseCompactJws } from '../../identity/bound-tokens/index.ts';
import { openRevokedTokens, TokenKeys, type TokenKeysOptions } from './index.ts';

const dayMs = 86_400_000;

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'token-keys-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

async function opened(t: TestContext, options: TokenKeysOptions): Promise<TokenKeys> {
  const keys = await TokenKeys.open(options);
  t.after(() => keys.close());
  return keys;
}

function published({ jwks }: TokenKeys): unknown[] {
  return jwks.keys.map(({ kid }) => kid);
}

function codeOf(code: string): (error: unknown) => boolean {
  return (error) => isRefusal(error) && error.code === code;
}

test('a key is published before it signs, and as long as its tokens live', async (t) => {
  const clock = manualClock(1_800_000_000_000);
  const dir = join(folder(t), 'keys');
  const keys = await opened(t, { dir, clock });
  const [first, second] = published(keys);
  assert.equal(keys.signingKeyId, first);
  await assert.rejects(keys.rotate(), codeOf('CS-OAUTH-010'));

  clock.advance(29 * dayMs);
  await keys.tick();
  assert.equal(keys.signingKeyId, first);
  clock.advance(dayMs);
  await keys.tick();
  assert.equal(keys.signingKeyId, second, 'the one that was published');
  assert.equal(published(keys).length, 3, 'the last one, this one, the next one');
  assert.ok(published(keys).includes(first));
  assert.equal(parseCompactJws(keys.sign({ a: 1 })).keyId, second);

  clock.advance(3_600_000 + 60_000);
  assert.ok(!published(keys).includes(first), 'no token of it lives');
  await keys.tick();
  assert.equal(readdirSync(dir).filter((name) => name.endsWith('.key.pem')).length, 2);
  clock.advance(dayMs);
  await keys.rotate();
  assert.notEqual(keys.signingKeyId, second);
});

test('keys are the same after a restart, private, and refused where they are not', async (t) => {
  const clock = manualClock(1_800_000_000_000);
  const dir = join(folder(t), 'keys');
  const keys = await opened(t, { dir, clock, algorithm: 'EdDSA' });
  const token = keys.sign({ a: 1 });
  assert.equal(parseCompactJws(token).algorithm, 'EdDSA');
  for (const name of readdirSync(dir)) assert.equal(statSync(join(dir, name)).mode & 0o777, 0o600, name);
  const [pem = ''] = readdirSync(dir).filter((name) => name.endsWith('.key.pem'));
  writeFileSync(join(dir, `${'A'.repeat(43)}.key.pem`), 'left by a crash', { mode: 0o600 });

  const again = await opened(t, { dir, clock });
  assert.deepEqual(again.jwks, keys.jwks);
  assert.ok(!readdirSync(dir).includes(`${'A'.repeat(43)}.key.pem`));
  const { keyId, algorithm, signed, signature } = parseCompactJws(token);
  assert.ok(again.verifier(keyId)?.verify(algorithm, signed, signature));

  chmodSync(join(dir, pem), 0o644);
  await assert.rejects(TokenKeys.open({ dir, clock }), codeOf('CS-KEY-001'));
  chmodSync(join(dir, pem), 0o600);
  writeFileSync(join(dir, pem), 'no key');
  await assert.rejects(TokenKeys.open({ dir, clock }), codeOf('CS-OAUTH-009'));
  rmSync(join(dir, pem));
  await assert.rejects(TokenKeys.open({ dir, clock }), codeOf('CS-FILE-001'));
});

test('under a passphrase nothing of a key is on disk, and another one opens nothing', async (t) => {
  const clock = manualClock(1_800_000_000_000);
  const dir = join(folder(t), 'keys');
  await opened(t, { dir, clock, passphrase: 'correct horse' });
  for (const name of readdirSync(dir).filter((one) => one.endsWith('.key.pem')))
    assert.match(readFileSync(join(dir, name), 'utf8'), /^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
  await assert.rejects(TokenKeys.open({ dir, clock, passphrase: 'wrong' }), codeOf('CS-PKCS-001'));
  await assert.rejects(TokenKeys.open({ dir, clock }), codeOf('CS-PKCS-002'));
});

test('what was revoked stays revoked over restarts, until it would have ended', async (t) => {
  const clock = manualClock(1_800_000_000_000);
  const path = join(folder(t), 'revoked');
  const revoked = await openRevokedTokens({ path, clock });
  await Promise.all([revoked.add('a', clock.now() + 1000), revoked.add('b', clock.now() + 60_000)]);
  appendFileSync(path, '{"jti":"half');
  const again = await openRevokedTokens({ path, clock });
  assert.deepEqual([again.has('a'), again.has('b'), again.has('half')], [true, true, false]);
  clock.advance(2000);
  const later = await openRevokedTokens({ path, clock });
  assert.deepEqual([later.has('a'), later.has('b')], [false, true]);
  appendFileSync(path, 'nonsense\n');
  await assert.rejects(openRevokedTokens({ path, clock }), codeOf('CS-OAUTH-009'));
});

test('a token that is revoked again and again is written once', async (t) => {
  const clock = manualClock(1_800_000_000_000);
  const path = join(folder(t), 'revoked');
  const revoked = await openRevokedTokens({ path, clock });
  await Promise.all(Array.from({ length: 5 }, () => revoked.add('a', clock.now() + 1000)));
  await revoked.add('a', clock.now() + 1000);
  assert.equal(readFileSync(path, 'utf8').split('\n').length, 2);
});

test('after a line that was not written whole the next revocations last all the same', async (t) => {
  const clock = manualClock(1_800_000_000_000);
  const dir = folder(t);
  const path = join(dir, 'revoked');
  const revoked = await openRevokedTokens({ path, clock });
  await revoked.add('a', clock.now() + 60_000);
  // As a disk that is full leaves it.
  appendFileSync(path, '{"jti":"half');
  renameSync(path, `${path}-away`);
  mkdirSync(path);
  await assert.rejects(revoked.add('half', clock.now() + 60_000));
  rmdirSync(path);
  renameSync(`${path}-away`, path);
  await Promise.all([revoked.add('b', clock.now() + 60_000), revoked.add('c', clock.now() + 60_000)]);
  const again = await openRevokedTokens({ path, clock });
  assert.deepEqual(
    ['a', 'half', 'b', 'c'].map((jti) => again.has(jti)),
    [true, true, true, true],
  );
});
