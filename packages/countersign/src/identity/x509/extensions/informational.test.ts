import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeExplicit, encodeSequence, fromHex, toHex } from '../../../ground/encoding/index.ts';
import { isRefusal } from '../../../ground/errors/index.ts';
import { makeRoot, makeService } from '../../../../../../tests/fixtures/certificates.ts';
import { extensionExamples } from '../../../../../../tests/fixtures/extension-examples.ts';
import { extensionOf, readWhole } from '../../../../../../tests/fixtures/extension-values.ts';
import { mutateBytes } from '../../../../../../tests/fixtures/mutations.ts';
import { seededRandom } from '../../../../../../tests/fixtures/random.ts';
import {
  certificateTimestampsExtension,
  describeExtension,
  encodeName,
  extensionOids,
  parseCertificate,
  precertificatePoisonExtension,
} from '../index.ts';
import { encodeExtension } from '../extensions.ts';
import { describers } from './describers.ts';
import { informationalExtensions } from './informational.ts';

const timestamps = certificateTimestampsExtension([
  {
    logId: 'ab'.repeat(32),
    timestamp: 1_780_000_000_000,
    extensions: new Uint8Array(),
    signatureAlgorithm: 'ecdsa-sha256',
    signature: new Uint8Array(70),
  },
]);
const examples = [
  ...Object.values(extensionExamples).map(({ ours }) => extensionOf(ours)),
  extensionOf(timestamps),
  extensionOf(precertificatePoisonExtension()),
];

test('every known extension has a reader here or in path validation, an example and a description', () => {
  for (const [name, oid] of Object.entries(extensionOids)) {
    assert.ok(describers.has(oid), name);
    if (informationalExtensions.has(oid))
      assert.ok(
        examples.some((one) => one.oid === oid),
        name,
      );
  }
  for (const oid of informationalExtensions.keys()) assert.ok(Object.values<string>(extensionOids).includes(oid), oid);
});

test('parsing a certificate refuses a broken extension that decides nothing', () => {
  const root = makeRoot();
  for (const { oid, value } of examples) {
    if (!informationalExtensions.has(oid)) continue;
    const whole = makeService(root, { moreExtensions: [encodeExtension(oid, false, value)] });
    assert.ok(parseCertificate(whole.certificate.raw).extensions.some((extension) => extension.oid === oid));
    for (const broken of [value.subarray(0, -1), Uint8Array.of(...value, 0), encodeExplicit(0, value)]) {
      assert.throws(() => makeService(root, { moreExtensions: [encodeExtension(oid, false, broken)] }), {
        code: 'CS-DER-001',
      });
    }
  }
});

/** Milliseconds that no value may take. */
const longestMs = 250;

test('6000 damaged values: nothing but refusals, none for long', (t) => {
  const seeds = [
    ...examples,
    { oid: '1.2.3', critical: false, value: encodeSequence(encodeName({ commonName: 'a' })) },
  ];
  const readers = [...informationalExtensions];
  let accepted = 0;
  let slowest = { ms: 0, what: '' };
  for (let index = 0; index < 6000; index++) {
    const random = seededRandom(20_260_601 + index);
    const from = random.pick(seeds);
    // Mostly its own reader, sometimes one that expects another form.
    const [oid, read] =
      random.number(4) === 0 ? random.pick(readers) : [from.oid, informationalExtensions.get(from.oid)];
    const value = mutateBytes(random, from.value, random.pick(seeds).value);
    const what = `${oid} ${toHex(value).slice(0, 200)}`;
    const start = performance.now();
    try {
      if (read !== undefined) readWhole(value, read);
      accepted++;
    } catch (error) {
      assert.ok(isRefusal(error), `${what}: ${String(error)}`);
    }
    JSON.stringify(describeExtension({ oid, critical: false, value }));
    const ms = performance.now() - start;
    if (ms > slowest.ms) slowest = { ms, what };
  }
  t.diagnostic(`${String(accepted)} accepted; slowest ${slowest.ms.toFixed(1)} ms: ${slowest.what}`);
  assert.ok(slowest.ms < longestMs, slowest.what);
  assert.ok(accepted > 0 && accepted < 6000);
});

test('a long list is read in time', () => {
  const name = encodeExplicit(0, encodeExplicit(0, fromHex('860161')!));
  const points = encodeSequence(...Array.from({ length: 9000 }, () => encodeSequence(name)));
  const start = performance.now();
  assert.equal(
    describeExtension({ oid: extensionOids.freshestCRL, critical: false, value: points }).malformed,
    undefined,
  );
  assert.ok(performance.now() - start < longestMs);
});
