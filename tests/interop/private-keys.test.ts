/** OpenSSL and Java read the keys and PKCS#12 files that we write, and we read theirs, made now by those that are installed. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createSecureContext } from 'node:tls';
import { encodeOid, encodePem, parsePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import {
  encodePkcs12,
  parsePkcs12,
  parsePrivateKeyInfo,
  type Pkcs12Item,
  type Pkcs12WriteOptions,
} from '../../packages/countersign/src/identity/x509/index.ts';
import { parsePrivateKey, passwordCryptography } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { asBer } from '../fixtures/ber.ts';
import { makeRoot } from '../fixtures/certificates.ts';
import { missing, type Ran, run } from './peers.ts';

const withoutOpenssl = missing('openssl');
const withoutKeytool = missing('keytool');
const password = 'correct horse';
const unicode = 'pä€ß🔑';

const { key: ownKey, certificate } = makeRoot({ subject: 'web' });
const keyPem = ownKey.toPem();
const certificatePem = encodePem('CERTIFICATE', certificate.raw);
const key = parsePrivateKeyInfo(parsePem(keyPem)[0]!.bytes);
const tied = { friendlyName: 'web é', localKeyId: Uint8Array.of(1) };
const credential: readonly Pkcs12Item[] = [
  { kind: 'certificate', der: certificate.raw, ...tied },
  { kind: 'key', key, ...tied },
];

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-keys-'));
  await writeFile(join(folder, 'key.pem'), keyPem, { mode: 0o600 });
  await writeFile(join(folder, 'cert.pem'), certificatePem);
});
after(() => rm(folder, { recursive: true }));

const at = (name: string): string => join(folder, name);

async function openssl(...args: string[]): Promise<Ran> {
  return run('openssl', args);
}

async function done(ran: Promise<Ran>): Promise<string> {
  const { status, out, err } = await ran;
  assert.equal(status, 0, out + err);
  return out;
}

async function written(name: string, options: Pkcs12WriteOptions, items = credential): Promise<string> {
  await writeFile(at(name), encodePkcs12(items, passwordCryptography, options));
  return at(name);
}

const read = async (name: string, secret: string): Promise<ReturnType<typeof parsePkcs12>> =>
  parsePkcs12(new Uint8Array(await readFile(at(name))), passwordCryptography, { password: secret });

test('openssl reads our encrypted keys, PBKDF2 and scrypt', { skip: withoutOpenssl }, async () => {
  for (const stretching of [undefined, { kdf: 'scrypt' }] as const) {
    await writeFile(at('ours.pem'), ownKey.toEncryptedPem(unicode, stretching));
    const back = await done(openssl('pkey', '-in', at('ours.pem'), '-passin', `pass:${unicode}`));
    assert.equal(back.replaceAll('\r', ''), keyPem);
    assert.notEqual((await openssl('pkey', '-in', at('ours.pem'), '-passin', 'pass:wrong')).status, 0);
  }
});

test("we read openssl's encrypted keys, of each cipher and derivation", { skip: withoutOpenssl }, async () => {
  const forms = [
    ['-v2', 'aes-256-cbc'],
    ['-v2', 'aes-192-cbc', '-v2prf', 'hmacWithSHA512'],
    ['-v2', 'aes-128-cbc', '-v2prf', 'hmacWithSHA1'],
    ['-v2', 'des3', '-v2prf', 'hmacWithSHA384'],
    ['-scrypt'],
  ];
  for (const form of forms) {
    const out = await done(openssl('pkcs8', '-topk8', '-in', at('key.pem'), '-passout', `pass:${unicode}`, ...form));
    assert.equal(parsePrivateKey(out, { passphrase: unicode }).toPem(), keyPem, form.join(' '));
    assert.throws(() => parsePrivateKey(out), { code: 'CS-PKCS-002' });
    assert.throws(() => parsePrivateKey(out, { passphrase: 'wrong' }), { code: 'CS-PKCS-001' });
  }
});

/** Since 3.4. */
async function opensslKnowsPbmac1(): Promise<boolean> {
  const [, major = '0', minor = '0'] = /^OpenSSL (\d+)\.(\d+)/.exec(await done(openssl('version'))) ?? [];
  return Number(major) > 3 || (Number(major) === 3 && Number(minor) >= 4);
}

test('openssl reads our PKCS#12 with the classic MAC, and with PBMAC1 from 3.4', { skip: withoutOpenssl }, async () => {
  for (const mac of ['HMAC-SHA-256', 'PBMAC1'] as const) {
    for (const secret of [unicode, '']) {
      const file = await written('ours.p12', { password: secret, mac });
      const ran = await openssl('pkcs12', '-in', file, '-passin', `pass:${secret}`, '-nodes');
      if (mac === 'PBMAC1' && !(await opensslKnowsPbmac1())) {
        assert.match(ran.err, /PBMAC1/);
        continue;
      }
      assert.equal(ran.status, 0, ran.err);
      assert.ok(ran.out.includes(keyPem) && ran.out.includes(certificatePem));
      assert.match(ran.out, /localKeyID: 01/);
      const wrong = await openssl('pkcs12', '-in', file, '-passin', 'pass:wrong', '-nodes');
      assert.match(wrong.err, /Mac verify error: invalid password/);
    }
  }
});

test("Node's own OpenSSL reads our PKCS#12 with either MAC", () => {
  for (const mac of ['HMAC-SHA-256', 'PBMAC1'] as const) {
    const pfx = Buffer.from(encodePkcs12(credential, passwordCryptography, { password: unicode, mac }));
    createSecureContext({ pfx, passphrase: unicode });
    assert.throws(() => createSecureContext({ pfx, passphrase: password }), /mac verify failure/);
  }
});

test("we read openssl's PKCS#12, as DER and as BER", { skip: withoutOpenssl }, async () => {
  const forms = [
    [],
    ['-macalg', 'sha384'],
    ['-macalg', 'sha512', '-iter', '10000'],
    ['-macalg', 'sha1', '-certpbe', 'PBE-SHA1-3DES', '-keypbe', 'PBE-SHA1-2DES'],
    ...((await opensslKnowsPbmac1()) ? [['-pbmac1_pbkdf2']] : []),
  ];
  for (const form of forms) {
    const source = ['-export', '-inkey', at('key.pem'), '-in', at('cert.pem'), '-name', 'web'];
    await done(openssl('pkcs12', ...source, '-passout', `pass:${unicode}`, '-out', at('theirs.p12'), ...form));
    const { items, weak } = await read('theirs.p12', unicode);
    assert.deepEqual(items.map(({ kind }) => kind).sort(), ['certificate', 'key'], form.join(' '));
    assert.equal(weak.length, form.includes('PBE-SHA1-3DES') ? 2 : 0, weak.join('\n'));
    // OpenSSL reads the same as BER, so it is BER.
    await writeFile(at('ber.p12'), asBer(new Uint8Array(await readFile(at('theirs.p12')))));
    await done(openssl('pkcs12', '-in', at('ber.p12'), '-passin', `pass:${unicode}`, '-nodes'));
    assert.equal((await read('ber.p12', unicode)).items.length, 2);
  }
});

const keystore = (file: string): string[] => ['-keystore', file, '-storetype', 'PKCS12', '-storepass', password];

test('keytool reads our PKCS#12: a credential, and an anchor that it trusts', { skip: withoutKeytool }, async () => {
  // Java takes a certificate without a key for an anchor when this says for which use; this is any.
  const trusted = {
    oid: '2.16.840.1.113894.746875.1.1',
    values: [encodeOid('2.5.29.37.0')],
  };
  const anchor = {
    kind: 'certificate',
    der: certificate.raw,
    friendlyName: 'anchor',
    otherAttributes: [trusted],
  } as const;
  const file = await written('java.p12', { password, mac: 'HMAC-SHA-256' }, [...credential, anchor]);
  const listed = await done(run('keytool', ['-list', ...keystore(file)]));
  assert.match(listed, /web .*PrivateKeyEntry/);
  assert.match(listed, /anchor, .*trustedCertEntry/);
  // To write it again, Java must have decrypted the key.
  const copied = ['-importkeystore', '-noprompt', '-srckeystore', file, '-srcstorepass', password];
  const into = ['-destkeystore', at('copied.p12'), '-deststoretype', 'PKCS12', '-deststorepass', password];
  await done(run('keytool', [...copied, ...into]));
  const { items } = await read('copied.p12', password);
  const again = items.find((item) => item.kind === 'key')!;
  assert.deepEqual(again.key.privateKeyOctets(), key.privateKeyOctets());
});

test("we read keytool's PKCS#12, of today and of Java 8", { skip: withoutKeytool }, async () => {
  for (const old of [[], ['-J-Dkeystore.pkcs12.legacy']]) {
    await rm(at('theirs.p12'), { force: true });
    const pair = ['-genkeypair', '-alias', 'web', '-keyalg', 'EC', '-groupname', 'secp256r1', '-dname', 'CN=web'];
    await done(run('keytool', [...old, ...pair, ...keystore(at('theirs.p12'))]));
    const { items, weak } = await read('theirs.p12', password);
    assert.deepEqual(
      items.map(({ kind, friendlyName }) => `${kind} ${String(friendlyName)}`),
      ['key web', 'certificate web'],
    );
    assert.equal(weak.length, old.length === 0 ? 0 : 2);
  }
});
