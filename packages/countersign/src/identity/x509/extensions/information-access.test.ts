import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { extensionOf, readWhole, refusesValue } from '../../../../../../tests/fixtures/extension-values.ts';
import {
  accessMethods,
  authorityInfoAccessExtension,
  readInformationAccess,
  subjectInfoAccessExtension,
} from '../index.ts';

const method = '06 08 2b 06 01 05 05 07 30 01';

test('there is at least one description, each of a method and one location', () => {
  const refuses = (hex: string, rule: string, offset: number): void =>
    refusesValue(hex, readInformationAccess, rule, offset);
  refuses('30 00', 'an information access extension without descriptions', 2);
  refuses('6d 61', 'element 0x30 expected, 0x6d found', 0);
  refuses('30 02 30 00', 'element 0x06 is missing', 4);
  refuses(`30 0c 30 0a ${method}`, 'GeneralNames is empty', 14);
  refuses(`30 12 30 10 ${method} 86 01 61 86 01 62`, 'an access description with more than one location', 14);
  refuses(`30 0e 30 0c ${method} 86 00`, 'a name that is empty or holds a space or control character', 14);
  refuses(`30 0e 30 0c ${method} 05 00`, 'a GeneralName of no known kind', 14);
  refuses(`30 0f 30 0d ${method} 86 02 61`, 'length reaches past the end', 16);
});

const uri = fc.string({ unit: fc.constantFrom(...Array.from('abc:/.?#%20')), minLength: 1 });

test('descriptions come back as they were written', () => {
  const description = fc.record(
    {
      method: fc.constantFrom(...Object.values(accessMethods), '1.2.3'),
      location: fc.record({ uri: fc.tuple(uri) }, { noNullPrototype: true }),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.array(description, { minLength: 1, maxLength: 4 }), (descriptions) => {
      for (const encode of [authorityInfoAccessExtension, subjectInfoAccessExtension]) {
        const read = readWhole(extensionOf(encode(descriptions)).value, readInformationAccess);
        assert.deepEqual(
          read.map((one) => ({ method: one.method, location: { uri: one.location.uri } })),
          descriptions,
        );
      }
    }),
  );
  for (const location of [{}, { uri: ['a', 'b'] }]) {
    assert.throws(() => authorityInfoAccessExtension([{ method: accessMethods.ocsp, location }]), TypeError);
  }
  assert.throws(() => authorityInfoAccessExtension([]), TypeError);
});
