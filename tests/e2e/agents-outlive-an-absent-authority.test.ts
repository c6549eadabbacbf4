/** The authority is killed, every certificate runs out, the authority comes back: every agent recovers by itself. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { startAgent, type AgentEvent } from '../../packages/countersign/src/traffic/agent/index.ts';
import { loadCredential, renew } from '../../packages/countersign/src/traffic/enrollment/index.ts';
import { second, startAuthority, temporaryFolder, until, wait } from './authority-process.ts';

test('everything expired at once, then recovery, in memory and in files', async (t) => {
  const first = await startAuthority(t);
  const folder = join(await temporaryFolder(t), 'db');
  const events: AgentEvent[][] = [[], []];
  const life = { certificateLifeSeconds: 5 };
  const tokens = [await first.token(['web'], life), await first.token(['db'], life)];
  const places = [{}, { folder }];
  const agents = await Promise.all(
    places.map((place, index) =>
      startAgent({ ...place, token: tokens[index] ?? '', onEvent: (event) => events[index]?.push(event) }),
    ),
  );
  t.after(() => Promise.all(agents.map((agent) => agent.close())));
  const happened = (type: AgentEvent['type']) => (): boolean =>
    events.every((seen) => seen.some((event) => event.type === type));

  await until('a rotation of each', happened('renewed'));
  await first.stop('SIGKILL');
  await until('a failure of each', happened('renewal-failed'));
  await until('the expiry of each', happened('expired'));
  const attempts = events.map((seen) => seen.filter(({ type }) => type === 'renewal-failed').length);
  await wait(2 * second);
  for (const [index, seen] of events.entries()) {
    const more = seen.filter(({ type }) => type === 'renewal-failed').length - (attempts[index] ?? 0);
    assert.ok(more <= 8, `${more} attempts in two seconds are a loop`);
    seen.length = 0;
  }

  await startAuthority(t, { dir: first.dir, port: first.port });
  await until('recovery of each', happened('renewed'));
  for (const agent of agents) assert.ok(agent.held.leaf.notAfter > systemClock.now());
  assert.deepEqual((await loadCredential(folder))?.leaf.raw, agents[1]?.held.leaf.raw);
});

test('an authority that is away: a renewal ends by name well within 10 seconds', async (t) => {
  const authority = await startAuthority(t);
  const agent = await startAgent({ token: await authority.token(['web']) });
  t.after(() => agent.close());
  await authority.stop();
  const began = systemClock.monotonic();
  await assert.rejects(renew({ held: agent.held }), { code: 'CS-NET-001' });
  assert.ok(systemClock.monotonic() - began < 9 * second);
  await assert.rejects(agent.rotate(), { code: 'CS-NET-001' });
});
