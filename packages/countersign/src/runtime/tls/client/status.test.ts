/** Clients that ask for a server's status: the staple reaches the check, and nothing is sent before it is known. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { request } from 'undici';
import { systemClock } from '../../../ground/clock/index.ts';
import { allowAnyPeer } from '../../../identity/authorization/index.ts';
import { withoutRevocation } from '../../../identity/revocation/index.ts';
import { goodForEver, notKnown, revokedByList, TestAuthority, ToldCheck } from '../../../surfaces/testing/index.ts';
import { connect, createDispatcher, createServer, fixedSource, type MutualClientOptions, Trust } from '../index.ts';

const authority = new TestAuthority();
const clock = systemClock;
const [host, policy] = ['127.0.0.1', allowAnyPeer()];
const orders = authority.issue('orders');
const staple = authority.ocspResponse(orders);

function trustWith(...statusChecks: readonly ToldCheck[]): Trust {
  const [bundles, revocations] = [fixedSource(authority.bundles()), fixedSource(withoutRevocation)];
  return new Trust({ bundles, revocations, clock, statusChecks });
}

interface Serving {
  readonly port: number;
  readonly asked: () => number;
}

async function serve(t: TestContext, stapled: boolean): Promise<Serving> {
  let count = 0;
  const credentials = fixedSource(orders);
  const source = fixedSource<Uint8Array | undefined>(staple);
  const options = { trust: trustWith(), credentials, clock, ...(stapled ? { staple: source } : {}) };
  const server = createServer(policy, { ...options, minVersion: 'TLSv1.2' }, (_asked, response) => {
    count++;
    response.end('hello');
  });
  t.after(() => server.close({ graceMs: 0 }));
  return { port: (await server.listen({ host, port: 0 })).port, asked: () => count };
}

function clientOf(check: ToldCheck, more: Partial<MutualClientOptions> = {}): MutualClientOptions & { trust: Trust } {
  return { credentials: fixedSource(authority.issue('web')), clock, ...more, trust: trustWith(check) };
}

test('the staple is part of the question, on the connection and when it is asked again', async (t) => {
  const { port } = await serve(t, true);
  const staples: (Uint8Array | undefined)[] = [];
  const check = new ToldCheck((question) => {
    staples.push(question.staple);
    return question.staple === undefined ? notKnown : goodForEver;
  });
  const options = clientOf(check);
  for (const times of [1, 2]) {
    const { socket } = await connect(policy, { ...options, host, port });
    assert.equal(check.asked, 1, `a known server, connection ${String(times)}`);
    if (times === 2) {
      check.tell(({ staple: again }) => (again === undefined ? notKnown : goodForEver), { kind: 'everything' });
      await options.trust.settled();
      assert.equal(options.trust.connections.size, 2);
    }
    t.after(() => socket.destroy());
  }
  assert.deepEqual(
    new Set(staples.map((one) => one && Buffer.from(one).toString('hex'))),
    new Set([Buffer.from(staple).toString('hex')]),
  );
});

test('nothing is sent while the status is fetched; then the request goes out, or nothing ever does', async (t) => {
  for (const [told, outcome] of [
    [goodForEver, 200],
    [revokedByList('01'), 'CS-PEER-008'],
    [notKnown, 'CS-PEER-021'],
  ] as const) {
    const { port, asked } = await serve(t, false);
    const [begun, answered] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const check = new ToldCheck(() => notKnown);
    check.fetching = () => {
      begun.resolve(undefined);
      return answered.promise;
    };
    const dispatcher = createDispatcher(policy, clientOf(check));
    t.after(() => dispatcher.destroy());
    const answering = request(`https://${host}:${String(port)}/`, { dispatcher }).then(
      ({ statusCode }) => statusCode,
      (error: unknown) => (error as { code: string }).code,
    );
    await begun.promise;
    assert.equal(asked(), 0);
    check.tell(() => told);
    answered.resolve(undefined);
    assert.equal(await answering, outcome);
    assert.equal(asked(), outcome === 200 ? 1 : 0);
  }
});

test('the time of the attempt bounds the waiting, and the signal says so to whoever fetches', async (t) => {
  const { port } = await serve(t, false);
  const signals: AbortSignal[] = [];
  const check = new ToldCheck(() => notKnown);
  check.fetching = (_question, signal) => {
    signals.push(signal);
    return new Promise(() => undefined);
  };
  const options = clientOf(check, { timeoutMs: 300 });
  await assert.rejects(connect(policy, { ...options, host, port }), { code: 'CS-PEER-021' });
  assert.ok(signals[0]?.aborted);
  assert.equal(options.trust.connections.size, 0);
});
