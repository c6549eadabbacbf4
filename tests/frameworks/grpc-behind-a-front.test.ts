/** A program of gRPC that knows nothing of TLS, behind a front with an HTTP/2 side to it: real servers and clients of @grpc/grpc-js. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import * as grpc from '@grpc/grpc-js';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import type { Refusal } from '../../packages/countersign/src/ground/errors/index.ts';
import { dnsName } from '../../packages/countersign/src/identity/authorization/index.ts';
import { fixedSource } from '../../packages/countersign/src/runtime/tls/index.ts';
import { createGrpcCredentials } from '../../packages/countersign/src/surfaces/integrations/index.ts';
import { createFront } from '../../packages/countersign/src/traffic/sidecar/index.ts';
import { called, type GrpcClient, ofOneAnswer, ofStreams, streamOf } from './grpc-calls.ts';
import { authority, callers, serverOptions, trustOf } from './house.ts';

const definition = {
  who: ofOneAnswer('/test.Orders/Who'),
  watch: ofStreams('/test.Orders/Watch'),
} as const;
const OrdersClient = grpc.makeGenericClientConstructor(definition, 'Orders');

interface Fronted {
  readonly port: number;
  readonly refusals: readonly Refusal[];
  /** Calls of the program that its callers gave up. */
  readonly cancelled: Promise<undefined>;
}

async function fronted(t: TestContext): Promise<Fronted> {
  const cancelled = Promise.withResolvers<undefined>();
  const nameOf = ({ metadata }: { metadata: grpc.Metadata }): string =>
    /URI=([^;]*)/.exec(String(metadata.get('x-forwarded-client-cert')))?.[1] ?? 'nobody';
  const program = new grpc.Server();
  program.addService(definition, {
    who: ((call, answer) => {
      if (call.request === 'no') answer({ code: grpc.status.NOT_FOUND, details: 'no such order' });
      else answer(null, `${call.request} from ${nameOf(call)}`);
    }) as grpc.handleUnaryCall<string, string>,
    watch: ((call) => {
      call.on('cancelled', () => cancelled.resolve(undefined));
      call.on('data', (piece: string) => call.write(`${piece} from ${nameOf(call)}`));
      call.on('end', () => call.end());
    }) as grpc.handleBidiStreamingCall<string, string>,
  });
  const port = await new Promise<number>((resolve, reject) => {
    program.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  const refusals: Refusal[] = [];
  const front = createFront(callers, {
    ...serverOptions(refusals),
    protocol: 'h2c',
    own: () => 'spiffe://test.internal/orders',
    upstream: () => ({ host: '127.0.0.1', port }),
    onClosed: () => undefined,
  });
  t.after(async () => {
    await front.close({ graceMs: 0 });
    program.forceShutdown();
  });
  const listening = await front.listen({ host: '127.0.0.1', port: 0 });
  return { port: listening.port, refusals, cancelled: cancelled.promise };
}

function clientOf(t: TestContext, port: number, name: string): GrpcClient {
  const options = { trust: trustOf(), credentials: fixedSource(authority.issue(name)), clock: systemClock };
  const credentials = createGrpcCredentials(dnsName('orders.test'), { ...options, onRefusal: () => undefined }, grpc);
  const client = new OrdersClient(`localhost:${port}`, credentials);
  t.after(() => client.close());
  return client;
}

test('a program of gRPC is answered for, told who calls, and its status goes back', async (t) => {
  const { port } = await fronted(t);
  const web = clientOf(t, port, 'web');
  assert.equal(await called(web, 'who', 'hello'), 'hello from spiffe://test.internal/web');
  const forged = new grpc.Metadata();
  forged.set('x-forwarded-client-cert', 'URI=spiffe://test.internal/admin');
  assert.equal(await called(web, 'who', 'hello', forged), 'hello from spiffe://test.internal/web');
  // An answer of trailers alone.
  assert.equal(await called(web, 'who', 'no'), 'NOT_FOUND no such order');
  assert.equal(await called(clientOf(t, port, 'admin'), 'who', 'hello'), 'hello from spiffe://test.internal/admin');
});

test('streams go both ways, piece by piece, and a cancelled one is cancelled for the program', async (t) => {
  const { port, cancelled } = await fronted(t);
  const web = clientOf(t, port, 'web');
  const stream = streamOf(web, 'watch');
  for (const piece of ['a', 'b']) {
    stream.write(piece);
    const [heard] = (await new Promise<string[]>((resolve) =>
      stream.once('data', (one: string) => resolve([one])),
    )) as [string];
    assert.equal(heard, `${piece} from spiffe://test.internal/web`);
  }
  stream.end();
  const status = await new Promise<grpc.StatusObject>((resolve) => stream.once('status', resolve));
  assert.equal(status.code, grpc.status.OK);
  const other = streamOf(web, 'watch');
  other.on('error', () => undefined);
  other.write('a');
  await new Promise((resolve) => other.once('data', resolve));
  other.cancel();
  await cancelled;
  assert.equal(await called(web, 'who', 'still'), 'still from spiffe://test.internal/web');
});

test('a caller who is not allowed reaches no program', async (t) => {
  const { port, refusals } = await fronted(t);
  assert.match(await called(clientOf(t, port, 'cron'), 'who', 'hello'), /^(?:UNAVAILABLE|PERMISSION_DENIED)/);
  assert.equal(refusals[0]?.code, 'CS-PEER-007');
});
