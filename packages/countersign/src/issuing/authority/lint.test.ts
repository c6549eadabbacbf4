import assert from 'node:assert/strict';
import { test } from 'node:test';

import { manualClock } from '../../ground/clock/index.ts';
import { fromHex } from '../../ground/encoding/index.ts';
import {
  authorityKeyIdentifierExtension,
  basicConstraintsExtension,
  encodeName,
  encodeTbsCertificate,
  extendedKeyUsageExtension,
  extendedKeyUsages,
  keyIdentifier,
  keyUsageExtension,
  subjectAltNameExtension,
  subjectKeyIdentifierExtension,
  type TbsFields,
} from '../../identity/x509/index.ts';
import { generatePrivateKey, sha256 } from '../../runtime/cryptography/index.ts';
import { createAuthority } from './create-authority.ts';
import { lintAuthority } from './lint-authority.ts';
import { lintEndEntity } from './lint-end-entity.ts';
import { serviceProfile } from './profile.ts';
import { randomSerialNumber } from './serial-number.ts';

const nowMs = Date.parse('2026-11-21T08:00:00Z');
const { issuer, anchor } = createAuthority({ trustDomain: 'dev.internal', clock: manualClock(nowMs) });
const key = generatePrivateKey('P-256');

const extensions = {
  basicConstraints: basicConstraintsExtension({ ca: false }),
  keyUsage: keyUsageExtension(['digitalSignature']),
  extendedKeyUsage: extendedKeyUsageExtension([extendedKeyUsages.serverAuth, extendedKeyUsages.clientAuth]),
  names: subjectAltNameExtension({ dns: ['web'], uri: ['spiffe://dev.internal/web'] }, false),
  subjectKey: subjectKeyIdentifierExtension(keyIdentifier(key.publicKey.raw, sha256)),
  authorityKey: authorityKeyIdentifierExtension(fromHex(issuer.facts.keyIdentifier) ?? new Uint8Array()),
};

function toBeSigned(
  over: Partial<TbsFields> = {},
  others: Partial<Record<keyof typeof extensions, Uint8Array>> = {},
): Uint8Array {
  return encodeTbsCertificate({
    serialNumber: randomSerialNumber(),
    signatureAlgorithm: 'ecdsa-with-SHA256',
    issuer: issuer.facts.name,
    subject: encodeName({ commonName: 'web' }),
    notBefore: nowMs - 60_000,
    notAfter: nowMs + 3_600_000,
    publicKey: key.publicKey.raw,
    extensions: Object.values({ ...extensions, ...others }),
    ...over,
  });
}

const context = { profile: serviceProfile, trustDomain: 'dev.internal' };
const linted = (...parts: Parameters<typeof toBeSigned>) => lintEndEntity(toBeSigned(...parts), issuer.facts, context);

test('what the profile writes passes, and is signed once', async () => {
  const good = linted();
  await issuer.sign([good]);
  await assert.rejects(issuer.sign([good]), TypeError);
  assert.throws(() => good.toBeSigned, TypeError);
});

test('nothing but the lint makes what a signer takes', async () => {
  await assert.rejects(issuer.sign([{ toBeSigned: toBeSigned() } as never]), TypeError);
  await assert.rejects(issuer.sign([Object.create(Object.getPrototypeOf(linted()) as object) as never]), TypeError);
});

test('each rule refuses what breaks it, with its clause', () => {
  const years = 2 * 365 * 86_400_000;
  const uri = ['spiffe://dev.internal/web'];
  const broken: readonly [string, Parameters<typeof toBeSigned>][] = [
    ['the serial number', [{ serialNumber: Uint8Array.of(1, 2, 3) }]],
    ['reads back:', [{ signatureAlgorithm: 'ecdsa-with-SHA384' }]],
    ["the issuer's name", [{ issuer: anchor.subject.raw }]],
    ['it begins before it ends', [{ notAfter: nowMs - 60_000 }]],
    ["its validity lies within the issuer's", [{ notAfter: nowMs + years }]],
    ["its validity lies within the issuer's", [{ notBefore: nowMs - 3_600_000 }]],
    ['the authority key identifier', [{}, { authorityKey: authorityKeyIdentifierExtension(new Uint8Array(20)) }]],
    ['it is no authority', [{}, { basicConstraints: basicConstraintsExtension({ ca: true }) }]],
    ['its key signs, and neither', [{}, { keyUsage: keyUsageExtension(['digitalSignature', 'keyCertSign']) }]],
    ['its key signs, and neither', [{}, { keyUsage: keyUsageExtension(['digitalSignature', 'keyEncipherment']) }]],
    [
      'it has exactly the purposes',
      [{}, { extendedKeyUsage: extendedKeyUsageExtension([extendedKeyUsages.clientAuth]) }],
    ],
    [
      'it has exactly the purposes',
      [{}, { extendedKeyUsage: extendedKeyUsageExtension(serviceProfile.extendedKeyUsage, true) }],
    ],
    [
      'it has exactly the purposes',
      [
        {},
        {
          extendedKeyUsage: extendedKeyUsageExtension([
            ...serviceProfile.extendedKeyUsage,
            extendedKeyUsages.feedSigning,
          ]),
        },
      ],
    ],
    ['it has exactly one URI name', [{}, { names: subjectAltNameExtension({ dns: ['web'] }, false) }]],
    [
      'it has exactly one URI name',
      [{}, { names: subjectAltNameExtension({ dns: ['web'], uri: [...uri, 'spiffe://dev.internal/b'] }, false) }],
    ],
    ['the subject is empty', [{ subject: encodeName({ commonName: 'other' }) }]],
    ["its life is within the profile's", [{ notAfter: nowMs + 8 * 86_400_000 }]],
    ["its key is not the issuer's", [{ publicKey: issuer.facts.publicKey }]],
    [
      'it has the extensions of the profile and no other',
      [{ extensions: [...Object.values(extensions), anyExtension()] }],
    ],
    ['it has a subject key identifier', [{ extensions: Object.values({ ...extensions, subjectKey: anyExtension() }) }]],
    [
      'the basic constraints are present',
      [{ extensions: Object.values({ ...extensions, basicConstraints: anyExtension() }) }],
    ],
    ['the key usage is present', [{ extensions: Object.values({ ...extensions, keyUsage: anyExtension() }) }]],
  ];
  for (const [rule, parts] of broken) {
    assert.throws(
      () => linted(...parts),
      (error: { code?: string; evidence?: { rule: string; clause: string } }) => {
        assert.equal(error.code, 'CS-AUTHORITY-001', rule);
        assert.ok(error.evidence?.rule.startsWith(rule), `${rule} / ${error.evidence?.rule ?? ''}`);
        assert.notEqual(error.evidence?.clause, '');
        return true;
      },
    );
  }
});

test('the policy on names is part of the lint', () => {
  for (const names of [{ dns: ['*.internal'] }, { dns: ['web'], ip: ['127.0.0.1'] }, { dns: ['WEB'] }]) {
    const bytes = toBeSigned(
      { subject: encodeName({}) },
      { names: subjectAltNameExtension({ uri: ['spiffe://dev.internal/web'], ...names }, true) },
    );
    assert.throws(() => lintEndEntity(bytes, issuer.facts, context), { code: 'CS-AUTHORITY-003' });
  }
});

test('what does not read back is not signed', () => {
  assert.throws(() => lintEndEntity(Uint8Array.of(0x30, 0), issuer.facts, context), { code: 'CS-AUTHORITY-001' });
});

test('an end-entity certificate does not pass for an authority', () => {
  const place = { trustDomain: 'dev.internal', pathLength: 0, selfSigned: false };
  assert.throws(() => lintAuthority(toBeSigned(), issuer.facts, place), { code: 'CS-AUTHORITY-001' });
});

/** 1.2.3, not critical, NULL. */
function anyExtension(): Uint8Array {
  return Uint8Array.of(0x30, 8, 6, 2, 0x2a, 3, 4, 2, 5, 0);
}
