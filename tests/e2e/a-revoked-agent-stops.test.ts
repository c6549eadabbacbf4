/** An agent whose certificate was revoked says so once and asks no more. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startAgent, type AgentEvent } from '../../packages/countersign/src/traffic/agent/index.ts';
import { second, startAuthority, until, wait } from './authority-process.ts';

test('revoked: one event, then silence', async (t) => {
  const authority = await startAuthority(t);
  const events: AgentEvent[] = [];
  const token = await authority.token(['web'], { certificateLifeSeconds: 5 });
  const agent = await startAgent({ token, onEvent: (event) => events.push(event) });
  t.after(() => agent.close());
  await authority.local.revoke({ name: 'web' });
  await until('the event', () => events.some(({ type }) => type === 'revoked'));
  const told = events.length;
  await wait(3 * second);
  assert.equal(events.length, told);
  await assert.rejects(agent.rotate());
});
