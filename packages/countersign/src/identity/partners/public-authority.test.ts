/** Certificates of public authorities are told from others by what they carry, whoever is named in them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { extendedKeyUsages, extensionOids } from '../x509/index.ts';
import { clientUseOf } from './index.ts';

const { clientAuth, serverAuth } = extendedKeyUsages;
const policy = (oid: string): { policy: string; qualifiers: [] } => ({ policy: oid, qualifiers: [] });
const logged = { oid: extensionOids.signedCertificateTimestamps, critical: false, value: new Uint8Array() };

test('of a public authority: ends at its renewal, or has ended', () => {
  const both = [serverAuth, clientAuth];
  for (const oid of ['2.23.140.1.1', '2.23.140.1.2.1', '2.23.140.1.2.2', '2.23.140.1.2.3']) {
    const certificatePolicies = [policy('1.2.3'), policy(oid)];
    assert.equal(clientUseOf({ certificatePolicies, extendedKeyUsage: both, extensions: [] }), 'ends-at-renewal');
    assert.equal(clientUseOf({ certificatePolicies, extendedKeyUsage: [serverAuth], extensions: [] }), 'ended');
  }
  assert.equal(
    clientUseOf({ certificatePolicies: undefined, extendedKeyUsage: both, extensions: [logged] }),
    'ends-at-renewal',
  );
});

test('of nobody known to the Web: it stays', () => {
  const certificatePolicies = [policy('1.3.6.1.4.1.99999.1'), policy('2.23.140.1.31')];
  assert.equal(clientUseOf({ certificatePolicies, extendedKeyUsage: [serverAuth], extensions: [] }), 'private');
  assert.equal(clientUseOf({ certificatePolicies: undefined, extendedKeyUsage: undefined, extensions: [] }), 'private');
});
