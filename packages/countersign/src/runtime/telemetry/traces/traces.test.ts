import assert from 'node:assert/strict';
import { test } from 'node:test';

import { manualClock } from '../../../ground/clock/index.ts';
import { otlpTracing, type OtlpTracingOptions } from './otlp-tracing.ts';
import { parseTraceParent } from './traceparent.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const parentId = '00f067aa0ba902b7';

interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code?: number; readonly message?: string };
}

function collector(over: Partial<OtlpTracingOptions> = {}): {
  spans: SentSpan[];
  options: OtlpTracingOptions;
  clock: ReturnType<typeof manualClock>;
} {
  const spans: SentSpan[] = [];
  const clock = manualClock(1_700_000_000_000);
  const send = async (body: string): Promise<void> => {
    const { resourceSpans } = JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: SentSpan[] }[] }[] };
    spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
  };
  return { spans, clock, options: { clock, send, resource: { 'service.name': 'test' }, ...over } };
}

test('a trace parent is read as W3C Trace Context has it, and ignored otherwise', () => {
  const good = `00-${traceId}-${parentId}-01`;
  assert.deepEqual(parseTraceParent(good), { traceId, spanId: parentId, sampled: true });
  assert.equal(parseTraceParent(`01-${traceId}-${parentId}-00-and-more`)?.sampled, false);
  for (const bad of [
    undefined,
    '',
    `ff-${traceId}-${parentId}-01`,
    `${good}-more`,
    `00-${traceId.toUpperCase()}-${parentId}-01`,
    `00-${'0'.repeat(32)}-${parentId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `${good}\n`,
  ])
    assert.equal(parseTraceParent(bad), undefined, bad);
});

test("spans belong to the caller's trace and to each other, with their times and refusals", async () => {
  const { spans, options, clock } = collector();
  const tracing = otlpTracing(options);
  const request = tracing.start('POST /v1/enroll', { kind: 'server', traceparent: `00-${traceId}-${parentId}-01` });
  await tracing.within(request, async () => {
    await Promise.resolve();
    assert.equal(tracing.current, request);
    clock.advance(5);
    const issue = tracing.start('issue', { parent: tracing.current });
    clock.advance(10);
    issue.end();
  });
  request.fail('CS-TOKEN-002');
  request.end();
  request.end();
  await tracing.close();
  const [issue, server] = spans;
  assert.equal(spans.length, 2, 'ended twice, it is told once');
  assert.deepEqual([server?.traceId, server?.parentSpanId, issue?.parentSpanId], [traceId, parentId, server?.spanId]);
  assert.deepEqual(server?.status, { code: 2, message: 'CS-TOKEN-002' });
  assert.equal(issue?.startTimeUnixNano, '1700000000005000000');
  assert.equal(BigInt(issue.endTimeUnixNano) - BigInt(issue.startTimeUnixNano), 10_000_000n);
});

test('what is sampled is decided by the trace, and "not sampled" of a caller is taken', async () => {
  const { spans, options } = collector({ sample: 0 });
  const none = otlpTracing(options);
  none.start('a').end();
  await none.close();
  const { spans: others, options: all } = collector();
  const tracing = otlpTracing(all);
  const span = tracing.start('b', { traceparent: `00-${traceId}-${parentId}-00` });
  assert.equal(span.recording, false);
  span.end();
  await tracing.close();
  assert.deepEqual([spans, others], [[], []]);
});

test('a collector that is away costs no memory: what waits is bounded, what is lost is counted, and it is said once', async () => {
  let lost = 0;
  const failures: string[] = [];
  const { options } = collector({
    send: () => Promise.reject(new Error('connect ECONNREFUSED')),
    onLost: (count) => (lost += count),
    onFailure: (why) => failures.push(why),
  });
  const tracing = otlpTracing(options);
  for (let count = 0; count < 10_000; count++) tracing.start('x').end();
  await tracing.close();
  assert.equal(lost, 10_000);
  assert.deepEqual(failures, ['connect ECONNREFUSED']);
});

test('spans are sent after a while, without being asked', async () => {
  const { spans, options, clock } = collector();
  const tracing = otlpTracing(options);
  tracing.start('x').end();
  assert.equal(spans.length, 0);
  clock.advance(5_000);
  await Promise.resolve();
  await Promise.resolve();
  assert.equal(spans.length, 1);
});
