/** Keys at rest: encrypted where a passphrase is given, opened by it alone, changed all or none, and each fault told for what it is. */
import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { manualClock } from '../../../ground/clock/index.ts';
import { isRefusal, type Refusal, type RefusalCode } from '../../../ground/errors/index.ts';
import { generatePrivateKey } from '../../../runtime/cryptography/index.ts';
import { openAuthorityDirectory } from '../authority-directory.ts';
import { changePassphrase } from './change-passphrase.ts';
import { type KeyPassphrases, noPassphrases } from './passphrases.ts';

const clock = manualClock(Date.parse('2026-11-21T08:00:00Z'));
const words = (text: string): KeyPassphrases => {
  const given = { text, from: 'the test' };
  return {
    given: () => Promise.resolve(given),
    opening: (_file, wrong) => Promise.resolve(wrong === undefined ? given : undefined),
  };
};

async function place(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'countersign-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

const open = (dir: string, passphrases: KeyPassphrases = noPassphrases) =>
  openAuthorityDirectory({ dir, ledgerId: 'ledger', ledgerInUse: false, clock, passphrases });
const key = (dir: string, name = 'issuer.key.pem') => join(dir, 'authority', name);

async function refused(code: RefusalCode, act: Promise<unknown>): Promise<Refusal> {
  try {
    await act;
  } catch (error) {
    assert.ok(isRefusal(error), String(error));
    assert.equal(error.code, code, error.message);
    return error;
  }
  return assert.fail('not refused');
}

test('a passphrase at the first run encrypts both keys with scrypt, and opens them again', async (t) => {
  const dir = await place(t);
  const first = await open(dir, words('open sesame'));
  assert.equal(first.encrypted, true);
  for (const name of ['issuer.key.pem', 'root.key.pem']) {
    const pem = await readFile(key(dir, name), 'utf8');
    assert.match(pem, /^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
    // 1.3.6.1.4.1.11591.4.11, id-scrypt (RFC 7914, 7).
    assert.ok(
      Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')
        .toString('hex')
        .includes('da47040b'),
    );
  }
  const again = await open(dir, words('open sesame'));
  assert.equal(again.keys.issuer.issuerKey, first.keys.issuer.issuerKey);
});

test('without a passphrase the keys are plain, and a passphrase given later changes nothing by itself', async (t) => {
  const dir = await place(t);
  assert.equal((await open(dir)).encrypted, false);
  assert.equal((await open(dir, words('later'))).encrypted, false);
});

test('each fault of a key is told for what it is', async (t) => {
  const dir = await place(t);
  await open(dir, words('right'));
  const wrong = await refused('CS-PASS-001', open(dir, words('wrong')));
  assert.deepEqual(wrong.evidence, { file: key(dir), given: 'the test' });
  assert.ok(!wrong.message.includes('wrong,'), 'the passphrase itself is nowhere');
  await refused('CS-PASS-002', open(dir));
  await refused('CS-PASS-001', open(dir, words('')));
  const pem = await readFile(key(dir), 'utf8');
  await writeFile(key(dir), 'no PEM');
  await refused('CS-STATE-002', open(dir, words('right')));
  await writeFile(key(dir), '');
  await refused('CS-STATE-002', open(dir, words('right')));
  await writeFile(key(dir), generatePrivateKey('P-256').toPem());
  const other = await refused('CS-STATE-002', open(dir, words('right')));
  assert.match(String(other.evidence['rule']), /do not belong together/);
  await writeFile(key(dir), pem);
  for (const name of ['issuer.key.pem', 'root.key.pem']) {
    await chmod(key(dir, name), 0o640);
    await refused('CS-KEY-001', open(dir, words('right')));
    await chmod(key(dir, name), 0o600);
  }
  await rename(key(dir, 'root.pem'), join(dir, 'away'));
  await refused('CS-STATE-010', open(dir, words('right')));
  await rename(join(dir, 'away'), key(dir, 'root.pem'));
  await open(dir, words('right'));
});

test('the key of the root may be carried away: nothing asks for it', async (t) => {
  const dir = await place(t);
  await open(dir, words('right'));
  await rm(key(dir, 'root.key.pem'));
  await open(dir, words('right'));
});

test('an empty passphrase encrypts nothing, and nothing is left of the attempt', async (t) => {
  const dir = await place(t);
  await refused('CS-PASS-003', open(dir, words('')));
  assert.deepEqual(await readdir(dir), []);
});

test('the passphrase is changed, added and removed for all keys, and they stay the same keys', async (t) => {
  const dir = await place(t);
  const before = await open(dir);
  const change = (current: KeyPassphrases, next: string | undefined) =>
    changePassphrase({
      dir,
      current,
      next: () => Promise.resolve(next === undefined ? undefined : { text: next, from: 'the test' }),
    });
  assert.deepEqual(await change(noPassphrases, 'one'), {
    files: ['issuer.key.pem', 'root.key.pem'],
    wasEncrypted: false,
  });
  await refused('CS-PASS-001', change(words('two'), 'three'));
  await refused('CS-PASS-003', change(words('one'), ''));
  await change(words('one'), 'two');
  await refused('CS-PASS-001', open(dir, words('one')));
  const after = await open(dir, words('two'));
  assert.equal(after.keys.issuer.issuerKey, before.keys.issuer.issuerKey);
  await change(words('two'), undefined);
  assert.equal((await open(dir)).encrypted, false);
  assert.deepEqual(await readdir(dir), ['authority'], 'nothing is left beside it');
});

test('a machine that stops while the keys are exchanged has the new ones when they were whole, else the old ones', async (t) => {
  const dir = await place(t);
  const before = await open(dir);
  const other = await place(t);
  const after = await open(other);
  assert.notEqual(after.keys.issuer.issuerKey, before.keys.issuer.issuerKey);
  // Killed while it wrote: a part, under a name of its own.
  await rename(join(other, 'authority'), join(dir, '.authority.0011223344556677'));
  assert.equal((await open(dir)).keys.issuer.issuerKey, before.keys.issuer.issuerKey);
  // Killed when the new folder was whole, and when the old one was already out of the way.
  for (const oldIsAway of [false, true]) {
    const whole = await place(t);
    const next = await open(whole);
    await rename(join(whole, 'authority'), join(dir, 'authority.next'));
    if (oldIsAway) await rename(join(dir, 'authority'), join(dir, '.authority.8899aabbccddeeff'));
    assert.equal((await open(dir)).keys.issuer.issuerKey, next.keys.issuer.issuerKey);
    assert.deepEqual(await readdir(dir), ['authority']);
  }
});
