import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { manualClock, type ManualClock } from '../../ground/clock/index.ts';
import { Refusal, type RefusalCode } from '../../ground/errors/index.ts';
import type { Certificate } from '../../identity/x509/index.ts';
import { AuthorityAnswer } from '../../runtime/api/index.ts';
import { generatePrivateKey } from '../../runtime/cryptography/index.ts';
import type { HeldCredential, RenewOptions } from '../enrollment/index.ts';
import { type Agent, type AgentEvent, startAgent } from './index.ts';
import { renewalMoment, retryPauseMs } from './renewal-schedule.ts';

const start = 1_800_000_000_000;
const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

let serials = 0;

/** What an agent looks at of a credential; no bytes of it are decoded here. */
function credential(receivedAt: number, lifeMs: number): HeldCredential {
  const raw = Uint8Array.of(++serials);
  const leaf = { raw, serialNumber: String(serials), notAfter: receivedAt + lifeMs } as Certificate;
  const root = { raw: Uint8Array.of(0) } as Certificate;
  const where = { trustDomain: 'dev.internal', authority: 'https://127.0.0.1:1', rootSha256: 'ab'.repeat(32) };
  const key = generatePrivateKey('P-256');
  return {
    privateKey: key,
    leaf,
    spiffeId: 'spiffe://dev.internal/web',
    intermediates: [],
    roots: [root],
    ...where,
    renewAfterExpirySeconds: 604_800,
    receivedAt,
  };
}

interface Scene {
  readonly clock: ManualClock;
  readonly agent: Agent;
  readonly events: AgentEvent[];
  readonly asked: RenewOptions[];
  /** What the authority does from now on. */
  fail(error: Error | undefined): void;
  /** Moves time on in steps and lets promises settle after each. */
  pass(ms: number, stepMs?: number): Promise<void>;
}

async function scene(t: TestContext, lifeMs: number, random: () => number = () => 0.5): Promise<Scene> {
  const clock = manualClock(start);
  const events: AgentEvent[] = [];
  const asked: RenewOptions[] = [];
  let failure: Error | undefined;
  const renew = async (options: RenewOptions): Promise<HeldCredential> => {
    asked.push(options);
    await Promise.resolve();
    if (failure !== undefined) throw failure;
    return { ...credential(clock.now(), lifeMs), privateKey: options.privateKey ?? options.held.privateKey };
  };
  const unexpected = (): never => assert.fail('nobody enrols here');
  const agent = await startAgent({
    held: credential(start, lifeMs),
    clock,
    random,
    onEvent: (event) => events.push(event),
    ask: { enroll: unexpected, enrollFolder: unexpected, renew },
  });
  t.after(() => agent.close());
  const pass = async (ms: number, stepMs: number = Math.max(1, ms / 100)): Promise<void> => {
    for (let passed = 0; passed < ms; passed += stepMs) {
      clock.advance(Math.min(stepMs, ms - passed));
      await settled();
    }
  };
  return { clock, agent, events, asked, pass, fail: (error) => (failure = error) };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function types(events: readonly AgentEvent[]): string[] {
  return events.map(({ type }) => type);
}

function away(): Refusal {
  return new Refusal('CS-NET-001', { address: 'https://127.0.0.1:1', reason: 'ECONNREFUSED' });
}

function said(code: 'CS-RENEW-002' | 'CS-RENEW-003'): Refusal {
  const evidence = { serial: '1', revokedAt: 'then', notAfter: 'then', until: 'then' };
  return new Refusal<RefusalCode>(code, evidence as never, { cause: new AuthorityAnswer(403) });
}

test('it renews at half of the remaining life and hands out the new credential', async (t) => {
  const { agent, events, pass, asked } = await scene(t, 10 * minute);
  const first = agent.credentials.current();
  const seen: unknown[] = [];
  agent.credentials.watch((value) => seen.push(value));
  await pass(5 * minute - second);
  assert.deepEqual(types(events), ['loaded']);
  await pass(second);
  assert.deepEqual(types(events), ['loaded', 'renewed']);
  assert.notEqual(agent.credentials.current(), first);
  assert.deepEqual(seen, [agent.credentials.current()]);
  await pass(10 * minute, second);
  assert.equal(asked.length, 3);
});

test('in memory every rotation has a new key', async (t) => {
  const { agent } = await scene(t, hour);
  const before = agent.held.privateKey;
  await agent.rotate();
  assert.notDeepEqual(agent.held.privateKey.publicKey.raw, before.publicKey.raw);
});

test('the moment of renewal is spread over a tenth to both sides', () => {
  const held = credential(start, day);
  assert.equal(
    renewalMoment(held, () => 0.5),
    start + day / 2,
  );
  assert.equal(
    renewalMoment(held, () => 0),
    start + 0.9 * (day / 2),
  );
  assert.ok(renewalMoment(held, () => 0.999_999) < start + 1.1 * (day / 2));
  assert.equal(
    renewalMoment(credential(start, -day), () => 0.5),
    start + 500,
  );
});

test('pauses after failures double, are spread, and have a floor and a ceiling', () => {
  for (const lifeMs of [0, 5 * second, hour, day, 7 * day]) {
    const held = credential(start, lifeMs);
    for (let failures = 1; failures < 2000; failures += 7) {
      for (const random of [0, 0.5, 0.999]) {
        const pauseMs = retryPauseMs(held, failures, () => random);
        assert.ok(pauseMs >= 125 && pauseMs <= 10 * minute, `${String(pauseMs)} ms`);
      }
    }
    assert.equal(
      retryPauseMs(held, 2, () => 1),
      2 * retryPauseMs(held, 1, () => 1),
    );
  }
});

test('an authority that is away is asked again, at ever longer intervals, until it is back', async (t) => {
  const { agent, events, pass, fail, asked } = await scene(t, day);
  const before = agent.credentials.current();
  fail(away());
  await pass(12 * hour);
  await pass(10 * hour, second);
  const failed = events.filter((event) => event.type === 'renewal-failed');
  assert.equal(failed.length, asked.length);
  assert.ok(failed.length > 60 && failed.length < 140, `${String(failed.length)} attempts in 10 hours`);
  assert.equal(agent.credentials.current(), before);
  fail(undefined);
  await pass(10 * minute, second);
  assert.equal(types(events).at(-1), 'renewed');
  assert.notEqual(agent.credentials.current(), before);
});

test('an expiry is told once, and the agent goes on and recovers', async (t) => {
  const { events, pass, fail } = await scene(t, minute);
  fail(away());
  await pass(10 * minute, second);
  assert.equal(types(events).filter((type) => type === 'expired').length, 1);
  fail(undefined);
  await pass(10 * second, second);
  assert.equal(types(events).at(-1), 'renewed');
  fail(away());
  await pass(10 * minute, second);
  assert.equal(types(events).filter((type) => type === 'expired').length, 2);
});

test('after a laptop slept through the expiry of everything it recovers within 30 seconds of waking', async (t) => {
  const { clock, events, pass } = await scene(t, day);
  await pass(minute, second);
  // Timers stand still while it sleeps; the wall clock does not.
  clock.setNow(clock.now() + 3 * day);
  await pass(30 * second, second);
  assert.deepEqual(types(events), ['loaded', 'renewed']);
});

test('a clock that is set back by a day does not stop the attempts after a failure', async (t) => {
  const { clock, events, pass, fail } = await scene(t, hour);
  fail(away());
  await pass(31 * minute, second);
  clock.setNow(clock.now() - day);
  fail(undefined);
  await pass(5 * minute, second);
  assert.equal(types(events).at(-1), 'renewed');
});

test('a revocation that the authority tells of stops it: one event, no further question', async (t) => {
  const { agent, events, pass, fail, asked } = await scene(t, hour);
  fail(said('CS-RENEW-002'));
  await pass(10 * hour, 10 * second);
  assert.deepEqual(types(events), ['loaded', 'revoked']);
  assert.equal(asked.length, 1);
  await assert.rejects(agent.rotate(), { code: 'CS-RENEW-002' });
  assert.equal(asked.length, 1);
});

test('it stops when it expired too long ago, and says so', async (t) => {
  const { events, pass, fail, asked } = await scene(t, hour);
  fail(said('CS-RENEW-003'));
  await pass(10 * hour, 10 * second);
  assert.deepEqual(types(events), ['loaded', 'lapsed']);
  assert.equal(asked.length, 1);
});

test('the same words from anybody else than the authority do not stop it', async (t) => {
  const { events, pass, fail, asked } = await scene(t, hour);
  fail(new Refusal('CS-PEER-008', { peer: 'the authority', serialNumber: '1', revokedAt: 'then' }));
  await pass(40 * minute, second);
  assert.ok(asked.length > 1);
  assert.ok(!types(events).includes('revoked'));
});

test('it rotates on demand, once for callers at the same time, and tells them of a failure', async (t) => {
  const { agent, asked, fail, events, pass } = await scene(t, hour);
  await Promise.all([agent.rotate(), agent.rotate()]);
  assert.equal(asked.length, 1);
  await pass(29 * minute, minute);
  assert.equal(asked.length, 1, 'half of the life counts from the new one');
  fail(away());
  await assert.rejects(agent.rotate(), { code: 'CS-NET-001' });
  assert.equal(types(events).at(-1), 'renewal-failed');
  fail(undefined);
  await pass(5 * minute, second);
  assert.equal(types(events).at(-1), 'renewed');
});

test('a closed agent asks for nothing more, leaves no timer, and says so', async (t) => {
  const { agent, clock, asked, pass } = await scene(t, hour);
  await agent.close();
  assert.equal(clock.pending, 0);
  await pass(day, hour);
  assert.equal(asked.length, 0);
  await assert.rejects(agent.rotate(), { code: 'CS-AGENT-004' });
});

test('two agents of one process know nothing of each other', async (t) => {
  const [one, two] = [await scene(t, hour), await scene(t, 10 * hour)];
  one.fail(away());
  await one.pass(hour, minute);
  await two.pass(6 * hour, 10 * minute);
  assert.ok(types(one.events).includes('renewal-failed'));
  assert.deepEqual(types(two.events), ['loaded', 'renewed']);
});

test('without a credential and without a token there is nothing to start from', async () => {
  await assert.rejects(startAgent({}), { code: 'CS-AGENT-001' });
});
