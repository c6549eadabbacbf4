import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isRefusal } from '../errors/index.ts';
import {
  compareBytes,
  concatBytes,
  contextConstructed,
  decodeObjectIdentifier,
  DerReader,
  encodeBitString,
  encodeBoolean,
  encodeElement,
  encodeExplicit,
  encodeImplicit,
  encodeInteger,
  encodeNamedBits,
  encodeObjectIdentifier,
  encodeOctetString,
  encodeOid,
  encodePem,
  encodeSequence,
  encodeSetOf,
  encodeTime,
  encodeUtf8String,
  equalBytes,
  fromBase64,
  fromBase64Url,
  fromHex,
  parsePem,
  readBitStringBytes,
  readBoolean,
  readDirectoryString,
  readIntegerBytes,
  readNamedBits,
  readObjectIdentifier,
  readPositiveIntegerHex,
  readSmallInteger,
  readTime,
  requireSetOrder,
  tags,
  toBase64,
  toBase64Url,
  toHex,
} from './index.ts';

const bytes = fc.uint8Array({ maxLength: 400 });

/** Reads what was written, to its last byte. */
function back<T>(encoded: Uint8Array, read: (reader: DerReader) => T): T {
  const reader = DerReader.over(encoded);
  const value = read(reader);
  reader.finish();
  return value;
}

/** Where `read` accepts random contents under `tag`, `encode` must write the same bytes: one value has one encoding. */
function canonical<T>(
  tag: number,
  contents: fc.Arbitrary<Uint8Array>,
  read: (r: DerReader) => T,
  encode: (v: T) => Uint8Array,
): void {
  fc.assert(
    fc.property(contents, (octets) => {
      const element = encodeElement(tag, octets);
      let value: T;
      try {
        value = back(element, read);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        return;
      }
      assert.deepEqual(Buffer.from(encode(value)), Buffer.from(element));
    }),
    { numRuns: 1000 },
  );
}

test('booleans', () => {
  for (const value of [true, false]) assert.equal(back(encodeBoolean(value), readBoolean), value);
  canonical(tags.boolean, fc.uint8Array({ maxLength: 2 }), readBoolean, encodeBoolean);
});

test('integers from magnitudes of any length', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 400n }), (value) => {
      const hex = value.toString(16);
      const written = encodeInteger(fromHex(hex.padStart(hex.length + (hex.length % 2), '0'))!);
      assert.equal(BigInt(`0x${back(written, readPositiveIntegerHex)}`), value);
      assert.equal(BigInt(`0x${toHex(back(written, (reader) => readIntegerBytes(reader)))}`), value);
    }),
  );
  canonical(tags.integer, fc.uint8Array({ maxLength: 5 }), readPositiveIntegerHex, (hex) =>
    encodeInteger(fromHex(hex)!),
  );
});

test('small integers', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0x7fffffff }), (value) => {
      assert.equal(
        back(encodeInteger(value), (reader) => readSmallInteger(reader)),
        value,
      );
    }),
  );
  canonical(tags.integer, fc.uint8Array({ maxLength: 5 }), (reader) => readSmallInteger(reader), encodeInteger);
  assert.throws(() => encodeInteger(-1), TypeError);
  assert.throws(() => encodeInteger(0.5), TypeError);
});

test('object identifiers', () => {
  const arc = fc.oneof(
    fc.bigInt({ min: 0n, max: 2n ** 128n }),
    fc.bigInt({ min: 0n, max: 2n ** 50n }),
    fc.bigInt({ min: 0n, max: 300n }),
  );
  const joined = fc.oneof(
    fc.tuple(fc.constantFrom(0n, 1n), fc.bigInt({ min: 0n, max: 39n })),
    fc.tuple(fc.constant(2n), arc),
  );
  fc.assert(
    fc.property(joined, fc.array(arc, { maxLength: 2 }), (first, rest) => {
      const text = [...first, ...rest].join('.');
      assert.equal(back(encodeOid(text), readObjectIdentifier), text);
    }),
  );
  canonical(tags.objectIdentifier, fc.uint8Array({ maxLength: 12 }), readObjectIdentifier, encodeOid);
  for (const text of ['', '1', '3.1', '1.40', '0.40', '1.02', '1.-2', '1.2.', 'a.b']) {
    assert.throws(() => encodeObjectIdentifier(text), TypeError, text);
  }
  assert.equal(decodeObjectIdentifier(Uint8Array.of(0x80, 0x01)), undefined);
});

test('times', () => {
  const seconds = fc.integer({ min: Date.UTC(1950, 0, 1) / 1000, max: Date.UTC(9999, 11, 31, 23, 59, 59) / 1000 });
  fc.assert(
    fc.property(seconds, (second) => {
      assert.equal(back(encodeTime(second * 1000), readTime), second * 1000);
      assert.equal(back(encodeTime(second * 1000 + 999), readTime), second * 1000, 'a fraction is cut, not rounded');
    }),
  );
  const digits = fc.array(fc.integer({ min: 0x30, max: 0x39 }), { minLength: 12, maxLength: 14 });
  const text = digits.map((list) => Uint8Array.from([...list, 0x5a]));
  canonical(tags.utcTime, text, readTime, encodeTime);
  canonical(tags.generalizedTime, text, readTime, encodeTime);
  for (const ms of [Date.UTC(1949, 11, 31), Date.UTC(10000, 0, 1)]) assert.throws(() => encodeTime(ms), TypeError);
});

test('bit strings and named bits', () => {
  fc.assert(
    fc.property(bytes, (octets) =>
      assert.ok(
        equalBytes(
          back(encodeBitString(octets), (r) => readBitStringBytes(r)),
          octets,
        ),
      ),
    ),
  );
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 40 })), (bits) => {
      assert.deepEqual(
        back(encodeNamedBits(bits), readNamedBits),
        bits.toSorted((a, b) => a - b),
      );
    }),
  );
  canonical(tags.bitString, fc.uint8Array({ maxLength: 4 }), readNamedBits, encodeNamedBits);
});

test('character strings', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) =>
      assert.equal(back(encodeUtf8String(text), readDirectoryString), text),
    ),
  );
  canonical(tags.utf8String, fc.uint8Array({ maxLength: 6 }), (r) => readDirectoryString(r) ?? '', encodeUtf8String);
});

/** A value of nested elements, as a tree of tags with contents or members. */
type Tree =
  { readonly tag: number; readonly contents: Uint8Array } | { readonly tag: number; readonly members: readonly Tree[] };

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.record(
      {
        tag: fc.constantFrom<number>(tags.octetString, tags.utf8String, 0x80, 0x82),
        contents: fc.uint8Array({ maxLength: 200 }),
      },
      { noNullPrototype: true },
    ),
    fc.record(
      {
        tag: fc.constantFrom<number>(tags.sequence, tags.set, contextConstructed(3)),
        members: fc.array(tie('tree'), { maxLength: 4 }),
      },
      { noNullPrototype: true },
    ),
  ),
}));

function encodeTree(value: Tree): Uint8Array {
  return encodeElement(value.tag, 'contents' in value ? value.contents : concatBytes(value.members.map(encodeTree)));
}

function readTree(reader: DerReader): Tree {
  const tag = reader.peek()!;
  if ((tag & 0x20) === 0) return { tag, contents: reader.contents(tag) };
  const inner = reader.enter(tag);
  const members: Tree[] = [];
  while (!inner.done) members.push(readTree(inner));
  return { tag, members };
}

test('nested structures', () => {
  fc.assert(
    fc.property(tree, (value) => {
      const encoded = encodeTree(value);
      assert.deepEqual(back(encoded, readTree), value);
      assert.ok(equalBytes(encodeTree(back(encoded, readTree)), encoded));
      assert.ok(
        equalBytes(
          back(encoded, (reader) => reader.element()),
          encoded,
        ),
      );
    }),
  );
});

test('explicit and implicit tags, octet strings, sequences', () => {
  fc.assert(
    fc.property(bytes, fc.integer({ min: 0, max: 30 }), (octets, number) => {
      const explicit = encodeExplicit(number, encodeOctetString(octets));
      const implicit = encodeImplicit(number, octets);
      const sequence = encodeSequence(explicit, implicit);
      const read = back(sequence, (outer) => {
        const fields = outer.enter(tags.sequence);
        const first = fields.enter(0xa0 | number).contents(tags.octetString);
        const second = fields.contents(0x80 | number);
        fields.finish();
        return [first, second];
      });
      for (const one of read) assert.ok(equalBytes(one, octets));
    }),
  );
});

test('SET OF comes out in order', () => {
  fc.assert(
    fc.property(fc.uniqueArray(bytes, { maxLength: 6, selector: toHex }), (members) => {
      const read = back(encodeSetOf(members.map(encodeOctetString)), (reader) => {
        const set = reader.enter(tags.set);
        const found: Uint8Array[] = [];
        while (!set.done) found.push(set.element());
        requireSetOrder(set, found);
        return found.map((one) => back(one, (inner) => toHex(inner.contents(tags.octetString))));
      });
      assert.deepEqual(read.toSorted(), members.map(toHex).toSorted());
    }),
  );
  assert.ok(compareBytes(Uint8Array.of(1), Uint8Array.of(1, 0)) < 0, 'the shorter first where it is the beginning');
});

test('PEM', () => {
  const label = fc.constantFrom('CERTIFICATE', 'PRIVATE KEY', 'X509 CRL', 'A');
  const block = fc.record({ label, bytes: fc.uint8Array({ minLength: 1, maxLength: 400 }) }, { noNullPrototype: true });
  fc.assert(
    fc.property(fc.array(block, { minLength: 1, maxLength: 4 }), fc.constantFrom('\n', '\r\n', '\r'), (blocks, end) => {
      const text = blocks.map((one) => encodePem(one.label, one.bytes)).join('text between\n');
      assert.deepEqual(parsePem(text.replaceAll('\n', end)), blocks);
    }),
  );
});

test('text forms of bytes', () => {
  fc.assert(
    fc.property(bytes, (octets) => {
      assert.ok(equalBytes(fromHex(toHex(octets))!, octets));
      assert.ok(equalBytes(fromBase64(toBase64(octets))!, octets));
      assert.ok(equalBytes(fromBase64Url(toBase64Url(octets))!, octets));
      assert.equal(toBase64(octets), Buffer.from(octets).toString('base64'));
      assert.equal(toBase64Url(octets), Buffer.from(octets).toString('base64url'));
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('A', 'Q', '/', '+', '9', '=', '-', '_', ' ', '\n') }), (text) => {
      const decoded = fromBase64(text);
      if (decoded !== undefined) assert.equal(toBase64(decoded), text);
      const urlDecoded = fromBase64Url(text);
      if (urlDecoded !== undefined) assert.equal(toBase64Url(urlDecoded), text);
    }),
  );
});
