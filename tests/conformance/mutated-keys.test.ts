/** Damaged keys and PKCS#12 files: nothing but refusals comes of them, in time and within memory, under the default limits. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import {
  encodeElement,
  encodeOctetString,
  parsePem,
  tags,
  toHex,
} from '../../packages/countersign/src/ground/encoding/index.ts';
import { isRefusal, toCommandText, toLogLine } from '../../packages/countersign/src/ground/errors/index.ts';
import {
  decryptPrivateKey,
  encodePkcs12,
  encryptPrivateKey,
  parsePkcs12,
  parsePrivateKeyInfo,
  type PasswordCryptography,
  type Pkcs12Item,
} from '../../packages/countersign/src/identity/x509/index.ts';
import { passwordCryptography } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { asBer } from '../fixtures/ber.ts';
import { makeRoot } from '../fixtures/certificates.ts';
import { fixedKey } from '../fixtures/fixed-keys.ts';
import { mutateBytes } from '../fixtures/mutations.ts';
import { makersBytes, makersFiles } from '../fixtures/pkcs12/makers.ts';
import { cpuMs, longestMs, mutationSeed, scaled } from '../fixtures/mutation-run.ts';
import { type Random, seededRandom } from '../fixtures/random.ts';

const seed = mutationSeed(20_261_101);

/** The work that a damaged input may ask for: a tenth of the default. */
const limits = { mostWork: 180_000, mostScryptBytes: 8 * 1024 * 1024 };

function trial(
  t: TestContext,
  usualCount: number,
  corpus: readonly Uint8Array[],
  attempt: (input: Uint8Array) => unknown,
): void {
  const count = scaled(usualCount);
  for (const whole of corpus) attempt(whole);
  let slowest = { ms: 0, input: '' };
  const codes = new Map<string, number>();
  for (let index = 0; index < count; index++) {
    const random: Random = seededRandom(seed + index);
    const input = mutateBytes(random, random.pick(corpus), random.pick(corpus));
    const start = cpuMs();
    let code = 'accepted';
    try {
      attempt(input);
    } catch (error) {
      if (!isRefusal(error))
        throw new Error(`seed ${String(seed)}: not a refusal, of ${toHex(input)}`, { cause: error });
      ({ code } = error);
      toLogLine(error);
      toCommandText(error);
    }
    codes.set(code, (codes.get(code) ?? 0) + 1);
    const ms = cpuMs() - start;
    if (ms > slowest.ms) slowest = { ms, input: toHex(input.subarray(0, 200)) };
  }
  const spread = [...codes].map(([code, times]) => `${code} ${String(times)}`).join(', ');
  t.diagnostic(`seed ${String(seed)}: ${spread}; slowest ${slowest.ms.toFixed(1)} ms: ${slowest.input}`);
  assert.ok(slowest.ms < longestMs, `${slowest.ms.toFixed(1)} ms: ${slowest.input}`);
  assert.ok((codes.get('accepted') ?? 0) < count);
}

/** Repeated by the seed, keys and salts and all. */
const setting = seededRandom(seed);
const repeatable: PasswordCryptography = { ...passwordCryptography, randomBytes: (count) => setting.bytes(count) };

/** Verifies nothing and encrypts nothing, so that damage gets past the MAC to everything behind it. */
const lenient: PasswordCryptography = {
  ...repeatable,
  hashRepeatedly: (_hash, bytes) => bytes.slice(0, 32),
  encrypt: (_cipher, _key, _iv, plaintext) => plaintext,
  decrypt: (_cipher, _key, _iv, ciphertext) => ciphertext,
  constantTimeEqual: () => true,
};

const ownKey = fixedKey('Ed25519', setting);
const { certificate } = makeRoot({ subject: 'web', key: ownKey, serialNumber: setting.bytes(15) });
const key = parsePrivateKeyInfo(parsePem(ownKey.toPem())[0]!.bytes);
const items: readonly Pkcs12Item[] = [
  { kind: 'certificate', der: certificate.raw, friendlyName: 'web', localKeyId: Uint8Array.of(1) },
  { kind: 'key', key, friendlyName: 'web', localKeyId: Uint8Array.of(1) },
];

test('4000 damaged PKCS#12 files of other makers', (t) => {
  const corpus = makersFiles.filter(({ password }) => password === 'geheim').map(({ file }) => makersBytes(file));
  const more = { ...limits, password: 'geheim', acceptUnauthenticated: true };
  // Java's old default takes 850,000 of work when it is whole.
  const affordable = corpus.filter((file) => {
    try {
      return parsePkcs12(file, passwordCryptography, more).items.length > 0;
    } catch {
      return false;
    }
  });
  assert.equal(affordable.length, corpus.length - 1);
  trial(t, 4000, [...affordable, ...affordable.map(asBer)], (file) => parsePkcs12(file, passwordCryptography, more));
});

test('8000 damaged PKCS#12 files behind the MAC', (t) => {
  const corpus = (['PBMAC1', 'HMAC-SHA-256'] as const).map((mac) =>
    encodePkcs12(items, lenient, { password: 'x', iterations: 1000, mac }),
  );
  const options = { password: 'x', mostWork: 1_000_000 };
  trial(t, 8000, corpus, (file) => parsePkcs12(file, lenient, options));
});

test('4000 damaged encrypted private keys', (t) => {
  const stretchings = [
    { kdf: 'PBKDF2', iterations: 1000 },
    { kdf: 'scrypt', cost: 1024, blockSize: 1, parallelization: 1 },
  ] as const;
  const corpus = stretchings.map((stretching) => encryptPrivateKey(key, 'x', repeatable, stretching));
  trial(t, 4000, corpus, (der) => decryptPrivateKey(der, 'x', passwordCryptography, limits));
});

test('4000 damaged private keys', (t) => {
  trial(t, 4000, [parsePem(ownKey.toPem())[0]!.bytes], parsePrivateKeyInfo);
});

/** What a file may weigh by default. */
const mostBytes = 2 * 1024 * 1024;
const filled = (tag: number, size: number, filler: readonly number[]): Uint8Array =>
  encodeElement(tag, new Uint8Array(Buffer.alloc(size, Uint8Array.from(filler))));

function nested(levels: number, inner: Uint8Array): Uint8Array {
  let element = inner;
  for (let level = 0; level < levels; level++) element = encodeElement(tags.sequence, element);
  return element;
}

test('what is as large as may be, in the worst shapes, is refused in time and within memory', (t) => {
  const size = mostBytes - 200;
  const shapes: readonly (readonly [string, Uint8Array])[] = [
    ['many small elements', filled(tags.sequence, size, [tags.null, 0])],
    ['many small pieces', filled(0x24, size, [4, 1, 0xaa])],
    ['deep and large', nested(31, encodeOctetString(new Uint8Array(size)))],
    ['deep and never ending', new Uint8Array(Buffer.alloc(mostBytes, Uint8Array.of(0x30, 0x80)))],
    ['pieces that never end', new Uint8Array(Buffer.alloc(mostBytes, Uint8Array.of(0x24, 0x80)))],
    ['too large', new Uint8Array(mostBytes + 1)],
  ];
  const before = process.resourceUsage().maxRSS;
  for (const [name, file] of shapes) {
    const start = cpuMs();
    assert.throws(() => parsePkcs12(file, passwordCryptography, { password: 'x' }), { code: /^CS-(DER|PKCS)-/ }, name);
    const ms = cpuMs() - start;
    t.diagnostic(`${name}: ${ms.toFixed(1)} ms`);
    assert.ok(ms < longestMs, `${name}: ${ms.toFixed(1)} ms`);
  }
  const grownMb = (process.resourceUsage().maxRSS - before) / 1024;
  t.diagnostic(`memory grew by ${grownMb.toFixed(0)} MB`);
  assert.ok(grownMb < 256, `${grownMb.toFixed(0)} MB`);
});

test('the most that the default limits allow takes what they say', (t) => {
  const encrypted = encryptPrivateKey(key, 'x', passwordCryptography, { kdf: 'PBKDF2', iterations: 1_799_500 });
  const start = cpuMs();
  decryptPrivateKey(encrypted, 'x', passwordCryptography);
  const ms = cpuMs() - start;
  t.diagnostic(`${ms.toFixed(0)} ms`);
  // A second: not every machine has instructions for SHA-256.
  assert.ok(ms < 1000, `${ms.toFixed(0)} ms`);
});
