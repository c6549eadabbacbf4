/** Servers present the staple that belongs to the certificate which they present, and handshakes go on without one whatever is wrong with it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { connect } from 'node:tls';
import { systemClock } from '../../../ground/clock/index.ts';
import { allowAnyPeer } from '../../../identity/authorization/index.ts';
import { withoutRevocation } from '../../../identity/revocation/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import { contextOptions } from '../context/context-options.ts';
import {
  armServer,
  createHttp2Server,
  createServer,
  createTlsServer,
  fixedSource,
  type MutualTlsServer,
  MutableSource,
  type ServerOptions,
  type StapleSource,
  Trust,
} from '../index.ts';

const authority = new TestAuthority();
const clock = systemClock;
const [orders, billing, web] = ['orders', 'billing', 'web'].map((name) => authority.issue(name));
assert.ok(orders !== undefined && billing !== undefined && web !== undefined);
const ofOrders = authority.ocspResponse(orders);

function optionsOf(more: Partial<ServerOptions>): ServerOptions {
  const [bundles, revocations] = [fixedSource(authority.bundles()), fixedSource(withoutRevocation)];
  const trust = new Trust({ bundles, revocations, clock });
  return { trust, credentials: fixedSource(orders as never), clock, minVersion: 'TLSv1.2', ...more };
}

type Version = 'TLSv1.2' | 'TLSv1.3';

async function listening(t: TestContext, server: MutualTlsServer): Promise<number> {
  t.after(() => server.close({ graceMs: 0 }));
  return (await server.listen({ host: '127.0.0.1', port: 0 })).port;
}

/** What the server stapled, once the handshake is over. */
async function stapleAt(port: number, version: Version = 'TLSv1.3', servername = ''): Promise<Uint8Array | undefined> {
  const input = { credential: web, bundles: authority.bundles(), minVersion: version } as const;
  const socket = connect({
    ...contextOptions(input),
    maxVersion: version,
    host: '127.0.0.1',
    port,
    servername,
    requestOCSP: true,
    checkServerIdentity: () => undefined,
  });
  let staple: Uint8Array | undefined;
  socket.once('OCSPResponse', (response: unknown) => {
    if (response instanceof Uint8Array) staple = new Uint8Array(response);
  });
  await once(socket, 'secureConnect');
  socket.destroy();
  return staple;
}

const makers: Readonly<Record<string, (options: ServerOptions) => MutualTlsServer>> = {
  createServer: (options) => createServer(allowAnyPeer(), options, (_asked, response) => response.end()),
  createHttp2Server: (options) => createHttp2Server(allowAnyPeer(), options, (_asked, response) => void response.end()),
  createTlsServer: (options) => createTlsServer(allowAnyPeer(), options, ({ socket }) => socket.end()),
};

for (const [name, make] of Object.entries(makers))
  test(`${name} staples on TLS 1.2 and 1.3`, async (t) => {
    const port = await listening(t, make(optionsOf({ staple: fixedSource<Uint8Array | undefined>(ofOrders) })));
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) assert.deepEqual(await stapleAt(port, version), ofOrders);
  });

test('so does a server that was armed; one that has an answerer of its own is not', async (t) => {
  const server = createHttpsServer();
  const options = optionsOf({ staple: fixedSource<Uint8Array | undefined>(ofOrders) });
  armServer(allowAnyPeer(), server, options);
  server.listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  assert.deepEqual(await stapleAt((server.address() as AddressInfo).port), ofOrders);
  const own = createHttpsServer().on('OCSPRequest', () => undefined);
  assert.throws(() => armServer(allowAnyPeer(), own, options), TypeError);
});

test('by server name, each has its own; a name without a credential is a mistake', async (t) => {
  const ofBilling = authority.ocspResponse(billing);
  const credentials = { otherwise: fixedSource(orders), byServerName: { 'billing.test': fixedSource(billing) } };
  const byServerName = { 'billing.test': fixedSource<Uint8Array | undefined>(ofBilling) };
  const options = optionsOf({
    credentials,
    staple: { byServerName, otherwise: fixedSource<Uint8Array | undefined>(ofOrders) },
  });
  const port = await listening(t, makers['createServer']?.(options) as MutualTlsServer);
  assert.deepEqual(await stapleAt(port, 'TLSv1.3', 'billing.test'), ofBilling);
  assert.deepEqual(await stapleAt(port, 'TLSv1.2', 'orders.test'), ofOrders);
  const wrong = optionsOf({ staple: { byServerName } });
  assert.throws(() => makers['createServer']?.(wrong), TypeError);
});

test('one of another certificate, of the past, of nobody, or that can not be had is left out, and the handshake goes on', async (t) => {
  const source = new MutableSource<Uint8Array | undefined>(undefined);
  const port = await listening(t, makers['createServer']?.(optionsOf({ staple: source })) as MutualTlsServer);
  const nothing: readonly unknown[] = [
    undefined,
    null,
    new Uint8Array(),
    Uint8Array.of(48, 1),
    'good',
    authority.ocspResponse(billing),
    authority.ocspResponse(orders, { nextUpdateMs: -1 }),
  ];
  for (const value of nothing) {
    source.set(value as never);
    assert.equal(await stapleAt(port), undefined, String(value));
  }
  source.set(ofOrders);
  assert.deepEqual(await stapleAt(port), ofOrders);
  const throwing: StapleSource = { ...fixedSource(undefined), current: () => assert.fail('out of order') };
  const second = await listening(t, makers['createServer']?.(optionsOf({ staple: throwing })) as MutualTlsServer);
  assert.equal(await stapleAt(second), undefined);
});
