/** The listener for who looks on: metrics, life, readiness; who gets no answer, and what an answer does not tell. */
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import type { TelemetrySettings } from '../../packages/countersign/src/issuing/server/index.ts';
import { fixedSource } from '../../packages/countersign/src/runtime/tls/index.ts';
import { noTracing, otlpTracing } from '../../packages/countersign/src/runtime/telemetry/index.ts';
import { ask, type HouseOptions, presented, type ServerHouse, startHouse } from './server-house.ts';

function withTelemetry(t: TestContext, telemetry: TelemetrySettings, more: HouseOptions = {}): Promise<ServerHouse> {
  return startHouse(t, { settings: fixedSource({ telemetry }), tracing: noTracing, ...more });
}

const anyPort = '127.0.0.1:0';

interface Got {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

function get(url: string, path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Got> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(new URL(path, url), { method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += part));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', text }),
      );
    });
    request.on('error', reject);
    request.end();
  });
}

const value = (text: string, series: string): number =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.slice(series.length + 1) ?? NaN,
  );

test('it is off where nobody asked for it', async (t) => {
  assert.equal((await startHouse(t)).server.telemetryUrl, undefined);
});

test('metrics tell what happened: issued, refused, requests, stages, the state of the store', async (t) => {
  const house = await withTelemetry(t, { listen: anyPort });
  const url = house.server.telemetryUrl ?? '';
  const held = await house.service('web');
  const root = encodePem('CERTIFICATE', held.roots[0]!.raw);
  await ask(house.server.url, root, { path: '/v1/whoami' });
  await ask(house.server.url, root, { path: '/v1/whoami', as: presented(held) });
  await ask(house.server.url, root, { path: '/no/such/thing/cs1_abc' });
  await house.local.revoke({ serial: held.leaf.serialNumber });
  const { text, type } = await get(url, '/metrics');
  assert.equal(type, 'text/plain; version=0.0.4; charset=utf-8');
  const expected: Record<string, number> = {
    countersign_ready: 1,
    'countersign_certificates_issued_total{profile="service",way="enrolled"}': 1,
    'countersign_certificates_issued_total{profile="authority-server",way="own"}': 1,
    'countersign_refusals_total{code="CS-ACCESS-001"}': 1,
    'countersign_refusals_total{code="CS-ACCESS-004"}': 1,
    'countersign_http_requests_total{route="GET /v1/whoami",status="200"}': 1,
    'countersign_http_requests_total{route="GET /v1/whoami",status="401"}': 1,
    'countersign_http_requests_total{route="other",status="404"}': 1,
    'countersign_http_request_duration_seconds_count{route="POST /v1/enroll"}': 1,
    countersign_issue_queue_depth: 0,
    'countersign_certificates{state="valid"}': 2,
    'countersign_certificates{state="revoked"}': 1,
    countersign_feed_number: 1,
    'countersign_feed_endpoints{state="subscribed"}': 0,
    countersign_revocation_exposure_seconds: 0,
  };
  const found = Object.fromEntries(Object.keys(expected).map((series) => [series, value(text, series)]));
  assert.deepEqual(found, expected);
  for (const stage of ['intent', 'sign', 'store'])
    assert.ok(value(text, `countersign_issue_stage_duration_seconds_count{stage="${stage}"}`) >= 2);
  assert.ok(value(text, 'countersign_tls_handshakes_total{outcome="ok"}') >= 4);
  assert.ok(value(text, 'countersign_certificate_expires_seconds{certificate="issuer"}') > 0);
  for (const secret of ['web', held.leaf.serialNumber, '127.0.0.1', 'cs1_']) assert.ok(!text.includes(secret), secret);
});

test('the same on the local socket, in the form that is asked for', async (t) => {
  const house = await startHouse(t);
  const answer = await new Promise<Got>((resolve, reject) => {
    const request = httpRequest(
      {
        socketPath: join(house.dir, 'authority.sock'),
        path: '/v1/metrics',
        headers: { accept: 'application/openmetrics-text; version=1.0.0' },
      },
      (response) => {
        let text = '';
        response.on('data', (part: Buffer) => (text += part.toString()));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', text }),
        );
      },
    );
    request.on('error', reject);
    request.end();
  });
  assert.equal(answer.status, 200);
  assert.match(answer.type, /^application\/openmetrics-text/);
  assert.ok(answer.text.endsWith('# EOF\n'));
});

test('health is a word, for whoever asks; nothing else is there', async (t) => {
  const house = await withTelemetry(t, { listen: anyPort });
  const url = house.server.telemetryUrl ?? '';
  assert.deepEqual(await get(url, '/healthz').then(({ status, text }) => [status, text]), [200, 'ok\n']);
  assert.deepEqual(await get(url, '/readyz').then(({ status, text }) => [status, text]), [200, 'ready\n']);
  assert.equal((await get(url, '/readyz', {}, 'HEAD')).status, 200);
  for (const path of ['/', '/v1/status', '/v1/tokens', '/metrics/', '/%6detrics'])
    assert.equal((await get(url, path)).status, 404, path);
  for (const method of ['POST', 'PUT', 'DELETE']) assert.equal((await get(url, '/metrics', {}, method)).status, 405);
  for (const host of ['evil.example', 'localhost.evil.example'])
    assert.equal((await get(url, '/metrics', { host })).status, 421, host);
  assert.equal((await get(url, '/metrics', { host: 'localhost:9464' })).status, 200);
});

test('it is not ready where nothing can be written, and says to nobody but its owner why', async (t) => {
  const house = await withTelemetry(t, { listen: anyPort });
  const url = house.server.telemetryUrl ?? '';
  await house.store.close();
  const { status, text } = await get(url, '/readyz');
  assert.deepEqual([status, text], [503, 'not ready\n']);
  const told = await house.local.status();
  assert.equal(told.ready, false);
  assert.equal(told.reasons?.[0]?.code, 'CS-STORE-002');
  assert.equal(told.certificates, undefined);
  assert.equal(value((await get(url, '/metrics')).text, 'countersign_ready'), 0);
});

test('a clock behind what was issued is a reason, and told as one', async (t) => {
  let behindMs = 0;
  const clock = { ...systemClock, now: () => systemClock.now() - behindMs };
  const house = await withTelemetry(t, { listen: anyPort }, { clock });
  behindMs = 120_000;
  const { ready, reasons } = await house.local.status();
  assert.equal(ready, false);
  assert.deepEqual(
    reasons?.map(({ code }) => code),
    ['CS-AUTHORITY-002'],
  );
});

test('a plain listener that others could reach is refused, unless it is spelled out', async (t) => {
  const everywhere = '0.0.0.0:0';
  await assert.rejects(withTelemetry(t, { listen: everywhere }), { code: 'CS-TELEMETRY-001' });
  const house = await withTelemetry(t, { listen: everywhere, plainHttpBeyondLoopback: true });
  assert.match(house.server.telemetryUrl ?? '', /^http:\/\/0\.0\.0\.0:/);
});

test('over mutual TLS only the peers that are named get an answer', async (t) => {
  const peers = ['spiffe://dev.internal/prometheus'];
  const house = await withTelemetry(t, { listen: '0.0.0.0:0', peers });
  const url = (house.server.telemetryUrl ?? '').replace('0.0.0.0', '127.0.0.1');
  assert.match(url, /^https:/);
  const [scraper, other] = [await house.service('prometheus'), await house.service('web')];
  const root = encodePem('CERTIFICATE', scraper.roots[0]!.raw);
  const answer = await ask(url, root, { path: '/metrics', as: presented(scraper) });
  assert.equal(answer.status, 200);
  assert.match(answer.text, /^# HELP countersign_build_info/);
  const refused = await ask(url, root, { path: '/metrics', as: presented(other) }).catch(() => undefined);
  assert.notEqual(refused?.status, 200);
  const stranger = await ask(url, root, { path: '/metrics' }).catch(() => undefined);
  assert.notEqual(stranger?.status, 200);
  await house.local.revoke({ serial: scraper.leaf.serialNumber });
  const revoked = await ask(url, root, { path: '/metrics', as: presented(scraper) }).catch(() => undefined);
  assert.notEqual(revoked?.status, 200);
});

test("an enrolment is a trace: the caller's, with what was done for it below", async (t) => {
  interface Sent {
    readonly name: string;
    readonly traceId: string;
    readonly spanId: string;
    readonly parentSpanId?: string;
  }
  const spans: Sent[] = [];
  const tracing = otlpTracing({
    clock: systemClock,
    resource: {},
    send: async (body) => {
      const sent = JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: Sent[] }[] }[] };
      spans.push(...sent.resourceSpans.flatMap((one) => one.scopeSpans.flatMap((scope) => scope.spans)));
      for (const secret of ['cs1_', 'web', 'BEGIN']) assert.ok(!body.includes(secret), secret);
    },
  });
  const house = await startHouse(t, { tracing });
  await house.service('web');
  const traceId = 'ab'.repeat(16);
  const held = await house.service('orders');
  const root = encodePem('CERTIFICATE', held.roots[0]!.raw);
  const headers = { traceparent: `00-${traceId}-${'cd'.repeat(8)}-01` };
  await ask(house.server.url, root, { path: '/v1/whoami', as: presented(held), headers });
  await tracing.close();
  const enrolled = spans.find(({ name }) => name === 'POST /v1/enroll');
  const issue = spans.find(({ parentSpanId }) => parentSpanId === enrolled?.spanId);
  const stages = spans.filter(({ parentSpanId }) => parentSpanId === issue?.spanId).map(({ name }) => name);
  assert.deepEqual([issue?.name, issue?.traceId, stages], ['issue', enrolled?.traceId, ['intent', 'sign', 'store']]);
  const asked = spans.find(({ name }) => name === 'GET /v1/whoami');
  assert.deepEqual([asked?.traceId, asked?.parentSpanId], [traceId, 'cd'.repeat(8)]);
});
