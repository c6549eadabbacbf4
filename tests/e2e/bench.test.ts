/** `bench`: load against a server of mutual TLS, as events, as text, interrupted, and refused. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { ended, event, sharedScene, start } from './command.ts';
import { countersign } from './here.ts';

const scene = sharedScene();

/** The authority's own listener is a server of mutual TLS, and its roots are for everybody to ask for. */
const asking = (path: string, ...more: string[]): string[] => [
  'bench',
  new URL(scene.authority.url).host,
  '--as',
  'web',
  '--dir',
  scene.authority.dir,
  '--path',
  path,
  ...more,
];
const bench = (...more: string[]): string[] => asking('/v1/roots', ...more);

/** Where the private folders are made. */
const env = (): Record<string, string> => ({ TMPDIR: scene.folder.path });
const leftBehind = async (): Promise<string[]> =>
  (await readdir(scene.folder.path)).filter((name) => name.startsWith('countersign-run-'));

test('--json: progress each second, then the result with percentiles and the CPU time of the server', async () => {
  const { pid } = scene.authority;
  const asked = bench('--json', '--duration', '1500ms', '--connections', '4', '--cpu-of', String(pid));
  const { status, events, result, err } = await countersign(asked, { env: env() });
  assert.equal(status, 0, err);
  const progress = events.slice(0, -1);
  assert.ok(progress.length >= 1 && progress.every((one) => one['event'] === 'progress'), JSON.stringify(events));
  assert.equal(result['event'], 'result');
  assert.equal(result['load'], 'handshakes');
  assert.equal(result['failed'], 0);
  assert.deepEqual(result['failures'], {});
  assert.ok(Number(result['operations']) > 20);
  const { p50, p90, p99, p999, max } = result['latencyMs'] as Record<string, number>;
  const inOrder = [p50, p90, p99, p999, max].map(Number);
  assert.deepEqual(
    inOrder,
    inOrder.toSorted((a, b) => a - b),
  );
  assert.ok(inOrder[0]! > 0);
  assert.ok(Number(result['cpuUsPerOperation']) > 100);
  assert.deepEqual(await leftBehind(), []);
});

test('text: figures and a picture within 80 columns', async () => {
  const asked = bench('--load', 'requests', '--rate', '200', '--duration', '1s', '--connections', '2');
  const { status, out, err } = await countersign(asked, { env: env() });
  assert.equal(status, 0, err);
  assert.match(
    out,
    /^ 127\.0\.0\.1:\d+\n {3}load +requests over HTTP\/1\.1, 2 connections, 200 a second by the clock$/m,
  );
  assert.match(out, /^ {3}done +200 in \d+\.\d s: \d+ a second$/m);
  assert.match(out, /^ {3}latency +p50 [\d.]+ {3}p90 [\d.]+ {3}p99 [\d.]+ {3}p99\.9 [\d.]+ {3}max [\d.]+ {3}ms$/m);
  assert.match(out, /^ +< [\d.]+ ms {2}#+ \d+$/m);
  for (const line of out.split('\n')) assert.ok(line.length <= 80, line);
});

test('an interrupt ends the load, tells what there is, and leaves no key', async () => {
  const child = start(bench('--json', '--duration', '60s'), { env: env() });
  const end = ended(child);
  await event(child, 'progress');
  child.kill('SIGINT');
  const { status, result } = await end;
  assert.equal(status, 130);
  assert.equal(result['event'], 'result');
  assert.ok(Number(result['operations']) > 0);
  assert.deepEqual(await leftBehind(), []);
});

test('what cannot succeed is refused before the load, and what fails in it ends with 1', async () => {
  const absent = await countersign(asking('/absent', '--json'), { env: env() });
  assert.deepEqual([absent.status, absent.result['code']], [3, 'CS-LOAD-001'], absent.err);
  assert.deepEqual((absent.result['evidence'] as Record<string, unknown>)['reason'], 'HTTP 404');
  const nobody = await countersign(['bench', '127.0.0.1:1', '--json', '--plain'], { env: env() });
  assert.deepEqual([nobody.status, nobody.result['code']], [3, 'CS-LOAD-001'], nobody.err);
  const other = await countersign(bench('--json', '--server', 'other.internal'), { env: env() });
  assert.deepEqual([other.status, other.result['code']], [1, 'CS-PEER-007'], other.err);
  let answers = 0;
  const failing = createServer((_, response) => void response.writeHead((answers += 1) > 5 ? 503 : 200).end());
  await new Promise<void>((resolve) => failing.listen(0, '127.0.0.1', resolve));
  const { port } = failing.address() as AddressInfo;
  const plain = ['bench', `127.0.0.1:${port}`, '--json', '--plain', '--load', 'requests', '--operations', '20'];
  const failed = await countersign(plain);
  failing.close().closeAllConnections();
  assert.equal(failed.status, 1, failed.err);
  assert.deepEqual([failed.result['operations'], failed.result['failures']], [4, { 'HTTP 503': 16 }]);
});

test('what is typed wrongly is named before anything is done', async () => {
  const cases: readonly (readonly [string[], string])[] = [
    [bench('--json', '--rate', '0'), 'CS-USAGE-003'],
    [bench('--json', '--connections', '1e3'), 'CS-USAGE-003'],
    [asking('/a b', '--json'), 'CS-USAGE-003'],
    [bench('--json', '--plain'), 'CS-USAGE-006'],
    [['bench', 'localhost:1', '--json'], 'CS-USAGE-004'],
  ];
  const answers = await Promise.all(cases.map(([typed]) => countersign(typed)));
  assert.deepEqual(
    answers.map(({ status, result }) => [status, result['code']]),
    cases.map(([, code]) => [2, code]),
  );
});
