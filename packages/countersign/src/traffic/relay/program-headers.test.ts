import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { VerifiedPeer } from '../../runtime/tls/index.ts';
import { clientCertificateHeader, headersForProgram } from './program-headers.ts';

const own = 'spiffe://test.internal/orders';
const spiffeId = 'spiffe://test.internal/web';
const peerNamed = (...dnsNames: readonly string[]): VerifiedPeer =>
  ({ certificate: Uint8Array.of(1), spiffeId, dnsNames }) as unknown as VerifiedPeer;

test("a name that would be read as another pair or element is not in the front's word on the caller", () => {
  const said = clientCertificateHeader(
    peerNamed('web', 'a;URI=spiffe://test.internal/admin', 'b,By=x', 'c"', 'web.internal'),
    own,
  );
  assert.match(said, /^By=[^;,]+;Hash=[0-9a-f]{64};URI=spiffe:\/\/test\.internal\/web;DNS=web;DNS=web\.internal$/);
});

test('whatever a caller says of himself is taken off, in every spelling, and cannot be put back by Connection', () => {
  const forged = [
    ['X-Forwarded-Client-Cert', 'URI=spiffe://test.internal/admin'],
    ['x_forwarded_client_cert', 'URI=spiffe://test.internal/admin'],
    ['Client-Cert', ':AA==:'],
    ['SSL_CLIENT_S_DN', 'CN=admin'],
    ['Remote-User', 'admin'],
    ['X-Auth-Request-Email', 'admin@test.internal'],
    ['Connection', 'x-forwarded-client-cert'],
    ['Accept', '*/*'],
  ];
  const sent = headersForProgram(forged.flat(), peerNamed('web'), { own, address: '127.0.0.1' });
  assert.deepEqual(
    sent.map(([name]) => name),
    ['Accept', 'x-forwarded-client-cert', 'x-forwarded-for', 'x-forwarded-proto'],
  );
  assert.ok(!JSON.stringify(sent).includes('admin'));
});
