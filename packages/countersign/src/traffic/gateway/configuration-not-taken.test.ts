import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal } from '../../ground/errors/index.ts';
import type { Credential } from '../../runtime/tls/index.ts';
import { TestAuthority } from '../../surfaces/testing/index.ts';
import type { LoadedConfiguration } from './configuration/load-configuration.ts';
import { HostServer } from './serving/host-server.ts';
import { configurationFrom } from '../../../../../tests/fixtures/gateway/configurations.ts';
import { openGateway } from '../../../../../tests/fixtures/gateway/open-gateway.ts';

const [one, two] = [
  new TestAuthority({ trustDomain: 'one.internal' }),
  new TestAuthority({ trustDomain: 'two.internal' }),
];
const main = one.issue('gateway');

const text = (hosts: string): string => `version: 1
listen: { port: 0 }
credentials: { main: { folder: unused }, other: { folder: unused } }
trust: { one.internal: { anchors: [unused] }, two.internal: { anchors: [unused] } }
hosts: { ${hosts} }
routes: [{ name: all, host: a.test, path: /, allow: ['spiffe://one.internal/**'], upstream: plain }]
upstreams: { plain: { targets: ['http://127.0.0.1:1'] } }
`;

const before = text('a.test: { certificate: required, credential: main, trust: [one.internal] }');
/** Servers of its own for both of its hosts, and a trust that nobody had. */
const after = text(
  'a.test: { certificate: required, credential: main, trust: [one.internal, two.internal] }, b.test: { certificate: none, credential: other }',
);

function loaded(written: string, other: Credential = main): Promise<LoadedConfiguration> {
  const credentials = new Map([
    ['main', main],
    ['other', other],
  ]);
  const bundles = new Map([one, two].map((authority) => [authority.trustDomain, authority.bundle()]));
  return configurationFrom(written, { credentials, bundles });
}

test('a configuration that fails half-way leaves no server and no trust behind, and the next one is taken', async (t) => {
  const { gateway } = await openGateway(t, await loaded(before));
  const trusts = gateway.trusts.all;
  const closing = t.mock.method(HostServer.prototype, 'close');
  const broken = { ...main, chain: [Uint8Array.of(0x30, 0)] };
  const failing = await loaded(after, broken);
  assert.throws(
    () => gateway.apply(failing),
    (error) => isRefusal(error) && error.code === 'CS-TLS-007',
  );
  assert.deepEqual(
    closing.mock.calls.map(({ this: server }) => (server as HostServer).certificate),
    ['required'],
  );
  assert.deepEqual(gateway.trusts.all, trusts);
  assert.equal(gateway.generation, 1);
  assert.equal(gateway.apply(await loaded(after)).generation, 2);
  assert.equal(gateway.trusts.all.length, trusts.length + 2);
});

test('one that another process did not take goes again whole', async (t) => {
  const { gateway } = await openGateway(t, await loaded(before));
  const trusts = gateway.trusts.all;
  const staged = gateway.stage(await loaded(after));
  const closing = t.mock.method(HostServer.prototype, 'close');
  staged.abandon();
  assert.equal(closing.mock.callCount(), 2);
  assert.deepEqual(gateway.trusts.all, trusts);
  assert.equal(gateway.generation, 1);
});
