import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import { verifyWithin } from './bundle-signatures.ts';

function bundleOf(authority: TestAuthority): Parameters<typeof verifyWithin>[0] {
  const bundle = authority.bundles().get(authority.trustDomain);
  assert.ok(bundle);
  return { ...bundle, intermediates: [authority.issuer] };
}

test('what is signed by another key is no good, however often the right one was', () => {
  const authority = new TestAuthority();
  const { issuer, root } = authority;
  const verify = verifyWithin(bundleOf(authority));
  const asked = (key: typeof root.publicKey): boolean => {
    if (issuer.signatureAlgorithm !== 'ecdsa-with-SHA256') throw new TypeError('P-256 here');
    return verify(key, issuer.signatureAlgorithm, issuer.tbs, issuer.signature);
  };
  assert.deepEqual([asked(root.publicKey), asked(root.publicKey)], [true, true]);
  assert.equal(asked(new TestAuthority().root.publicKey), false);
  assert.equal(asked(issuer.publicKey), false);
});

test('of the own intermediate the signature is verified once; of a peer, and of a copy, each time', () => {
  const authority = new TestAuthority();
  const { issuer, root } = authority;
  const verify = verifyWithin(bundleOf(authority));
  const of = ({ tbs, signature }: typeof issuer): boolean =>
    verify(root.publicKey, 'ecdsa-with-SHA256', tbs, signature);
  assert.ok(of(issuer));
  // Octets that are changed in place are seen by nobody who remembers.
  issuer.tbs[40] = (issuer.tbs[40] ?? 0) ^ 1;
  assert.ok(of(issuer));
  assert.equal(of({ ...issuer, signature: Uint8Array.from(issuer.signature) }), false);
  assert.equal(of({ ...issuer, tbs: Uint8Array.from(issuer.tbs) }), false);
});
