/** An OpenTelemetry collector of the official parts takes our traces and our audit log, and understands each field of them. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startAuthority, temporaryFolder, type Event, type Folder } from '../e2e/command.ts';
import { countersign } from '../e2e/here.ts';
import { startPeer, type RunningPeer } from './peers.ts';

/** On PATH, or in `~/go/bin`, as `go build -o ~/go/bin/otelcol .` in peers/collector puts it. */
const otelcol = ['otelcol', join(homedir(), 'go/bin/otelcol')].find(
  (path) => spawnSync(path, ['--version']).status === 0,
);

function absent(): string | false {
  if (otelcol !== undefined) return false;
  const reason = 'otelcol is not installed: nothing was shown of a collector that receives traces and the audit log';
  process.stderr.write(`SKIPPED: ${reason}\n`);
  return reason;
}

const skip = absent();

const collectorSettings = `
receivers:
  otlp: { protocols: { http: { endpoint: '127.0.0.1:0' } } }
exporters:
  debug: { verbosity: detailed }
service:
  telemetry: { metrics: { level: none } }
  pipelines:
    traces: { receivers: [otlp], exporters: [debug] }
    logs: { receivers: [otlp], exporters: [debug] }
`;

let folder: Folder;
let collector: RunningPeer;

before(async () => {
  folder = await temporaryFolder();
  if (skip !== false) return;
  await writeFile(folder.in('collector.yaml'), collectorSettings);
  const listening = /Starting HTTP server.*"endpoint": "127\.0\.0\.1:(\d+)"/;
  collector = await startPeer(otelcol ?? '', ['--config', folder.in('collector.yaml')], listening);
});
after(async () => {
  if (skip === false) await collector.stop();
  await folder.remove();
});

const endpoint = (): string => `http://127.0.0.1:${collector.port}`;

/** As the debug exporter prints them. */
const spans = (): string[] =>
  collector
    .said()
    .split(/^(?=Span #\d+$)/m)
    .filter((part) => part.startsWith('Span #'));

function field(span: string, name: string): string | undefined {
  return new RegExp(`^ +${name} *: ?(.*)$`, 'm').exec(span)?.[1]?.trim();
}

function spanCalled(name: string): string {
  const found = spans().find((span) => field(span, 'Name') === name);
  return found ?? assert.fail(`no span ${name}`);
}

test('traces: an enrolment with all its parts, in one trace', { skip }, async () => {
  await writeFile(folder.in('authority.yaml'), `telemetry:\n  otlp: { endpoint: '${endpoint()}', sample: 1 }\n`);
  const dir = folder.in('state');
  const authority = await startAuthority(dir, { config: folder.in('authority.yaml') });
  const issued = await countersign(['issue', 'web.dev.internal', '--dir', dir, '--out', folder.in('web'), '--json']);
  assert.equal(issued.status, 0, issued.err);
  const { err } = await authority.stop();
  assert.doesNotMatch(err, /sending traces/);
  await collector.heard(/Name +: POST \/v1\/enroll\n/);
  const request = spanCalled('POST /v1/enroll');
  assert.equal(field(request, 'Kind'), 'Server');
  assert.match(request, /http\.response\.status_code: Int\(200\)/);
  const issue = spans().find((span) => field(span, 'Parent ID') === field(request, 'ID')) ?? '';
  assert.equal(field(issue, 'Name'), 'issue');
  const parts = spans().filter((span) => field(span, 'Parent ID') === field(issue, 'ID'));
  assert.deepEqual(parts.map((span) => field(span, 'Name')).sort(), ['intent', 'sign', 'store']);
  for (const span of parts) assert.equal(field(span, 'Trace ID'), field(request, 'Trace ID'));
});

test('the audit log: each entry with its hash, and nothing lost', { skip }, async () => {
  const dir = folder.in('audited');
  const authority = await startAuthority(dir);
  try {
    const given = await countersign(['issue', 'web.dev.internal', '--dir', dir, '--out', folder.in('audited-web')]);
    assert.equal(given.status, 0, given.err);
    const lines = await countersign(['authority', 'audit', 'export', '--dir', dir]);
    const entries = lines.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Event);
    const sent = await countersign([
      ...['authority', 'audit', 'export', '--dir', dir, '--format', 'otlp', '--to', endpoint(), '--json'],
    ]);
    assert.equal(sent.status, 0, sent.err);
    assert.ok(entries.length > 3);
    for (const entry of entries) {
      await collector.heard(new RegExp(`-> countersign\\.audit\\.hash: Str\\(${String(entry['hash'])}\\)`));
      // The collector's words for what the field is: anything else would have been taken as another.
      await collector.heard(new RegExp(`^EventName: countersign\\.audit\\.${String(entry['action'])}$`, 'm'));
      assert.ok(collector.said().includes(`Body: Str(${JSON.stringify(entry)})`), 'the line as it is exported');
    }
    assert.match(collector.said(), /SeverityNumber: Info\(9\)/);
    assert.match(collector.said(), /countersign\.audit\.sequence: Int\(1\)/);
    assert.match(collector.said(), /countersign\.audit\.profiles: Slice\(\["service"\]\)/);
  } finally {
    await authority.stop();
  }
});
