import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isRefusal } from '../errors/index.ts';
import { BerBudget, berToDer, concatBytes, encodeElement, equalBytes, fromHex, tags, toHex } from './index.ts';

const converted = (hex: string): string => toHex(berToDer(fromHex(hex.replaceAll(' ', ''))!, new BerBudget()));

function refuses(hex: string, offset: number, rule: string): void {
  assert.throws(() => converted(hex), { code: 'CS-DER-001', evidence: { offset, rule } }, hex);
}

test('indefinite and long lengths become definite and minimal', () => {
  assert.equal(converted('3080 0201 05 0000'), '3003020105');
  assert.equal(converted('3080 3080 0000 a080 0500 0000 0000'), '30063000a0020500');
  assert.equal(converted('3081 03 0201 05'), '3003020105');
  assert.equal(converted('0484 0000 0001 aa'), '0401aa');
});

test('octet strings in pieces become one', () => {
  assert.equal(converted('2480 0401 aa 0402 bbcc 0000'), '0403aabbcc');
  assert.equal(converted('2403 0401 aa'), '0401aa');
  assert.equal(converted('2480 2480 0401 aa 0000 2403 0401 bb 0000'), '0402aabb');
  assert.equal(converted('2480 0000'), '0400');
});

test('what is neither BER nor within what PKCS#12 uses is refused', () => {
  refuses('', 0, 'an element is missing');
  refuses('30', 1, 'length is missing');
  refuses('3082 00', 3, 'length is cut off');
  refuses('3085 0000000000', 1, 'length of more than four octets');
  refuses('3003 0201', 2, 'length reaches past the end');
  refuses('3003 0403 000000', 4, 'length reaches past the end');
  refuses('3080 0201 05', 5, 'end-of-contents is missing');
  refuses('3080 0001 00', 2, 'end-of-contents is damaged');
  refuses('3080 00', 2, 'end-of-contents is damaged');
  refuses('3000 00', 2, 'bytes after the last element');
  refuses('0000', 0, 'end-of-contents where there is nothing to end');
  refuses('3002 0000', 2, 'end-of-contents where there is nothing to end');
  refuses('0480 0000', 0, 'indefinite length of a primitive element');
  refuses('2480 0480 0000 0000', 0, 'indefinite length of a primitive element');
  refuses('2403 0201 05', 2, 'a piece of an OCTET STRING that is none');
  refuses('2303 0301 00', 0, 'constructed string');
  refuses('2c03 0c01 41', 0, 'constructed string');
  refuses('1f8100 00', 0, 'tag number above 30');
  // An inner element may not end where its outer one has ended already.
  refuses('3003 3080 00 00', 4, 'end-of-contents is damaged');
});

test('depth and the count of elements have an end', () => {
  assert.throws(() => converted('3080'.repeat(40)), { code: 'CS-DER-002' });
  assert.throws(() => converted('2480'.repeat(40)), { code: 'CS-DER-002' });
  const many = encodeElement(
    tags.sequence,
    new Uint8Array(200_002).map((_, at) => (at % 2 === 0 ? tags.null : 0)),
  );
  assert.throws(() => berToDer(many, new BerBudget()), {
    code: 'CS-DER-002',
    evidence: { offset: 200_003, limit: 'elements', maximum: 100_000 },
  });
  const budget = new BerBudget();
  const half = encodeElement(
    tags.sequence,
    new Uint8Array(120_000).map((_, at) => (at % 2 === 0 ? tags.null : 0)),
  );
  berToDer(half, budget);
  assert.throws(() => berToDer(half, budget), { code: 'CS-DER-002' }, 'all layers of a file share one budget');
});

/** DER, and the same in a form of BER. */
interface Both {
  readonly der: Uint8Array;
  readonly ber: Uint8Array;
}

const indefinite = (tag: number, contents: Uint8Array): Uint8Array =>
  concatBytes([Uint8Array.of(tag, 0x80), contents, Uint8Array.of(0, 0)]);

const { both } = fc.letrec<{ both: Both }>((tie) => ({
  both: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc
      .tuple(fc.constantFrom<number>(tags.integer, tags.utf8String, 0x80), fc.uint8Array({ maxLength: 200 }))
      .map(([tag, contents]) => ({ der: encodeElement(tag, contents), ber: encodeElement(tag, contents) })),
    fc.tuple(fc.array(fc.uint8Array({ maxLength: 90 }), { maxLength: 4 }), fc.boolean()).map(([pieces, endless]) => {
      const segments = concatBytes(pieces.map((piece) => encodeElement(tags.octetString, piece)));
      const der = encodeElement(tags.octetString, concatBytes(pieces));
      return { der, ber: endless ? indefinite(0x24, segments) : encodeElement(0x24, segments) };
    }),
    fc
      .tuple(
        fc.constantFrom<number>(tags.sequence, tags.set, 0xa0),
        fc.array(tie('both'), { maxLength: 4 }),
        fc.boolean(),
      )
      .map(([tag, members, endless]) => {
        const ber = concatBytes(members.map((member) => member.ber));
        const der = encodeElement(tag, concatBytes(members.map((member) => member.der)));
        return { der, ber: endless ? indefinite(tag, ber) : encodeElement(tag, ber) };
      }),
  ),
}));

test('BER of any shape becomes the DER of the same values, and DER stays as it is', () => {
  fc.assert(
    fc.property(both, ({ der, ber }) => {
      assert.ok(equalBytes(berToDer(ber, new BerBudget()), der));
      assert.ok(equalBytes(berToDer(der, new BerBudget()), der));
    }),
    { numRuns: 500 },
  );
});

test('of random octets nothing but a refusal comes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (octets) => {
      try {
        berToDer(concatBytes([Uint8Array.of(0x30, 0x80), octets]), new BerBudget());
      } catch (error) {
        assert.ok(isRefusal(error), String(error));
      }
    }),
    { numRuns: 1000 },
  );
});
