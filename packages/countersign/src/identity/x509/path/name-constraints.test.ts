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
import { encodeElement, encodeOid, encodeSequence, encodeSetOf, tags } from '../../../ground/encoding/index.ts';
import { isRefusal, type RefusalCode } from '../../../ground/errors/index.ts';
import { nameConstraintsExtension, validatePath } from '../index.ts';

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
