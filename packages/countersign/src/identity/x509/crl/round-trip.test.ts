import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromHex } from '../../../ground/encoding/index.ts';
import {
  authorityKeyIdentifierExtension,
  accessMethods,
  authorityInfoAccessExtension,
  crlIssuerAltNameExtension,
  crlNumberExtension,
  deltaCrlIndicatorExtension,
  encodeName,
  encodeSigned,
  encodeTbsCertList,
  expiredCertsOnCrlExtension,
  freshestCrlExtension,
  issuingDistributionPointExtension,
  type IssuingDistributionPointFields,
  parseCertificateList,
  type ReasonFlag,
  type RevocationReason,
  type RevokedEntryFields,
} from '../index.ts';

const reasons: readonly RevocationReason[] = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  'removeFromCRL',
  'privilegeWithdrawn',
  'aACompromise',
];
const flags: readonly ReasonFlag[] = ['keyCompromise', 'cACompromise', 'superseded', 'certificateHold', 'aACompromise'];

const ms = fc
  .integer({ min: Date.UTC(1950, 0) / 1000, max: Date.UTC(2200, 0) / 1000 })
  .map((seconds) => seconds * 1000);
const number = fc
  .uint8Array({ minLength: 1, maxLength: 20 })
  .map((octets) => Uint8Array.of(0x01, ...octets.subarray(1)));
const given = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const commonName = fc.string({ minLength: 1, maxLength: 20 });
const uri = fc.webUrl();

/** Fields that are `undefined` left out, as the encoders want them. */
function present<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString('hex').toUpperCase();

const entry = fc.record({
  serialNumber: number,
  revocationDate: ms,
  reason: given(fc.constantFrom(...reasons)),
  invalidityDate: given(ms),
  holdInstruction: given(fc.constantFrom('1.2.840.10040.2.2', '1.2.840.10040.2.3')),
  certificateIssuer: given(commonName.map((name) => encodeName({ commonName: name }))),
});

const parse = (tbs: Uint8Array) => parseCertificateList(encodeSigned(tbs, 'Ed25519', new Uint8Array(64)));

test('what was written of a list is read again', () => {
  fc.assert(
    fc.property(
      commonName,
      fc.tuple(ms, ms),
      fc.array(entry, { maxLength: 12 }),
      fc.tuple(number, number, ms),
      (name, times, entries, [crlNumber, base, since]) => {
        const issuer = encodeName({ commonName: name });
        const [thisUpdate, nextUpdate] = [Math.min(...times), Math.max(...times)];
        const list = parse(
          encodeTbsCertList({
            signatureAlgorithm: 'Ed25519',
            issuer,
            thisUpdate,
            nextUpdate,
            revoked: entries.map((fields) => present(fields) as RevokedEntryFields),
            extensions: [
              authorityKeyIdentifierExtension(Uint8Array.of(1, 2)),
              crlNumberExtension(crlNumber),
              deltaCrlIndicatorExtension(base),
              issuingDistributionPointExtension({ indirectCRL: true }),
              expiredCertsOnCrlExtension(since),
            ],
          }),
        );
        assert.deepEqual([list.version, list.thisUpdate, list.nextUpdate], [2, thisUpdate, nextUpdate]);
        assert.deepEqual(list.issuer.raw, issuer);
        assert.equal(list.authorityKeyIdentifier?.keyIdentifier, '0102');
        assert.deepEqual([list.crlNumber, list.baseCrlNumber], [hex(crlNumber), hex(base)]);
        assert.equal(list.expiredCertsOnCrl, since);
        assert.equal(list.revoked.size, entries.length);
        let certificateIssuer = issuer;
        for (const [index, read] of [...list.revoked].entries()) {
          const { serialNumber, revocationDate, ...extensions } = entries[index]!;
          certificateIssuer = extensions.certificateIssuer ?? certificateIssuer;
          assert.equal(read.serialNumber, hex(serialNumber));
          assert.equal(read.revocationDate, revocationDate);
          assert.equal(read.reason, extensions.reason);
          assert.equal(read.invalidityDate, extensions.invalidityDate);
          assert.equal(read.holdInstruction, extensions.holdInstruction);
          assert.deepEqual(read.certificateIssuer[0]?.raw, certificateIssuer);
          const found = list.revoked.find(read.serialNumber);
          assert.ok(found.some((candidate) => candidate.revocationDate === revocationDate));
          assert.ok(found.every((candidate) => candidate.serialNumber === read.serialNumber));
        }
      },
    ),
  );
});

test('what was written of a distribution point is read again', () => {
  const point: fc.Arbitrary<IssuingDistributionPointFields> = fc
    .record({
      fullName: given(uri.map((text) => ({ uri: [text] }))),
      only: given(fc.constantFrom('user', 'authority', 'attribute')),
      onlySomeReasons: given(fc.subarray([...flags], { minLength: 1 })),
      indirectCRL: given(fc.boolean()),
    })
    .filter(({ fullName, only, onlySomeReasons, indirectCRL }) =>
      [fullName, only, onlySomeReasons, indirectCRL === true ? true : undefined].some((field) => field !== undefined),
    )
    .map((fields) => present(fields) as IssuingDistributionPointFields);
  fc.assert(
    fc.property(point, uri, (fields, location) => {
      const list = parse(
        encodeTbsCertList({
          signatureAlgorithm: 'Ed25519',
          issuer: encodeName({ commonName: 'a' }),
          thisUpdate: 0,
          nextUpdate: 0,
          revoked: [],
          extensions: [
            issuingDistributionPointExtension(fields),
            freshestCrlExtension([{ fullName: { uri: [location] } }]),
            crlIssuerAltNameExtension({ uri: [location] }),
            authorityInfoAccessExtension([
              { method: accessMethods.caIssuers, location: { uri: [location] } },
              { method: accessMethods.caIssuers, location: { uri: [location] } },
            ]),
          ],
        }),
      );
      const read = list.issuingDistributionPoint;
      const name = read?.distributionPoint;
      assert.deepEqual(name?.kind === 'full' ? name.names.uri : undefined, fields.fullName?.uri);
      assert.equal(read?.onlyContainsUserCerts, fields.only === 'user');
      assert.equal(read.onlyContainsCACerts, fields.only === 'authority');
      assert.equal(read.onlyContainsAttributeCerts, fields.only === 'attribute');
      assert.deepEqual(read.onlySomeReasons, fields.onlySomeReasons);
      assert.equal(read.indirectCRL, fields.indirectCRL === true);
      assert.deepEqual(list.freshestCrl?.[0]?.fullName?.uri, [location]);
      assert.deepEqual(list.issuerAltName?.uri, [location]);
      assert.deepEqual(
        list.authorityInformationAccess?.map((description) => description.location.uri),
        [[location], [location]],
      );
    }),
  );
});

test('what no list may be is not written', () => {
  const fields = {
    signatureAlgorithm: 'Ed25519',
    issuer: encodeName({ commonName: 'a' }),
    thisUpdate: 1000,
    nextUpdate: 1000,
    revoked: [],
    extensions: [crlNumberExtension(fromHex('01')!)],
  } as const;
  parse(encodeTbsCertList(fields));
  assert.throws(() => encodeTbsCertList({ ...fields, nextUpdate: 0 }), TypeError);
  assert.throws(() => encodeTbsCertList({ ...fields, extensions: [] }), TypeError);
  assert.throws(() => issuingDistributionPointExtension({}), TypeError);
  assert.throws(() => issuingDistributionPointExtension({ indirectCRL: false }), TypeError);
});
