/** gRPC while its connections end: ahead of the end of a connection calls go on over a new one, long streams end in time, and those of a revoked peer at once. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import * as grpc from '@grpc/grpc-js';
import { manualClock, systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { type RevocationView, withoutRevocation } from '../../packages/countersign/src/identity/revocation/index.ts';
import {
  type Credential,
  fixedSource,
  MutableSource,
  type ServerOptions,
  Trust,
} from '../../packages/countersign/src/runtime/tls/index.ts';
import { createGrpcCredentials, createGrpcServer } from '../../packages/countersign/src/surfaces/integrations/index.ts';
import { dnsName } from '../../packages/countersign/src/identity/authorization/index.ts';
import { called, type GrpcClient, type GrpcStream, ofOneAnswer, ofStreams, streamOf } from './grpc-calls.ts';
import { authority, callers, serverOptions, trustOf } from './house.ts';

const definition = {
  echo: ofOneAnswer('/test.Clock/Echo'),
  watch: ofStreams('/test.Clock/Watch'),
} as const;
const Client = grpc.makeGenericClientConstructor(definition, 'Clock');

interface Served {
  readonly port: number;
  /** So many connections it has let in. */
  readonly admitted: () => number;
}

async function serving(t: TestContext, more: Partial<ServerOptions>): Promise<Served> {
  let admitted = 0;
  const options = { ...serverOptions(), onClosed: () => undefined, onAdmitted: () => admitted++, ...more };
  const served = createGrpcServer(callers, options, grpc);
  const echo: grpc.handleUnaryCall<string, string> = (call, callback) => {
    // Some are under way when the GOAWAY comes, and some on their way.
    if (call.request === 'slow') setTimeout(() => callback(null, call.request), 10);
    else callback(null, call.request);
  };
  const watch: grpc.handleBidiStreamingCall<string, string> = (call) => {
    call.on('data', (piece: string) => call.write(piece));
    call.on('error', () => undefined);
  };
  served.server.addService(definition, { echo, watch });
  t.after(() => served.close({ graceMs: 0 }));
  const { port } = await served.listen({ host: '127.0.0.1', port: 0 });
  return { port, admitted: () => admitted };
}

function clientOf(t: TestContext, port: number, credential: Credential): GrpcClient {
  const options = {
    trust: trustOf(),
    credentials: fixedSource(credential),
    clock: systemClock,
    onClosed: () => undefined,
  };
  const client = new Client(`localhost:${port}`, createGrpcCredentials(dnsName('orders.test'), options, grpc));
  t.after(() => client.close());
  return client;
}

/** A stream on which the first answer has come. */
async function watching(client: GrpcClient): Promise<GrpcStream> {
  const stream = streamOf(client, 'watch');
  stream.on('error', () => undefined);
  stream.write('first');
  await new Promise((resolve) => stream.once('data', resolve));
  return stream;
}

async function endOf(stream: GrpcStream): Promise<string> {
  const status = await new Promise<grpc.StatusObject>((resolve) => stream.on('status', resolve));
  return grpc.status[status.code] ?? '';
}

test('calls go on across the ends of connections, and none of them fails', async (t) => {
  const clock = manualClock(systemClock.now());
  const trust = new Trust({
    bundles: fixedSource(authority.bundles()),
    revocations: fixedSource(withoutRevocation),
    clock,
  });
  const longestLifeMs = 60_000;
  const { port, admitted } = await serving(t, { trust, clock, longestLifeMs });
  const client = clientOf(t, port, authority.issue('web'));
  const outcomes = new Map<string, number>();
  const calling = async (request: string): Promise<void> => {
    while (admitted() < 12) {
      const outcome = await called(client, 'echo', request);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  };
  const calls = Promise.all(['quick', 'quick', 'quick', 'quick', 'slow', 'slow'].map(calling));
  for (let connections = 0; connections < 12; connections = admitted()) {
    // Who came twice at once has an end of both by one move of the clock: each move is waited for.
    while (admitted() === connections) await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setTimeout(resolve, 50));
    if (admitted() < 12) clock.advance(longestLifeMs * 0.75);
  }
  await calls;
  assert.deepEqual([...outcomes.keys()].toSorted(), ['quick', 'slow'], [...outcomes].join('; '));
});

test('a long stream ends with its connection, ahead of the end of the certificate', async (t) => {
  const { port } = await serving(t, {});
  const notAfterMs = 4_000;
  const notAfter = systemClock.now() + notAfterMs;
  const stream = await watching(clientOf(t, port, authority.issue('web', { notAfterMs })));
  assert.match(await endOf(stream), /^(?:CANCELLED|UNAVAILABLE|INTERNAL)$/);
  assert.ok(systemClock.now() >= notAfter - notAfterMs / 4 - 1_000, 'not much ahead of it');
});

test("a revoked peer's streams end at once, and others' go on", async (t) => {
  const revocations = new MutableSource<RevocationView>(withoutRevocation);
  const trust = new Trust({ bundles: fixedSource(authority.bundles()), revocations, clock: systemClock });
  const { port } = await serving(t, { trust });
  const web = authority.issue('web');
  const [revoked, other] = [
    await watching(clientOf(t, port, web)),
    await watching(clientOf(t, port, authority.issue('admin'))),
  ];
  const end = endOf(revoked);
  const entry = authority.revoked(web);
  revocations.set({
    ...withoutRevocation,
    number: 1,
    isRevoked: (_issuerKey, serialNumber) => (serialNumber === entry.serialNumber ? entry : undefined),
    addedSince: () => [entry],
  });
  assert.match(await end, /^(?:CANCELLED|UNAVAILABLE|INTERNAL)$/);
  other.write('second');
  const [again] = await new Promise<[string]>((resolve) => other.once('data', (piece: string) => resolve([piece])));
  assert.equal(again, 'second');
});
