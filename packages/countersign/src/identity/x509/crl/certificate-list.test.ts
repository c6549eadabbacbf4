import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  concatBytes,
  contextConstructed,
  encodeBitString,
  encodeElement,
  encodeExplicit,
  encodeGeneralizedTime,
  encodeImplicit,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSetOf,
  encodeTime,
  encodeUtf8String,
  tags,
} from '../../../ground/encoding/index.ts';
import { isRefusal } from '../../../ground/errors/index.ts';
import { testMoment } from '../../../../../../tests/fixtures/certificates.ts';
import { encodeName, parseCertificateList } from '../index.ts';

const none = new Uint8Array();
const ed25519 = encodeSequence(encodeOid('1.3.101.112'));
const issuer = encodeName({ commonName: 'lists' });
const at = encodeTime(testMoment);

function extension(oid: string, value: Uint8Array, critical = false): Uint8Array {
  const flag = critical ? [Uint8Array.of(tags.boolean, 1, 0xff)] : [];
  return encodeSequence(encodeOid(oid), ...flag, encodeOctetString(value));
}

function entry(serial: Uint8Array, ...extensions: readonly Uint8Array[]): Uint8Array {
  return encodeSequence(serial, at, ...(extensions.length === 0 ? [] : [encodeSequence(...extensions)]));
}

const crlNumber = extension('2.5.29.20', encodeInteger(1));
const reason = (code: number): Uint8Array => extension('2.5.29.21', Uint8Array.of(tags.enumerated, 1, code));
const certificateIssuer = (commonName: string): Uint8Array =>
  extension('2.5.29.29', encodeSequence(encodeExplicit(4, encodeName({ commonName }))), true);
const point = (...members: readonly Uint8Array[]): Uint8Array =>
  extension('2.5.29.28', encodeSequence(...members), true);
const flag = (number: number): Uint8Array => encodeImplicit(number, Uint8Array.of(0xff));

/** A list built field by field, so that one field can break a rule. */
function build(
  fields: {
    version?: Uint8Array;
    algorithm?: Uint8Array;
    outerAlgorithm?: Uint8Array;
    issuer?: Uint8Array;
    thisUpdate?: Uint8Array;
    nextUpdate?: Uint8Array;
    entries?: readonly Uint8Array[];
    extensions?: readonly Uint8Array[];
    extensionField?: Uint8Array;
    afterTbs?: Uint8Array;
    signature?: Uint8Array;
    after?: Uint8Array;
  } = {},
): Uint8Array {
  const tbs = encodeSequence(
    fields.version ?? encodeInteger(1),
    fields.algorithm ?? ed25519,
    fields.issuer ?? issuer,
    fields.thisUpdate ?? at,
    fields.nextUpdate ?? at,
    fields.entries === undefined ? none : encodeSequence(...fields.entries),
    fields.extensionField ?? encodeExplicit(0, encodeSequence(...(fields.extensions ?? [crlNumber]))),
    fields.afterTbs ?? none,
  );
  const signature = fields.signature ?? encodeBitString(new Uint8Array(64));
  return concatBytes([encodeSequence(tbs, fields.outerAlgorithm ?? ed25519, signature), fields.after ?? none]);
}

type Fields = Parameters<typeof build>[0];

function refuses(fields: Fields, rule: RegExp, code = 'CS-CRL-001'): void {
  assert.throws(
    () => parseCertificateList(build(fields)),
    (error: unknown) => {
      assert.ok(isRefusal(error), String(error));
      assert.equal(error.code, code, error.message);
      assert.match(String(error.evidence['rule']), rule);
      return true;
    },
  );
}

test('a list without entries', () => {
  const list = parseCertificateList(build());
  assert.equal(list.version, 2);
  assert.equal(list.issuer.text, 'CN=lists');
  assert.equal(list.thisUpdate, testMoment);
  assert.equal(list.nextUpdate, testMoment);
  assert.equal(list.crlNumber, '01');
  assert.equal(list.baseCrlNumber, undefined);
  assert.equal(list.revoked.size, 0);
  assert.deepEqual(list.revoked.find('01'), []);
  assert.deepEqual(list.unprocessedCritical, []);
});

test('a list of version 1 has no extensions anywhere', () => {
  const first = { version: none, extensionField: none };
  assert.equal(parseCertificateList(build(first)).version, 1);
  const plain = parseCertificateList(build({ ...first, entries: [entry(encodeInteger(7))] }));
  assert.equal(plain.revoked.find('07')[0]?.revocationDate, testMoment);
  refuses({ version: none }, /version 1 \(5\.1\.2\.1\)/);
  refuses({ ...first, entries: [entry(encodeInteger(7), reason(1))] }, /version 1 \(5\.1\.2\.1\)/);
  for (const number of [0, 2]) refuses({ version: encodeInteger(number) }, /other than 2/);
});

test('rules between the fields', () => {
  refuses({ outerAlgorithm: encodeSequence(encodeOid('1.2.840.10045.4.3.2')) }, /SEQUENCE|element/, 'CS-DER-001');
  const rsa = encodeSequence(encodeOid('1.2.840.113549.1.1.11'), Uint8Array.of(5, 0));
  const bareRsa = encodeSequence(encodeOid('1.2.840.113549.1.1.11'));
  parseCertificateList(build({ algorithm: rsa, outerAlgorithm: rsa }));
  refuses({ algorithm: bareRsa, outerAlgorithm: rsa }, /algorithms differ \(5\.1\.1\.2\)/);
  refuses({ algorithm: rsa }, /algorithms differ \(5\.1\.1\.2\)/);
  refuses({ issuer: encodeName({}) }, /issuer is empty/);
  refuses({ nextUpdate: encodeTime(testMoment - 1000) }, /nextUpdate is before thisUpdate/);
  refuses({ entries: [] }, /empty \(5\.1\.2\.6\)/);
  refuses({ entries: [entry(encodeInteger(1), reason(8))] }, /removeFromCRL/);
  refuses({ entries: [entry(encodeInteger(1), certificateIssuer('other'))] }, /not indirect \(5\.3\.3\)/);
  refuses({ extensions: [crlNumber, crlNumber] }, /appears twice/, 'CS-X509-001');
  refuses({ entries: [entry(encodeInteger(1), reason(1), reason(1))] }, /appears twice/, 'CS-X509-001');
});

test('nothing stands after an element', () => {
  const stray = encodeInteger(1);
  refuses({ after: stray }, /bytes after/, 'CS-DER-001');
  refuses({ afterTbs: stray }, /bytes after/, 'CS-DER-001');
  refuses({ signature: concatBytes([encodeBitString(new Uint8Array(64)), stray]) }, /bytes after/, 'CS-DER-001');
  refuses({ entries: [encodeSequence(encodeInteger(1), at, stray)] }, /0x30 expected/, 'CS-DER-001');
  refuses(
    { entries: [encodeSequence(encodeInteger(1), at, encodeSequence(reason(1)), stray)] },
    /bytes after/,
    'CS-DER-001',
  );
  refuses({ entries: [encodeSequence(encodeInteger(1), at, encodeSequence())] }, /Extensions is empty/, 'CS-DER-001');
  refuses({ extensions: [] }, /Extensions is empty/, 'CS-DER-001');
  refuses(
    { extensionField: encodeExplicit(0, concatBytes([encodeSequence(crlNumber), stray])) },
    /bytes after/,
    'CS-DER-001',
  );
  refuses(
    { extensions: [extension('2.5.29.20', concatBytes([encodeInteger(1), stray]))] },
    /bytes after/,
    'CS-DER-001',
  );
});

test('times are in either form, to the second', () => {
  const early = encodeGeneralizedTime(testMoment);
  assert.equal(parseCertificateList(build({ thisUpdate: early, nextUpdate: early })).thisUpdate, testMoment);
  assert.equal(parseCertificateList(build({ nextUpdate: none })).nextUpdate, undefined);
  const text = (tag: number, time: string): Uint8Array => encodeElement(tag, new TextEncoder().encode(time));
  refuses({ thisUpdate: text(tags.utcTime, '2606011200Z') }, /time not of the form/, 'CS-DER-001');
  refuses({ thisUpdate: text(tags.generalizedTime, '20260601120000.1Z') }, /time not of the form/, 'CS-DER-001');
  refuses(
    { entries: [encodeSequence(encodeInteger(1), text(tags.utcTime, '260230120000Z'))] },
    /calendar/,
    'CS-DER-001',
  );
});

test('what an entry says', () => {
  const list = parseCertificateList(
    build({
      entries: [
        entry(encodeInteger(5)),
        entry(
          encodeInteger(6),
          reason(6),
          extension('2.5.29.23', encodeOid('1.2.840.10040.2.2')),
          extension('2.5.29.24', encodeGeneralizedTime(testMoment - 5000)),
        ),
        entry(Uint8Array.of(tags.integer, 1, 0xff)),
      ],
    }),
  );
  const [plain, held, negative] = [...list.revoked];
  assert.deepEqual(plain, {
    serialNumber: '05',
    revocationDate: testMoment,
    certificateIssuer: [list.issuer],
    extensions: [],
  });
  assert.equal(held?.reason, 'certificateHold');
  assert.equal(held.holdInstruction, '1.2.840.10040.2.2');
  assert.equal(held.invalidityDate, testMoment - 5000);
  assert.equal(held.extensions.length, 3);
  assert.equal(negative?.serialNumber, '-01');
  assert.deepEqual(list.revoked.find('06'), [held]);
  assert.deepEqual(list.revoked.find('-01'), [negative]);
  assert.deepEqual(list.revoked.find('FF'), []);
  for (const code of [7, 11]) refuses({ entries: [entry(encodeInteger(1), reason(code))] }, /which there is not/);
});

test("an indirect list's entries are of the issuer named last", () => {
  const list = parseCertificateList(
    build({
      extensions: [crlNumber, point(flag(4))],
      entries: [
        entry(encodeInteger(1)),
        entry(encodeInteger(2), certificateIssuer('b')),
        entry(encodeInteger(3)),
        entry(encodeInteger(2), certificateIssuer('c')),
        entry(encodeInteger(1)),
      ],
    }),
  );
  const issuers = (serial: string): string[] =>
    list.revoked.find(serial).map((found) => found.certificateIssuer.map(({ text }) => text).join());
  assert.deepEqual(issuers('01'), ['CN=lists', 'CN=c']);
  assert.deepEqual(issuers('02'), ['CN=b', 'CN=c']);
  assert.deepEqual(issuers('03'), ['CN=b']);
  assert.deepEqual(
    list.unprocessedCritical,
    [],
    'certificateIssuer and issuingDistributionPoint are critical, and known',
  );
  const unnamed = extension(
    '2.5.29.29',
    encodeSequence(encodeImplicit(2, new TextEncoder().encode('a.example'))),
    true,
  );
  refuses(
    { extensions: [point(flag(4))], entries: [entry(encodeInteger(1), unnamed)] },
    /without a distinguished name/,
  );
});

test('critical extensions that are not known are listed, of the list and of its entries', () => {
  const strange = (last: number, critical: boolean): Uint8Array => extension(`1.2.3.${String(last)}`, none, critical);
  const list = parseCertificateList(
    build({
      extensions: [crlNumber, strange(1, true), strange(2, false)],
      entries: [
        entry(encodeInteger(1), strange(3, true)),
        entry(encodeInteger(2), strange(3, true), strange(4, false)),
      ],
    }),
  );
  assert.deepEqual(list.unprocessedCritical, ['1.2.3.1', '1.2.3.3']);
  assert.deepEqual(
    list.extensions.map(({ oid }) => oid),
    ['2.5.29.20', '1.2.3.1', '1.2.3.2'],
  );
});

test('the issuing distribution point says what is covered, and says something', () => {
  const parse = (...members: readonly Uint8Array[]) =>
    parseCertificateList(build({ extensions: [point(...members)] })).issuingDistributionPoint;
  const uri = encodeImplicit(6, new TextEncoder().encode('http://crl.example/1'));
  const full = encodeExplicit(0, encodeElement(contextConstructed(0), uri));
  const found = parse(full, flag(2), encodeImplicit(3, Uint8Array.of(4, 0x70)));
  assert.ok(found?.distributionPoint?.kind === 'full');
  assert.deepEqual(found.distributionPoint.names.uri, ['http://crl.example/1']);
  assert.equal(found.onlyContainsCACerts, true);
  assert.equal(found.onlyContainsUserCerts, false);
  assert.deepEqual(found.onlySomeReasons, ['keyCompromise', 'cACompromise', 'affiliationChanged']);
  const below = encodeElement(
    contextConstructed(1),
    encodeSetOf([encodeSequence(encodeOid('2.5.4.11'), encodeUtf8String('shard 7'))]).subarray(2),
  );
  const relative = parse(encodeExplicit(0, below));
  assert.ok(relative?.distributionPoint?.kind === 'relative');
  assert.equal(relative.distributionPoint.name.text, 'OU=shard 7,CN=lists');

  const refusesPoint = (members: readonly Uint8Array[], rule: RegExp, code?: string): void => {
    refuses({ extensions: [point(...members)] }, rule, code);
  };
  refusesPoint([], /empty issuingDistributionPoint/);
  refusesPoint([flag(1), flag(2)], /two kinds/);
  refusesPoint([flag(1), flag(5)], /two kinds/);
  refusesPoint([encodeImplicit(1, Uint8Array.of(0))], /default value/, 'CS-DER-001');
  refusesPoint([encodeImplicit(3, Uint8Array.of(0))], /reasons without any/, 'CS-DER-001');
  refusesPoint([encodeImplicit(3, Uint8Array.of(6, 0, 0x40))], /not defined/, 'CS-DER-001');
  refusesPoint([flag(4), flag(1)], /bytes after/, 'CS-DER-001');
  const twice = encodeExplicit(0, concatBytes([encodeElement(contextConstructed(0), uri), uri]));
  refusesPoint([twice], /bytes after/, 'CS-DER-001');
});

test('the other extensions of a list', () => {
  const uri = (text: string): Uint8Array => encodeImplicit(6, new TextEncoder().encode(text));
  const full = encodeExplicit(0, encodeElement(contextConstructed(0), uri('http://crl.example/d')));
  const list = parseCertificateList(
    build({
      extensions: [
        extension('2.5.29.35', encodeSequence(encodeImplicit(0, Uint8Array.of(0xab)))),
        extension('2.5.29.18', encodeSequence(uri('urn:lists'))),
        extension('2.5.29.27', encodeInteger(300), true),
        extension('2.5.29.46', encodeSequence(encodeSequence(full))),
        extension(
          '1.3.6.1.5.5.7.1.1',
          encodeSequence(encodeSequence(encodeOid('1.3.6.1.5.5.7.48.2'), uri('http://ca.example'))),
        ),
        extension('2.5.29.60', encodeGeneralizedTime(testMoment)),
      ],
      entries: [entry(encodeInteger(1), reason(8))],
    }),
  );
  assert.equal(list.authorityKeyIdentifier?.keyIdentifier, 'ab');
  assert.deepEqual(list.issuerAltName?.uri, ['urn:lists']);
  assert.equal(list.baseCrlNumber, '012C');
  assert.equal(list.freshestCrl?.[0]?.fullName?.uri.length, 1);
  assert.deepEqual(list.authorityInformationAccess?.[0]?.location.uri, ['http://ca.example']);
  assert.equal(list.authorityInformationAccess[0]?.method, '1.3.6.1.5.5.7.48.2');
  assert.equal(list.expiredCertsOnCrl, testMoment);
  assert.equal(list.revoked.find('01')[0]?.reason, 'removeFromCRL');
  refuses({ extensions: [extension('2.5.29.46', encodeSequence(encodeSequence()))] }, /neither a name/, 'CS-X509-001');
  refuses({ extensions: [extension('2.5.29.20', encodeInteger(new Uint8Array(21).fill(1)))] }, /longer than 20 octets/);
});

test('a list larger than the caller takes is refused unread', () => {
  const der = build();
  assert.throws(() => parseCertificateList(der, der.length - 1), { code: 'CS-DER-002' });
  assert.equal(parseCertificateList(der, der.length).raw, der);
});
