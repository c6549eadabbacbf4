/** Which names count of whose peers, and that a pinned key replaces none of the checks. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock as clock } from '../../../ground/clock/index.ts';
import { isRefusal } from '../../../ground/errors/index.ts';
import {
  allOf,
  anyOf,
  dnsName,
  type PeerPolicy,
  spiffeId,
  spiffeIdPattern,
  spkiPin,
  subject,
  uri,
  uriPattern,
} from '../../../identity/authorization/index.ts';
import { revocationKey, type RevocationView, withoutRevocation } from '../../../identity/revocation/index.ts';
import { generatePrivateKey, sha256Hex } from '../../cryptography/index.ts';
import { TestAuthority, type TestCertificate } from '../../../surfaces/testing/index.ts';
import { createPeerVerifier, type Credential, fixedSource, Trust } from '../index.ts';

const home = new TestAuthority();
const partner = new TestAuthority({ trustDomain: 'partner.test' });
const key = generatePrivateKey('P-256');
const pin = sha256Hex(key.publicKey.raw);

/** "let in", or the code of the refusal. */
function verdict(policy: PeerPolicy, credential: Credential, revocations: RevocationView = withoutRevocation): string {
  const bundles = fixedSource(home.bundles(partner));
  const trust = new Trust({ bundles, revocations: fixedSource(revocations), clock });
  try {
    createPeerVerifier({ peer: 'client', policy, trust, clock }).verify(credential.chain);
    return 'let in';
  } catch (error) {
    return isRefusal(error) ? error.code : String(error);
  } finally {
    trust.close();
  }
}

test('names that no trust domain scopes count for the home domain alone; SPIFFE IDs and keys for each that is known', () => {
  const names: TestCertificate = { commonName: 'web', key, names: { uri: ['urn:x:web'], dns: ['web.internal'] } };
  const scopedByNothing = [uri('urn:x:web'), subject('CN=web'), dnsName('web.internal')];
  for (const policy of [...scopedByNothing, allOf(...scopedByNothing)]) {
    assert.equal(verdict(policy, home.issue('web', names)), 'let in');
    // A certificate of the partner is told apart by its SPIFFE ID, with which it can carry no other URI.
    const foreign = { commonName: 'web', key, names: { uri: ['spiffe://partner.test/web'], dns: ['web.internal'] } };
    assert.equal(verdict(policy, partner.issue('web', foreign)), 'CS-PEER-007');
    assert.equal(verdict(policy, partner.issue('web', names)), 'CS-PEER-002', 'without one it counts as of home');
  }
  assert.equal(
    verdict(uriPattern('https://a.test/*'), home.issue('x', { names: { uri: ['https://a.test/x'] } })),
    'let in',
  );
  for (const policy of [
    spiffeId('spiffe://partner.test/web'),
    spiffeIdPattern('spiffe://partner.test/**'),
    spkiPin(pin),
  ])
    assert.equal(verdict(policy, partner.issue('web', { key })), 'let in');
  assert.equal(verdict(spkiPin(pin), home.issue('web')), 'CS-PEER-007', 'another key');
});

test('a pinned key takes the place of no other check', () => {
  const stranger = new TestAuthority();
  assert.equal(verdict(spkiPin(pin), stranger.issue('web', { key })), 'CS-PEER-002');
  assert.equal(verdict(spkiPin(pin), home.issue('web', { key, commonName: 'web', signer: 'self' })), 'CS-PEER-002');
  assert.equal(verdict(spkiPin(pin), home.issue('web', { key, notAfterMs: -10_000 })), 'CS-PEER-003');
  assert.equal(verdict(spkiPin(pin), home.issue('web', { key, usages: ['1.3.6.1.5.5.7.3.1'] })), 'CS-PEER-012');
  const revoked = home.issue('web', { key });
  const entry = home.revoked(revoked);
  const view: RevocationView = {
    ...withoutRevocation,
    isRevoked: (issuerKey, serialNumber) =>
      revocationKey(issuerKey, serialNumber) === revocationKey(entry.issuerKey, entry.serialNumber) ? entry : undefined,
  };
  assert.equal(verdict(anyOf(spkiPin(pin)), revoked, view), 'CS-PEER-008');
});
