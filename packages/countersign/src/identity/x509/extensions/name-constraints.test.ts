import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  concatBytes,
  DerReader,
  encodeElement,
  encodeExplicit,
  encodeImplicit,
  encodeInteger,
  encodeSequence,
  encodeUtf8String,
} from '../../../ground/encoding/index.ts';
import { isRefusal } from '../../../ground/errors/index.ts';
import { readExtensions } from '../extensions.ts';
import { decodeKnownExtensions } from '../known-extensions.ts';
import { parseNameText } from '../names/parse-name.ts';
import { type NameConstraints, nameConstraintsExtension, readNameConstraints } from './name-constraints.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const dns = encodeImplicit(2, text('a.test'));
const tree = (side: 0 | 1, ...subtrees: Uint8Array[]): Uint8Array => encodeElement(0xa0 + side, concatBytes(subtrees));
const network = (...octets: number[]): Uint8Array =>
  tree(0, encodeSequence(encodeImplicit(7, Uint8Array.from(octets))));

function read(...members: Uint8Array[]): NameConstraints {
  const reader = DerReader.over(encodeSequence(...members));
  const constraints = readNameConstraints(reader);
  reader.finish();
  return constraints;
}

function refused(members: Uint8Array[], code: string, rule: RegExp): void {
  assert.throws(
    () => read(...members),
    (error) => {
      assert.ok(isRefusal(error), String(error));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, rule);
      return true;
    },
  );
}

test('each kind comes back from its encoding, on its own side', () => {
  const name = parseNameText('O=Bank');
  const other = { type: '1.2.3', value: encodeUtf8String('x') };
  const one = {
    dns: ['a.test', ''],
    uri: ['.b.test'],
    email: ['u@c.test'],
    ip: ['10.0.0.0/8', '192.168.4.0/22', '0.0.0.0/0', '2001:db8::/33', '::1/128'],
    directory: [name],
    otherName: [other],
    registeredId: ['1.2.4'],
    x400: [encodeElement(0xa3, new Uint8Array())],
    ediParty: [encodeElement(0xa5, new Uint8Array())],
  };
  for (const side of ['permitted', 'excluded'] as const) {
    const extensions = readExtensions(DerReader.over(nameConstraintsExtension({ [side]: one })));
    assert.deepEqual([extensions[0]?.oid, extensions[0]?.critical], ['2.5.29.30', true]);
    const constraints = decodeKnownExtensions(extensions).nameConstraints;
    const { ip, directory, ...others } = constraints?.[side] ?? assert.fail();
    assert.deepEqual(others, {
      dns: one.dns,
      uri: one.uri,
      email: one.email,
      others: ['registered ID', 'other name 1.2.3', 'X.400 address', 'EDI party name'],
    });
    assert.deepEqual(
      directory.map((found) => found.text),
      ['O=Bank'],
    );
    assert.deepEqual(
      ip.map((octets) => Buffer.from(octets).toString('hex')),
      [
        '0a000000ff000000',
        'c0a80400fffffc00',
        '0000000000000000',
        '20010db8000000000000000000000000ffffffff800000000000000000000000',
        `${'0'.repeat(31)}1${'f'.repeat(32)}`,
      ],
    );
    const empty = constraints?.[side === 'permitted' ? 'excluded' : 'permitted'];
    assert.deepEqual(empty, { dns: [], uri: [], email: [], ip: [], directory: [], others: [] });
  }
});

test('constraints without any, and lists without a member, are refused', () => {
  refused([], 'CS-X509-001', /without any/);
  refused([tree(0)], 'CS-DER-001', /GeneralSubtrees is empty/);
  refused([tree(0, encodeSequence(dns)), tree(1)], 'CS-DER-001', /GeneralSubtrees is empty/);
});

test('permitted comes before excluded, each once, and nothing after them', () => {
  const [permitted, excluded] = [tree(0, encodeSequence(dns)), tree(1, encodeSequence(dns))];
  assert.deepEqual(read(permitted, excluded).excluded.dns, ['a.test']);
  refused([excluded, permitted], 'CS-DER-001', /./);
  refused([permitted, permitted], 'CS-DER-001', /./);
  refused([permitted, encodeInteger(1)], 'CS-DER-001', /./);
});

test('a minimum or a maximum is refused, the default written, too', () => {
  for (const more of [
    encodeImplicit(0, Uint8Array.of(0)),
    encodeImplicit(0, Uint8Array.of(1)),
    encodeImplicit(1, Uint8Array.of(5)),
  ]) {
    refused([tree(0, encodeSequence(dns, more))], 'CS-DER-001', /a minimum or a maximum/);
  }
});

test('networks: 8 or 32 octets, their mask ones and then zeros', () => {
  for (const octets of [
    [],
    [10, 0, 0, 0],
    [10, 0, 255, 0],
    [10, 0, 0, 0, 255, 0, 0],
    [10, 0, 0, 0, 255, 0, 0, 0, 0],
    Array<number>(16).fill(0),
    Array<number>(24).fill(0),
  ]) {
    refused([network(...octets)], 'CS-DER-001', /other than 8 or 32 octets/);
  }
  for (const mask of [
    [255, 0, 255, 0],
    [254, 255, 0, 0],
    [253, 0, 0, 0],
    [127, 0, 0, 0],
    [255, 255, 255, 1],
    [0, 0, 0, 255],
    [0, 128, 0, 0],
  ]) {
    refused([network(10, 0, 0, 0, ...mask)], 'CS-DER-001', /whose mask is no prefix/);
  }
  for (const last of [0, 128, 192, 224, 240, 248, 252, 254, 255]) {
    assert.equal(read(network(10, 0, 0, 0, 255, 255, 255, last)).permitted.ip.length, 1);
  }
});

test('a subtree holds one name of a known kind, whole', () => {
  const name = parseNameText('O=Bank').raw;
  refused([tree(0, encodeSequence(encodeElement(0xa4, concatBytes([name, name]))))], 'CS-DER-001', /./);
  refused([tree(0, encodeSequence(encodeImplicit(9, text('a'))))], 'CS-DER-001', /no known kind/);
  refused([tree(0, encodeSequence())], 'CS-DER-001', /./);
  refused([tree(0, encodeSequence(dns, dns))], 'CS-DER-001', /./);
  refused([tree(0, encodeSequence(encodeImplicit(2, Uint8Array.of(0xe4))))], 'CS-DER-001', /./);
  refused([tree(0, encodeSequence(encodeExplicit(4, encodeInteger(1))))], 'CS-DER-001', /./);
});

test('a text that is no network is not written', () => {
  for (const ip of ['10.0.0.0', '10.0.0.0/33', '10.0.0.0/08', '10.0.0/8', '::/129', '10.0.0.0/-1', '10.0.0.0/']) {
    assert.throws(() => nameConstraintsExtension({ permitted: { ip: [ip] } }), TypeError, ip);
  }
});
