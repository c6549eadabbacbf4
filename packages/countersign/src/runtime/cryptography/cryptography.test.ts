import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, verify } from 'node:crypto';
import { test } from 'node:test';
import { format, inspect } from 'node:util';
import { serialize } from 'node:v8';
import { parsePem, toHex } from '../../ground/encoding/index.ts';
import { isRefusal, type Refusal, toCommandText, toLogLine, toProblemDocument } from '../../ground/errors/index.ts';
import type { KeyType } from '../../identity/x509/index.ts';
import {
  constantTimeEqual,
  generatePrivateKey,
  hmacSha256,
  parsePrivateKey,
  pooledRandomBytes,
  type PrivateKey,
  randomBytes,
  sha256,
  sha256Hex,
  thumbprint,
  verifySignature,
} from './index.ts';

const types = ['P-256', 'P-384', 'P-521', 'Ed25519'] as const satisfies readonly KeyType[];
const message = new TextEncoder().encode('message');

/** Pieces of the key that no text may hold: windows of its PEM's body and of its bytes in hexadecimal. */
function traces(pem: string): string[] {
  const body = pem.replaceAll(/-----[^-]+-----|\s/g, '');
  const hex = Buffer.from(body, 'base64').toString('hex');
  // The last third lies within the key, past the algorithm's identifiers that every key shares.
  const windows = (text: string, size: number): string[] =>
    Array.from({ length: Math.floor(text.length / size) }, (_, index) =>
      text.slice(index * size, (index + 1) * size),
    ).slice(3);
  return [...windows(body, 12), ...windows(hex, 16)];
}

test('a key of each type signs what verifies, and comes back from its PEM', () => {
  for (const type of types) {
    const key = generatePrivateKey(type);
    assert.equal(key.type, type);
    const signature = key.sign(message);
    assert.equal(verifySignature(key.publicKey, key.signatureAlgorithm, message, signature), true);
    const pem = key.toPem();
    assert.match(pem, /^-----BEGIN PRIVATE KEY-----\n/);
    const again = parsePrivateKey(pem);
    assert.deepEqual(again.publicKey, key.publicKey);
    assert.equal(verifySignature(key.publicKey, key.signatureAlgorithm, message, again.sign(message)), true);
    assert.deepEqual(parsePrivateKey(pem.replaceAll('\n', '\r\n')).publicKey, key.publicKey);
  }
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const sec1 = privateKey.export({ type: 'sec1', format: 'pem' }).toString();
  assert.equal(parsePrivateKey(sec1).type, 'P-256');
  const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';
  assert.equal(parsePrivateKey(`${parameters}${sec1}`).type, 'P-256');
});

test('a signature by another key, over other bytes, or of another algorithm does not verify', () => {
  const [key, other] = [generatePrivateKey('P-256'), generatePrivateKey('P-256')];
  const signature = key.sign(message);
  assert.equal(verifySignature(other.publicKey, 'ecdsa-with-SHA256', message, signature), false);
  assert.equal(verifySignature(key.publicKey, 'ecdsa-with-SHA256', new Uint8Array(7), signature), false);
  assert.equal(verifySignature(key.publicKey, 'ecdsa-with-SHA384', message, signature), false);
  assert.equal(verifySignature(key.publicKey, 'Ed25519', message, signature), false);
  assert.equal(verifySignature(key.publicKey, 'ecdsa-with-SHA256', message, new Uint8Array()), false);
  const raw = Uint8Array.from(key.publicKey.raw);
  raw[raw.length - 1] = (raw.at(-1) ?? 0) ^ 1;
  assert.equal(
    verifySignature({ ...key.publicKey, raw }, 'ecdsa-with-SHA256', message, signature),
    false,
    'off its curve',
  );
  assert.equal(
    verifySignature({ ...key.publicKey, raw: new Uint8Array(3) }, 'ecdsa-with-SHA256', message, signature),
    false,
  );
});

test('no way of printing a private key shows it', () => {
  for (const type of types) {
    const key = generatePrivateKey(type);
    const holder = { credential: [{ key }] };
    const shown = `[private key, ${type}]`;
    const texts = [
      `${String(key)} ${key.toString()}`,
      inspect(key, { showHidden: true, depth: null, getters: true, showProxy: true }),
      inspect(holder, { showHidden: true, depth: null, customInspect: false, getters: true }),
      format('%s %o %O %j', key, key, key, key),
      JSON.stringify(holder),
      inspect(new Map([[key, key]]), { depth: null }),
      inspect(Object.assign({}, key), { depth: null }),
      serialize(structuredClone(Object.assign({}, key))).toString('latin1'),
      Object.entries(key).flat().map(String).join(' '),
    ];
    assert.equal(`${key as unknown as string}.`, `${shown}.`);
    assert.equal(JSON.stringify({ key }), JSON.stringify({ key: shown }));
    assert.equal(inspect(key), shown);
    for (const trace of privateTraces(key)) {
      for (const text of texts) assert.ok(!text.includes(trace), text);
    }
  }
});

/** Traces that are not of the public half, which may be shown. */
function privateTraces(key: PrivateKey): string[] {
  const secret = parsePem(key.toPem())[0]!.bytes;
  // PKCS#8's private value, by where it begins and how long it is.
  const places = new Map([
    ['P-256', [36, 32]],
    ['P-384', [35, 48]],
    ['P-521', [35, 66]],
    ['Ed25519', [16, 32]],
  ]);
  const [start, length] = places.get(key.type) as [number, number];
  const value = Buffer.from(secret).subarray(start, start + length);
  assert.equal(key.publicKey.raw.length > 0 && !Buffer.from(key.publicKey.raw).includes(value), true);
  return [
    value.toString('hex'),
    value.toString('base64').slice(0, 20),
    value.toString('latin1'),
    [...value].join(', ').slice(0, 40),
  ];
}

function refusalOf(pem: string): Refusal {
  try {
    parsePrivateKey(pem);
  } catch (error) {
    assert.ok(isRefusal(error), String(error));
    return error;
  }
  return assert.fail('not refused');
}

const label = (name: string, pem: string): string => pem.replaceAll('PRIVATE KEY', name);

test('a broken key is refused, and the refusal holds nothing of it', () => {
  const pem = generatePrivateKey('P-256').toPem();
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
  const pkcs8 = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();
  const cases: readonly (readonly [string, string])[] = [
    ['', 'CS-PEM-001'],
    ['not a key', 'CS-PEM-001'],
    [pem.replace('-----BEGIN PRIVATE KEY-----\n', ''), 'CS-PEM-001'],
    [pem.slice(0, 120), 'CS-PEM-001'],
    [pem.replace('\n-----END', 'AAAA\n-----END'), 'CS-DER-001'],
    [`${pem}${pem}`, 'CS-PEM-002'],
    [pem.replaceAll('\n', ' '), 'CS-PEM-001'],
    [pem.replace('M', '!'), 'CS-PEM-001'],
    [pem.replaceAll('\n', '\\n'), 'CS-PEM-001'],
    [label('CERTIFICATE', pem), 'CS-PEM-002'],
    [label('ENCRYPTED PRIVATE KEY', pem), 'CS-PKCS-002'],
    [label('RSA PRIVATE KEY', pem), 'CS-PEM-002'],
    [pkcs8(rsa), 'CS-X509-002'],
    [pkcs8(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey), 'CS-X509-002'],
    [pkcs8(generateKeyPairSync('ed448').privateKey), 'CS-X509-002'],
    [pkcs8(generateKeyPairSync('x25519').privateKey), 'CS-X509-002'],
  ];
  for (const [text, code] of cases) {
    const refusal = refusalOf(text);
    assert.equal(refusal.code, code, refusal.message);
    const shown = [
      inspect(refusal, { depth: null, showHidden: true }),
      String(refusal.stack),
      toCommandText(refusal),
      toLogLine(refusal),
      JSON.stringify(toProblemDocument(refusal)),
    ].join('\n');
    for (const trace of traces(text)) assert.ok(!shown.includes(trace), `${code} shows ${trace}`);
  }
});

test('a key comes back from under its passphrase, and no refusal shows the one or the other', () => {
  const key = generatePrivateKey('P-256');
  const pem = key.toEncryptedPem('pä€ß🔑', { kdf: 'PBKDF2', iterations: 1000 });
  assert.match(pem, /^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/);
  assert.equal(parsePrivateKey(pem, { passphrase: 'pä€ß🔑' }).toPem(), key.toPem());
  assert.equal(parsePrivateKey(key.toPem(), { passphrase: 'unused' }).toPem(), key.toPem());
  for (const [options, code] of [
    [{}, 'CS-PKCS-002'],
    [{ passphrase: 'horse' }, 'CS-PKCS-001'],
    [{ passphrase: '' }, 'CS-PKCS-001'],
    [{ passphrase: 'pä€ß🔑', mostWork: 1000 }, 'CS-PKCS-005'],
  ] as const) {
    assert.throws(
      () => parsePrivateKey(pem, options),
      (error) => {
        assert.ok(isRefusal(error));
        assert.equal(error.code, code);
        const shown = inspect(error, { depth: null, showHidden: true }) + String(error.stack);
        assert.ok(!shown.includes('horse') && !shown.includes('pä€'));
        return true;
      },
    );
  }
  assert.equal(refusalOf(pem + pem).code, 'CS-PEM-002');
  assert.throws(() => key.toEncryptedPem(''), TypeError);
});

test('hashes, random bytes and comparisons', () => {
  const abc = new TextEncoder().encode('abc');
  const digest = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  assert.equal(sha256Hex(abc), digest);
  assert.equal(Buffer.from(sha256(abc)).toString('hex'), digest);
  assert.equal(thumbprint(abc), Buffer.from(digest, 'hex').toString('base64url'));
  // RFC 4231, test case 2.
  assert.equal(
    Buffer.from(hmacSha256(Buffer.from('Jefe'), Buffer.from('what do ya want for nothing?'))).toString('hex'),
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  );
  assert.equal(randomBytes(16).length, 16);
  assert.notDeepEqual(randomBytes(16), randomBytes(16));
  assert.equal(constantTimeEqual(abc, Uint8Array.from(abc)), true);
  assert.equal(constantTimeEqual(abc, abc.subarray(1)), false);
  assert.equal(constantTimeEqual(abc, Uint8Array.of(0x61, 0x62, 0x64)), false);
  assert.equal(constantTimeEqual(new Uint8Array(), new Uint8Array()), true);
});

test('an ECDSA signature is DER, as X.509 holds it', () => {
  const key = generatePrivateKey('P-384');
  const signature = key.sign(message);
  assert.equal(signature[0], 0x30);
  const pem = `-----BEGIN PUBLIC KEY-----\n${Buffer.from(key.publicKey.raw).toString('base64')}\n-----END PUBLIC KEY-----`;
  assert.equal(verify('sha384', message, { key: pem, dsaEncoding: 'der' }, signature), true);
});

test('a pool gives no octet twice, and is filled again when it is empty', () => {
  const next = pooledRandomBytes();
  const given = Array.from({ length: 600 }, () => toHex(next(16)));
  assert.equal(new Set(given).size, 600);
  assert.throws(() => next(5000), TypeError);
});
