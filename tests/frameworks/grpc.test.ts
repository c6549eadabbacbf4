/** gRPC over mutual TLS: real clients and servers of @grpc/grpc-js, calls of one answer and of streams, and those that are refused. */
import assert from 'node:assert/strict';
import { connect as connectHttp2 } from 'node:http2';
import { test, type TestContext } from 'node:test';
import * as grpc from '@grpc/grpc-js';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import type { Refusal } from '../../packages/countersign/src/ground/errors/index.ts';
import { dnsName, type PeerPolicy } from '../../packages/countersign/src/identity/authorization/index.ts';
import {
  type Credential,
  fixedSource,
  isVerifiedPeer,
  MutableSource,
  type MutualClientOptions,
} from '../../packages/countersign/src/runtime/tls/index.ts';
import {
  createGrpcCredentials,
  createGrpcServer,
  peerOfCall,
  requirePeerOfCall,
} from '../../packages/countersign/src/surfaces/integrations/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { called, type GrpcClient, type GrpcStream, ofOneAnswer, ofStreams, streamOf } from './grpc-calls.ts';
import { adminAlone, authority, callers, serverOptions, trustOf } from './house.ts';

const definition = {
  who: ofOneAnswer('/test.Orders/Who'),
  cancel: ofOneAnswer('/test.Orders/Cancel'),
  watch: ofStreams('/test.Orders/Watch'),
  drop: ofStreams('/test.Orders/Drop'),
} as const;
const OrdersClient = grpc.makeGenericClientConstructor(definition, 'Orders');

type Unary = grpc.handleUnaryCall<string, string>;
type Both = grpc.handleBidiStreamingCall<string, string>;

interface Served {
  readonly port: number;
  readonly refusals: readonly Refusal[];
  readonly ran: () => number;
  readonly policy: MutableSource<PeerPolicy>;
}

async function serving(t: TestContext): Promise<Served> {
  const refusals: Refusal[] = [];
  const policy = new MutableSource(callers);
  let ran = 0;
  const who: Unary = (call, callback) => {
    ran++;
    assert.ok(isVerifiedPeer(peerOfCall(call)));
    callback(null, `${call.request} from ${peerOfCall(call).name}`);
  };
  const watch: Both = (call) => {
    ran++;
    call.on('data', (piece: string) => call.write(`${piece} from ${peerOfCall(call).name}`));
    call.on('end', () => call.end());
    call.on('error', () => undefined);
  };
  const served = createGrpcServer(policy, { ...serverOptions(refusals), onClosed: () => undefined }, grpc);
  served.server.addService(definition, {
    who,
    cancel: requirePeerOfCall(adminAlone, who),
    watch,
    drop: requirePeerOfCall(adminAlone, watch),
  });
  t.after(() => served.close({ graceMs: 0 }));
  const { port } = await served.listen({ host: '127.0.0.1', port: 0 });
  return { port, refusals, ran: () => ran, policy };
}

const orders = dnsName('orders.test');

interface Called {
  readonly policy?: PeerPolicy;
  readonly channel?: grpc.ChannelOptions;
  readonly refusals?: Refusal[];
}

function clientOf(
  t: TestContext,
  port: number,
  credential: Credential,
  { policy = orders, refusals = [], channel = {} }: Called = {},
): GrpcClient {
  const options: MutualClientOptions = {
    trust: trustOf(),
    credentials: fixedSource(credential),
    clock: systemClock,
    onRefusal: (refusal) => refusals.push(refusal),
  };
  const client = new OrdersClient(`localhost:${port}`, createGrpcCredentials(policy, options, grpc), channel);
  t.after(() => client.close());
  return client;
}

test('a handler finds the peer of its call, and may be for some alone', async (t) => {
  const { port, ran } = await serving(t);
  const web = clientOf(t, port, authority.issue('web'));
  const admin = clientOf(t, port, authority.issue('admin'));
  assert.equal(await called(web, 'who', 'hello'), 'hello from spiffe://test.internal/web');
  assert.equal(await called(admin, 'who', 'hello'), 'hello from spiffe://test.internal/admin');
  assert.equal(await called(web, 'cancel'), 'PERMISSION_DENIED CS-PEER-007');
  assert.equal(await called(admin, 'cancel', 'no'), 'no from spiffe://test.internal/admin');
  assert.equal(ran(), 3);
});

/** What came of it, and how it ended. */
async function ended(stream: GrpcStream): Promise<string> {
  let seen = '';
  stream.on('data', (piece: string) => (seen += piece));
  const status = await new Promise<grpc.StatusObject>((resolve) => {
    stream.on('status', resolve);
    stream.on('error', () => undefined);
  });
  return `${seen} ${grpc.status[status.code]} ${status.details}`;
}

test('streams go both ways, and those for others are refused', async (t) => {
  const { port } = await serving(t);
  const web = clientOf(t, port, authority.issue('web'));
  const stream = streamOf(web, 'watch');
  stream.write('a');
  stream.end();
  assert.match(await ended(stream), /^a from spiffe:\/\/test\.internal\/web OK/);
  const refused = streamOf(web, 'drop');
  refused.write('a');
  assert.equal(await ended(refused), ' PERMISSION_DENIED CS-PEER-007');
});

test('clients that are refused reach no handler', async (t) => {
  const { port, ran, refusals } = await serving(t);
  for (const [credential, code] of [
    [authority.issue('cron'), 'CS-PEER-007'],
    [new TestAuthority().issue('web'), 'CS-PEER-002'],
    [authority.issue('web', { notAfterMs: -10_000 }), 'CS-PEER-003'],
  ] as const) {
    assert.match(await called(clientOf(t, port, credential), 'who'), /^UNAVAILABLE/, code);
    assert.equal(refusals.at(-1)?.code, code);
  }
  assert.equal(ran(), 0);
});

test('a call for another host than the handshake was with reaches no handler', async (t) => {
  const { port, ran, refusals } = await serving(t);
  const web = authority.issue('web');
  const to = (host: string): Called => ({ channel: { 'grpc.default_authority': host } });
  assert.equal(await called(clientOf(t, port, web, to('admin.test')), 'who'), 'PERMISSION_DENIED CS-TLS-012');
  assert.equal(await called(clientOf(t, port, web, to('localhost.test:443')), 'who'), 'PERMISSION_DENIED CS-TLS-012');
  assert.equal(ran(), 0);
  assert.deepEqual(
    refusals.map(({ evidence }) => evidence),
    ['admin.test', 'localhost.test:443'].map((host) => ({ serverName: 'localhost', host })),
  );
  assert.match(await called(clientOf(t, port, web, to('LOCALHOST.:443')), 'who'), /^x from/, 'written in another way');
});

test('a client sends nothing to a server that is another, and is told why', async (t) => {
  const { port, ran } = await serving(t);
  const refusals: Refusal[] = [];
  const client = clientOf(t, port, authority.issue('web'), { policy: dnsName('payments.test'), refusals });
  assert.match(await called(client, 'who'), /^UNAVAILABLE/);
  assert.equal(refusals[0]?.code, 'CS-PEER-007');
  assert.equal(ran(), 0);
});

test('a change of the policy ends the streams of whom it no longer lets in, at once', async (t) => {
  const { port, policy } = await serving(t);
  const stream = streamOf(clientOf(t, port, authority.issue('web')), 'watch');
  stream.write('a');
  await new Promise((resolve) => stream.once('data', resolve));
  const end = ended(stream);
  policy.set(adminAlone);
  assert.match(await end, / (?:UNAVAILABLE|INTERNAL|CANCELLED)/);
});

test('other clients of HTTP/2 and plain gRPC get nowhere without a certificate', async (t) => {
  const { port, ran } = await serving(t);
  const insecure = new OrdersClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  t.after(() => insecure.close());
  assert.match(await called(insecure, 'who'), /^UNAVAILABLE/);
  const session = connectHttp2(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  session.on('error', () => undefined);
  const stream = session.request({
    ':path': '/test.Orders/Who',
    ':method': 'POST',
    'content-type': 'application/grpc',
  });
  await new Promise((resolve) => stream.once('close', resolve).on('error', () => undefined));
  assert.equal(ran(), 0);
});

test("grpc-js's own client with the same certificate is let in as well", async (t) => {
  const { port } = await serving(t);
  const { chain, privateKey } = authority.issue('web');
  const credentials = grpc.credentials.createSsl(
    Buffer.from(encodePem('CERTIFICATE', authority.root.raw)),
    Buffer.from(privateKey.toPem()),
    Buffer.from(chain.map((der) => encodePem('CERTIFICATE', der)).join('')),
  );
  // grpc-js overrides the name of the handshake alone.
  const client = new OrdersClient(`127.0.0.1:${port}`, credentials, {
    'grpc.ssl_target_name_override': 'orders.test',
    'grpc.default_authority': 'orders.test',
  });
  t.after(() => client.close());
  assert.equal(await called(client, 'who', 'y'), 'y from spiffe://test.internal/web');
});

test('a call that did not come through our server has no peer', () => {
  const metadata = new grpc.Metadata();
  assert.throws(() => peerOfCall({ metadata }), /CS-PEER-001|no certificate/);
  // @ts-expect-error -- a policy must be given
  assert.throws(() => requirePeerOfCall(undefined, () => undefined), TypeError);
});
