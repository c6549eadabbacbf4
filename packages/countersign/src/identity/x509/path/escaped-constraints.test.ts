import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  makeIssuer,
  makeRoot,
  makeService,
  type Recipe,
  testMoment,
  verifySignature,
} from '../../../../../../tests/fixtures/certificates.ts';
import {
  concatBytes,
  DerReader,
  encodeElement,
  encodeOid,
  encodeSequence,
  encodeSetOf,
  tags,
} from '../../../ground/encoding/index.ts';
import { isRefusal, type RefusalCode } from '../../../ground/errors/index.ts';
import { nameConstraintsExtension, readName, validatePath } from '../index.ts';
import { noNames } from '../general-names.ts';
import { PreparedConstraints } from './name-constraints.ts';

const root = makeRoot();

/** Of a service's path under an authority with these constraints: the code that it is refused with. */
function refusalUnder(
  constraints: Parameters<typeof nameConstraintsExtension>[0],
  service: Recipe,
): RefusalCode | undefined {
  const issuer = makeIssuer(root, { moreExtensions: [nameConstraintsExtension(constraints)] });
  try {
    validatePath({
      leaf: makeService(issuer, service).certificate,
      intermediates: [issuer.certificate],
      anchors: [root.certificate],
      at: testMoment,
      purpose: 'client',
      verifySignature,
    });
    return undefined;
  } catch (error) {
    assert.ok(isRefusal(error), String(error));
    return error.code;
  }
}

function isWithin(uri: string, excluded: string): boolean {
  const code = refusalUnder({ excluded: { uri: [excluded] } }, { names: { uri: [uri] } });
  assert.ok(code === undefined || code === 'CS-PATH-011', code);
  return code === undefined;
}

test('the authority of a URI under constraints is of the form of RFC 3986, so that nobody reads another host in it', () => {
  assert.equal(isWithin('https://me:secret@mallory.test:443/', 'bank.test'), true);
  // A browser ends the authority at the backslash, and would call bank.test.
  assert.equal(isWithin('https://bank.test\\@mallory.test/', 'bank.test'), false);
  assert.equal(isWithin('https://a@bank.test@mallory.test/', 'bank.test'), false);
  assert.equal(isWithin('https://bank.test<@mallory.test/', 'bank.test'), false);
});

const emailAddress = (mailbox: string): Uint8Array =>
  encodeSequence(encodeOid('1.2.840.113549.1.9.1'), encodeElement(tags.ia5String, new TextEncoder().encode(mailbox)));

test('names of every kind count for the budget, and each mailbox of the subject', () => {
  const constraints = { excluded: { dns: ['bank.test'] } };
  const numbers = Array.from({ length: 1001 }, (_, index) => index);
  const otherName = numbers.map((number) => ({ type: `1.2.${number}`, value: encodeSequence() }));
  assert.equal(refusalUnder(constraints, { names: { otherName: otherName.slice(0, 1000) } }), undefined);
  assert.equal(refusalUnder(constraints, { names: { otherName } }), 'CS-PATH-014');
  const registeredId = numbers.map((number) => `1.2.${number}`);
  assert.equal(refusalUnder(constraints, { names: { registeredId } }), 'CS-PATH-014');
  const subject = encodeSequence(encodeSetOf(numbers.map((number) => emailAddress(`${number}@mallory.test`))));
  assert.equal(refusalUnder(constraints, { subject }), 'CS-PATH-014');
});

test('constraints of kinds that are not processed refuse what carries such a name, however many there are', () => {
  const otherName = Array.from({ length: 1000 }, (_, number) => ({ type: `1.2.${number}`, value: encodeSequence() }));
  const names = { otherName: [{ type: '1.2.999', value: encodeSequence() }] };
  assert.equal(refusalUnder({ excluded: { otherName } }, { names }), 'CS-PATH-011');
  assert.equal(refusalUnder({ permitted: { otherName } }, { names }), 'CS-PATH-011');
  assert.equal(refusalUnder({ permitted: { otherName: otherName.slice(1, 9) } }, { names }), undefined);
});

test('a mailbox does not escape what is excluded by quotes around its local part, or within it', () => {
  const constraints = { excluded: { email: ['root@bank.test'] } };
  for (const mailbox of [
    'root@BANK.test',
    '"root"@bank.test',
    'ro"ot"@bank.test',
    '"ro\\ot"@bank.test',
    'r\\oot@bank.test',
  ]) {
    assert.equal(refusalUnder(constraints, { names: { email: [mailbox] } }), 'CS-PATH-011', mailbox);
  }
  assert.equal(refusalUnder(constraints, { names: { email: ['roots@bank.test'] } }), undefined);
});

test('a directory name does not escape what is excluded by being written as a TeletexString, on either side', () => {
  const organization = (tag: number): Uint8Array =>
    encodeSequence(
      encodeSetOf([encodeSequence(encodeOid('2.5.4.10'), encodeElement(tag, new TextEncoder().encode('Mallory')))]),
    );
  const [text, teletex] = [organization(tags.utf8String), organization(tags.teletexString)];
  const excluded = (raw: Uint8Array) => ({ excluded: { directory: [{ raw }] } });
  for (const tag of [tags.utf8String, tags.printableString, tags.ia5String, tags.teletexString]) {
    assert.equal(refusalUnder(excluded(text), { subject: organization(tag) }), 'CS-PATH-011', String(tag));
  }
  const names = { directory: [readName(DerReader.over(teletex))] };
  assert.equal(refusalUnder(excluded(text), { names }), 'CS-PATH-011');
  assert.equal(refusalUnder(excluded(teletex), { subject: text }), 'CS-X509-001');
  assert.equal(refusalUnder({ permitted: { directory: [{ raw: teletex }] } }, { subject: teletex }), undefined);
});

const nothing = { dns: [], uri: [], email: [], ip: [], directory: [], others: [] };

/** A network of `bits` around the address of these first octets. */
function network(octets: readonly number[], bits: number): Uint8Array {
  const address = Uint8Array.from({ length: 16 }, (_, index) => octets[index] ?? 0);
  const mask = Uint8Array.from(address, (_, index) => 0xff & ~(0xff >> Math.min(8, Math.max(0, bits - 8 * index))));
  return concatBytes([address, mask]);
}

test('networks hold their first and last address, and nothing beside them, one inside another or not', () => {
  const within = (ranges: readonly string[], address: string): boolean =>
    refusalUnder({ permitted: { ip: ranges } }, { names: { ip: [address] } }) === undefined;
  const ranges = ['10.0.0.0/8', '10.1.0.0/16', '192.0.2.0/25', '192.0.2.200/32', '2001:db8::/32', '2001:db8:1::/48'];
  for (const address of ['10.0.0.0', '10.255.255.255', '10.2.0.0', '192.0.2.127', '192.0.2.200', '2001:db8:ffff::1']) {
    assert.equal(within(ranges, address), true, address);
  }
  for (const address of ['9.255.255.255', '11.0.0.0', '192.0.2.128', '192.0.2.201', '2001:db9::', '::', '::a00:1']) {
    assert.equal(within(ranges, address), false, address);
  }
  assert.equal(within(['0.0.0.0/0'], '::1'), false);
  assert.equal(within(['::/0'], '0.0.0.0'), false);
  assert.equal(within(['0.0.0.0/0', '::/0'], '255.255.255.255'), true);
  assert.equal(within(['0.0.0.0/0', '::/0'], 'ffff::ffff'), true);
});

test('an address is compared with networks of many masks in no more time than with one', () => {
  const ip = Array.from({ length: 1000 }, (_, number) => `ffff::${number.toString(16)}`);
  const certificate = { ...makeService(root).certificate, subjectAltName: { ...noNames, ip } };
  const cost = (networks: readonly Uint8Array[]): number => {
    const constraints = new PreparedConstraints({ permitted: nothing, excluded: { ...nothing, ip: networks } });
    const once = (): number => {
      const before = process.cpuUsage();
      assert.equal(constraints.refusedName(certificate), undefined);
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
    return Math.min(once(), once(), once(), once());
  };
  const many = cost(Array.from({ length: 127 }, (_, bits) => network([0x20], bits + 2)));
  const one = cost([network([0x20], 128)]);
  assert.ok(many < 8 * Math.max(one, 1000), `${many} µs, with one network ${one} µs`);
});

test('a mask that is no prefix, as only a caller can give one, is refused', () => {
  const odd = network([0x20], 16);
  odd[31] = 1;
  assert.throws(
    () => new PreparedConstraints({ permitted: { ...nothing, ip: [odd] }, excluded: nothing }),
    (error) => isRefusal(error) && error.code === 'CS-X509-001',
  );
});
