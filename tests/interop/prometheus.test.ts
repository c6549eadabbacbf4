/** Prometheus' own tool reads what `/metrics` says in both of its formats, and finds nothing to complain about. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { event, start, temporaryFolder, type Folder } from '../e2e/command.ts';
import { countersign } from '../e2e/here.ts';
import { run } from './peers.ts';

/** On PATH, or where `go install` puts it. */
const promtool = ['promtool', join(homedir(), 'go/bin/promtool')].find(
  (path) => spawnSync(path, ['--version']).status === 0,
);

function absent(): string | false {
  if (promtool !== undefined) return false;
  const reason = 'promtool is not installed: nothing was shown of how Prometheus reads our metrics';
  process.stderr.write(`SKIPPED: ${reason}\n`);
  return reason;
}

const skip = absent();

let folder: Folder;
let url = '';
let end = (): void => undefined;

before(async () => {
  folder = await temporaryFolder();
  if (skip !== false) return;
  await writeFile(folder.in('authority.yaml'), 'telemetry:\n  listen: 127.0.0.1:0\n');
  const dir = folder.in('state');
  const settings = ['--config', folder.in('authority.yaml')];
  const child = start(['up', '--dir', dir, '--listen', '127.0.0.1:0', '--json', ...settings]);
  end = () => void child.kill('SIGTERM');
  const ready = await event(child, 'ready');
  url = `${String(ready['telemetry'])}/metrics`;
  // Something of each kind: certificates, refusals, requests, a revocation.
  const issued = await countersign(['issue', 'web.dev.internal', '--dir', dir, '--out', folder.in('web'), '--json']);
  assert.equal(issued.status, 0, issued.err);
  await countersign(['revoke', 'web.dev.internal', '--dir', dir]);
  await countersign(['token', 'web.elsewhere', '--dir', dir]);
});
after(async () => {
  end();
  await folder.remove();
});

async function scraped(accept: string): Promise<string> {
  const answer = await fetch(url, { headers: { accept } });
  assert.equal(answer.status, 200);
  return answer.text();
}

test('text format 0.0.4: parsed, and nothing to complain about', { skip }, async () => {
  const text = await scraped('text/plain; version=0.0.4');
  const { status, out, err } = await run(promtool ?? '', ['check', 'metrics'], text);
  assert.deepEqual([out, err, status], ['', '', 0]);
  const spoilt = await run(promtool ?? '', ['check', 'metrics'], text.replace(/^# HELP .*\n/m, ''));
  assert.notEqual(spoilt.status, 0, 'it would have said so');
});

/** `tsdb create-blocks-from openmetrics` reads by Prometheus' OpenMetrics parser; it wants a time at each sample, which an exposition need not have. */
test('OpenMetrics 1.0: parsed, and each sample arrives', { skip }, async () => {
  const text = await scraped('application/openmetrics-text; version=1.0.0');
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const timed = text.replace(/^([^#\n].*)$/gm, '$1 1700000000.000');
  await writeFile(folder.in('metrics.txt'), timed);
  const blocks = ['tsdb', 'create-blocks-from', 'openmetrics', folder.in('metrics.txt'), folder.in('blocks')];
  const made = await run(promtool ?? '', blocks);
  assert.equal(made.status, 0, made.err);
  // A database that ran has one.
  await mkdir(folder.in('blocks', 'wal'));
  const dumped = await run(promtool ?? '', ['tsdb', 'dump', folder.in('blocks')]);
  assert.equal(dumped.out.trim().split('\n').length, samples.length, dumped.err);
});
