import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type GeneralNames, noNames, parseNameText } from '../../x509/index.ts';
import { haveNameInCommon } from './same-general-name.ts';

const bytes = (...octets: number[]): Uint8Array => Uint8Array.of(...octets);

type Names = Partial<GeneralNames>;

/** Of each kind: a name, the same otherwise written, and another. */
const kinds: Readonly<Record<keyof GeneralNames, readonly [Names, Names, Names]>> = {
  dns: [{ dns: ['lists.internal'] }, { dns: ['LISTS.internal'] }, { dns: ['other.internal'] }],
  uri: [{ uri: ['ldap://Me@Lists/a'] }, { uri: ['LDAP://Me@lists/a'] }, { uri: ['ldap://me@lists/a'] }],
  ip: [{ ip: ['127.0.0.1'] }, { ip: ['127.0.0.1'] }, { ip: ['127.0.0.2'] }],
  email: [{ email: ['Me@Lists.internal'] }, { email: ['Me@lists.internal'] }, { email: ['me@lists.internal'] }],
  directory: [
    { directory: [parseNameText('CN=list')] },
    { directory: [parseNameText('CN=LIST')] },
    { directory: [parseNameText('OU=list')] },
  ],
  registeredId: [{ registeredId: ['1.2.3'] }, { registeredId: ['1.2.3'] }, { registeredId: ['1.2.4'] }],
  otherName: [
    { otherName: [{ type: '1.2.3', value: bytes(5, 0) }] },
    { otherName: [{ type: '1.2.3', value: bytes(5, 0) }] },
    { otherName: [{ type: '1.2.4', value: bytes(5, 0) }] },
  ],
  x400: [{ x400: [bytes(1)] }, { x400: [bytes(1)] }, { x400: [bytes(2)] }],
  ediParty: [{ ediParty: [bytes(1)] }, { ediParty: [bytes(1)] }, { ediParty: [bytes(2)] }],
};

for (const [kind, [name, same, other]] of Object.entries(kinds)) {
  test(`names of the kind ${kind} are the same, or they are not`, () => {
    const asked = (a: Names, b: Names): boolean => haveNameInCommon({ ...noNames, ...a }, { ...noNames, ...b });
    assert.equal(asked(name, same), true);
    assert.equal(asked(same, name), true);
    assert.equal(asked(name, other), false);
    assert.equal(asked(name, {}), false);
  });
}

test('a name of one kind is none of another, and one in common is enough', () => {
  const asked = (a: Names, b: Names): boolean => haveNameInCommon({ ...noNames, ...a }, { ...noNames, ...b });
  assert.equal(asked({ dns: ['a'] }, { uri: ['a'] }), false);
  assert.equal(asked({ dns: ['a'], uri: ['b:c', 'b:d'] }, { dns: ['e'], uri: ['b:d'] }), true);
  const value = bytes(5, 0);
  assert.equal(
    asked({ otherName: [{ type: '1.2', value }] }, { otherName: [{ type: '1.2', value: bytes(5) }] }),
    false,
  );
});
