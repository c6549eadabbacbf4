import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  makeIssuer,
  makeRoot,
  makeService,
  testMoment,
  verifySignature,
} from '../../../../../../tests/fixtures/certificates.ts';
import { isRefusal } from '../../../ground/errors/index.ts';
import { nameConstraintsExtension, validatePath } from '../index.ts';

const root = makeRoot();

function isWithin(uri: string, excluded: string): boolean {
  const issuer = makeIssuer(root, { moreExtensions: [nameConstraintsExtension({ excluded: { uri: [excluded] } })] });
  try {
    validatePath({
      leaf: makeService(issuer, { names: { uri: [uri] } }).certificate,
      intermediates: [issuer.certificate],
      anchors: [root.certificate],
      at: testMoment,
      purpose: 'client',
      verifySignature,
    });
    return true;
  } catch (error) {
    assert.ok(isRefusal(error) && error.code === 'CS-PATH-011', String(error));
    return false;
  }
}

test('the authority of a URI under constraints is of the form of RFC 3986, so that nobody reads another host in it', () => {
  assert.equal(isWithin('https://me:secret@mallory.test:443/', 'bank.test'), true);
  // A browser ends the authority at the backslash, and would call bank.test.
  assert.equal(isWithin('https://bank.test\\@mallory.test/', 'bank.test'), false);
  assert.equal(isWithin('https://a@bank.test@mallory.test/', 'bank.test'), false);
  assert.equal(isWithin('https://bank.test<@mallory.test/', 'bank.test'), false);
});
