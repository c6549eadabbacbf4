/** Two services, each opened in one call, authenticate each other; a revocation closes the live connection between them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { request } from 'undici';
import { spiffeId } from '../../packages/countersign/src/identity/authorization/index.ts';
import { peerOf } from '../../packages/countersign/src/runtime/tls/index.ts';
import { openWorkload } from '../../packages/countersign/src/traffic/agent/index.ts';
import { startAuthority, until } from './authority-process.ts';

test('two workloads call each other, rotate in between, and a revocation ends it', async (t) => {
  const authority = await startAuthority(t);
  const web = await openWorkload({ token: await authority.token(['web']) });
  const db = await openWorkload({ token: await authority.token(['db']) });
  t.after(() => Promise.all([web.close({ graceMs: 0 }), db.close({ graceMs: 0 })]));
  const server = db.createServer(spiffeId('spiffe://dev.internal/web'), (message, response) => {
    response.end(`hello ${String(peerOf(message).spiffeId)}`);
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const dispatcher = web.dispatcher(spiffeId('spiffe://dev.internal/db'));
  const call = async (): Promise<string> => {
    const answer = await request(`https://127.0.0.1:${port}/`, { dispatcher });
    assert.equal(answer.statusCode, 200);
    return answer.body.text();
  };
  assert.equal(await call(), 'hello spiffe://dev.internal/web');
  await Promise.all([web.agent.rotate(), db.agent.rotate()]);
  assert.equal(await call(), 'hello spiffe://dev.internal/web');

  const wrong = web.dispatcher(spiffeId('spiffe://dev.internal/payments'));
  await assert.rejects(request(`https://127.0.0.1:${port}/`, { dispatcher: wrong }), { code: 'CS-PEER-007' });

  const { enforced, of } = await authority.local.revoke({ name: 'web' });
  assert.equal(enforced, of);
  await until('the closed connection', () => db.trust.closedTotal > 0);
  await assert.rejects(call());
});

test('a workload that was closed is not waited for; one that was not is', async (t) => {
  const authority = await startAuthority(t);
  const [gone, stays] = await Promise.all(
    ['gone', 'stays'].map(async (name) => openWorkload({ token: await authority.token([name]) })),
  );
  assert.ok(gone && stays);
  t.after(() => stays.close({ graceMs: 0 }));
  await authority.token(['somebody']).then(async (token) => (await openWorkload({ token })).close({ graceMs: 0 }));
  await gone.close({ graceMs: 0 });
  const { enforced, of, unreachable } = await authority.local.revoke({ name: 'somebody' });
  assert.deepEqual({ enforced, of, unreachable }, { enforced: 1, of: 1, unreachable: [] });
});
