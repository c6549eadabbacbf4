/** What a verified peer tells of its certificate. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../../ground/clock/index.ts';
import { allowAnyPeer } from '../../../identity/authorization/index.ts';
import { withoutRevocation } from '../../../identity/revocation/index.ts';
import { parseCertificate } from '../../../identity/x509/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import { sha256Hex } from '../../cryptography/index.ts';
import { createPeerVerifier, fixedSource, Trust } from '../index.ts';

const authority = new TestAuthority();
const partner = new TestAuthority({ trustDomain: 'partner.test' });

test('a peer has URI names, a subject and a pin; the first two only where the home domain vouches for them', () => {
  const trust = new Trust({
    bundles: fixedSource(authority.bundles(partner)),
    revocations: fixedSource(withoutRevocation),
    clock: systemClock,
  });
  const verifier = createPeerVerifier({ peer: 'client', policy: allowAnyPeer(), trust, clock: systemClock });
  const web = authority.issue('web', { commonName: 'web' });
  const peer = verifier.verify(web.chain);
  assert.deepEqual(peer.uris, ['spiffe://test.internal/web']);
  assert.equal(peer.subject?.text, 'CN=web');
  const leaf = parseCertificate(web.chain[0] ?? new Uint8Array());
  assert.equal(peer.spkiPin, sha256Hex(leaf.publicKey.raw));
  const foreign = verifier.verify(partner.issue('web', { commonName: 'web' }).chain);
  assert.deepEqual([foreign.uris, foreign.subject], [[], undefined]);
  assert.match(foreign.spkiPin, /^[0-9a-f]{64}$/);
});
