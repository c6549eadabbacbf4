import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  appendFile,
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { manualClock, systemClock } from '../../../ground/clock/index.ts';
import { encodePem } from '../../../ground/encoding/index.ts';
import type { Refusal } from '../../../ground/errors/index.ts';
import { type AuditEntry, entryHash } from '../../../runtime/audit/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import { checkText } from '../configuration/check-configuration.ts';
import type { LoadedConfiguration } from '../configuration/load-configuration.ts';
import { Gateway } from '../gateway.ts';
import type { AccessRecord } from '../serving/access.ts';
import { DecisionTally } from './decision-tally.ts';
import { EvidenceWriter } from './evidence-writer.ts';
import { GatewayEvidence } from './gateway-evidence.ts';
import { gatewayEvidence } from './read-evidence.ts';
import { type EvidenceReport, verifyEvidence } from './verify-evidence.ts';

const authority = new TestAuthority();
const domain = authority.trustDomain;
const credential = authority.issue('gateway');
const day = Date.UTC(2026, 0, 10, 12);

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'evidence-'));
  t.after(async () => {
    await chmod(folder, 0o700);
    await rm(folder, { recursive: true });
  });
  return folder;
}

interface Written {
  readonly writer: EvidenceWriter;
  readonly clock: ReturnType<typeof manualClock>;
  readonly troubles: Refusal[];
}

async function written(folder: string, atMs: number = day, keepDays = 400): Promise<Written> {
  const clock = manualClock(atMs);
  const troubles: Refusal[] = [];
  const onTrouble = (refusal: Refusal): void => void troubles.push(refusal);
  const writer = await EvidenceWriter.open({ clock, folder, keepDays, onTrouble });
  await writer.flush();
  return { writer, clock, troubles };
}

const acme = { partner: 'acme', peer: `spiffe://${domain}/acme`, thumbprint: 'aaa', route: 'payments' } as const;
const beta = { partner: 'beta', peer: `spiffe://${domain}/beta`, thumbprint: 'of-beta', route: 'payments' } as const;

const exported = (folder: string, partner = 'acme'): ReturnType<typeof gatewayEvidence> =>
  gatewayEvidence(folder, { partner, spiffeId: 'none', fromMs: 0, untilMs: Number.MAX_SAFE_INTEGER });

async function report(
  folder: string,
  change = (entries: AuditEntry[]): AuditEntry[] => entries,
): Promise<EvidenceReport> {
  const { entries, publicKeys } = await exported(folder);
  return verifyEvidence(change([...entries]), { publicKeys });
}

const kinds = ({ findings }: EvidenceReport): string[] => findings.map(({ kind, sequence }) => `${kind} ${sequence}`);

test('decisions are counted by certificate, route and code, and others about whom nobody asked are hashes', async (t) => {
  const folder = await folderOf(t);
  const { writer, clock } = await written(folder);
  for (let at = 0; at < 3; at++) writer.tally.add({ ...acme, decision: 'allowed' }, day + at * 10);
  writer.tally.add({ ...acme, decision: 'denied', code: 'CS-GATEWAY-015' }, day + 5);
  writer.tally.add({ ...beta, decision: 'allowed' }, day + 6);
  clock.advance(60_000);
  await writer.flush();
  writer.tally.add({ ...acme, decision: 'allowed' }, day + 60_100);
  await writer.close();
  const sound = await report(folder);
  assert.deepEqual([sound.findings, sound.gaps, sound.others], [[], [], 1]);
  assert.deepEqual(
    sound.decisions.map(({ partner, decision, code, count, firstMs, lastMs }) => [
      ...[partner, decision, code, count, firstMs - day, lastMs - day],
    ]),
    [
      ['acme', 'allowed', undefined, 4, 0, 60_100],
      ['acme', 'denied', 'CS-GATEWAY-015', 1, 5, 5],
    ],
  );
  assert.doesNotMatch(JSON.stringify(await exported(folder)), /partner[^}]*beta|of-beta/);
  assert.equal(((await stat(join(folder, '2026-01-10.jsonl'))).mode & 0o777).toString(8), '600');
  assert.equal(((await stat(folder)).mode & 0o777).toString(8), '700');
});

test('an export has what was decided in its time, though it was written down after it', async (t) => {
  const folder = await folderOf(t);
  const { writer, clock } = await written(folder);
  const routesUntil = async (untilMs: number): Promise<unknown[]> => {
    const { entries, publicKeys } = await gatewayEvidence(folder, {
      ...{ partner: 'acme', spiffeId: 'none', fromMs: 0, untilMs },
    });
    const { decisions, findings } = verifyEvidence(entries, { publicKeys });
    assert.deepEqual(findings, []);
    return decisions.map(({ route }) => route);
  };
  for (const route of ['one', 'two', 'three']) {
    writer.tally.add({ ...acme, route, decision: 'denied' }, clock.now() + 30_000);
    clock.advance(60_000);
    await writer.flush();
  }
  await writer.close();
  assert.deepEqual(await routesUntil(day + 30_000), ['one']);
  assert.deepEqual(await routesUntil(day + 90_000), ['one', 'two']);
  assert.deepEqual(await routesUntil(day - 1), []);
});

test('a folder that a reload leaves is written to its end before the gateway has ended', async (t) => {
  const folder = await folderOf(t);
  const [onTrouble, clock] = [(refusal: Refusal) => assert.fail(refusal), manualClock(day)];
  const evidence = new GatewayEvidence({ clock, onTrouble, elsewhere: false });
  const [here, there] = [
    await loaded(text(1, 'evidence: { folder: here }'), folder),
    await loaded(text(1, 'evidence: { folder: there }'), folder),
  ];
  const ended = async (name: string): Promise<unknown> => {
    const { entries } = await exported(join(folder, name));
    return entries.at(-1)?.facts['ends'];
  };
  await evidence.prepare(here);
  evidence.take(here);
  await evidence.prepare(there);
  evidence.take(there);
  // Back at once: whoever left has to be done first, or two would write.
  await evidence.prepare(here);
  assert.equal(await ended('here'), true);
  evidence.take(here);
  await evidence.close();
  assert.deepEqual([await ended('here'), await ended('there')], [true, true]);
});

test('what was changed, dropped, reordered, invented or cut off is named', async (t) => {
  const folder = await folderOf(t);
  const { writer } = await written(folder);
  for (const route of ['one', 'two', 'three']) writer.tally.add({ ...acme, route, decision: 'allowed' }, day);
  await writer.close();
  // day, begin, checkpoint, three decisions, end, checkpoint
  const forged = (entry: AuditEntry, over: Partial<AuditEntry>): AuditEntry => {
    const changed = { ...entry, ...over };
    return { ...changed, hash: entryHash(changed) };
  };
  assert.deepEqual(kinds(await report(folder)), []);
  assert.deepEqual(kinds(await report(folder, (all) => all.with(4, { ...all[4]!, atMs: 1 }))), ['changed 5']);
  const said = (entry: AuditEntry): AuditEntry => ({
    ...entry,
    personal: { decision: { ...entry.personal['decision']!, value: '{}' } },
  });
  assert.deepEqual(kinds(await report(folder, (all) => all.with(4, said(all[4]!)))), ['personal-changed 5']);
  assert.deepEqual(kinds(await report(folder, (all) => all.toSpliced(4, 1))), ['dropped 5']);
  assert.deepEqual(kinds(await report(folder, (all) => all.with(4, all[5]!).with(5, all[4]!))), ['reordered 5']);
  assert.deepEqual(kinds(await report(folder, (all) => all.toSpliced(5, 0, forged(all[4]!, { atMs: 1 })))), [
    'inserted 5',
  ]);
  assert.deepEqual(kinds(await report(folder, (all) => all.slice(0, 5))), ['unsigned-end 4']);
  // Everything from there on made anew, but for the key.
  const anew = (all: AuditEntry[]): AuditEntry[] => {
    for (let at = 4; at < all.length; at++) all[at] = forged(all[at]!, { atMs: 1, previous: all[at - 1]!.hash });
    return all;
  };
  assert.deepEqual(kinds(await report(folder, anew)), ['unsigned-end 4', 'not-signed 8']);
  const { entries, publicKeys } = await exported(folder);
  const other = verifyEvidence(entries, { publicKeys, knownKeys: ['00'.repeat(32)] });
  assert.deepEqual(kinds(other), ['other-key 3']);
  const cut = verifyEvidence(entries.slice(0, 3), { publicKeys, said: { from: 1, through: 8 } });
  assert.deepEqual(kinds(cut), ['truncated 4']);
});

test('after a crash the torn line is cut and told, nothing before it is lost, and the chain goes on', async (t) => {
  const folder = await folderOf(t);
  const { writer } = await written(folder);
  writer.tally.add({ ...acme, decision: 'allowed' }, day);
  await writer.flush();
  const file = join(folder, '2026-01-10.jsonl');
  const before = await readFile(file, 'utf8');
  await appendFile(file, before.slice(0, 100));
  const again = await written(folder, day + 300_000);
  assert.deepEqual(
    again.troubles.map(({ code, evidence }) => [code, evidence['tornBytes']]),
    [['CS-GATEWAY-092', 100]],
  );
  await again.writer.close();
  assert.ok((await readFile(file, 'utf8')).startsWith(before));
  const sound = await report(folder);
  assert.deepEqual(kinds(sound), []);
  assert.deepEqual(sound.gaps, [
    { sinceMs: day, untilMs: day + 300_000, reason: 'ended without writing what was decided last', lost: 0 },
  ]);
  // One that has ended as it should leaves no gap.
  const third = await written(folder, day + 400_000);
  await third.writer.close();
  assert.deepEqual([third.troubles, (await report(folder)).gaps.length], [[], 1]);
});

test('an end that was removed while nobody wrote is told at the next start, and its numbers are missing', async (t) => {
  const folder = await folderOf(t);
  const { writer } = await written(folder);
  const file = join(folder, '2026-01-10.jsonl');
  const { size } = await stat(file);
  writer.tally.add({ ...acme, decision: 'denied', code: 'CS-GATEWAY-016' }, day);
  await writer.close();
  await truncate(file, size);
  const again = await written(folder);
  assert.deepEqual(
    again.troubles.map(({ code, evidence }) => [code, evidence['what']]),
    [['CS-GATEWAY-092', 'entries are missing at the end']],
  );
  await again.writer.close();
  assert.deepEqual(kinds(await report(folder)), ['dropped 4']);
});

test('an end that is no entry is not gone on after', async (t) => {
  const folder = await folderOf(t);
  const { writer } = await written(folder);
  await writer.close();
  const file = join(folder, '2026-01-10.jsonl');
  await appendFile(file, '{"sequence":1}\n');
  await assert.rejects(written(folder), { code: 'CS-GATEWAY-091' });
});

test('while it can not be written decisions are kept, told of once, and written with the gap, none of them twice', async (t) => {
  const folder = await folderOf(t);
  const { writer, clock, troubles } = await written(folder);
  const file = join(folder, '2026-01-10.jsonl');
  await rename(file, `${file}.aside`);
  await mkdir(file);
  for (let minute = 0; minute < 2; minute++) {
    writer.tally.add({ ...acme, decision: 'allowed' }, clock.now());
    clock.advance(60_000);
    await writer.flush();
  }
  assert.equal(troubles.length > 0 && troubles.every(({ code }) => code === 'CS-GATEWAY-090'), true);
  assert.ok(writer.status.failingSinceMs !== undefined);
  await rmdir(file);
  await rename(`${file}.aside`, file);
  writer.tally.add({ ...acme, decision: 'allowed' }, clock.now());
  await writer.close();
  const sound = await report(folder);
  assert.deepEqual(kinds(sound), []);
  assert.deepEqual(
    sound.decisions.map(({ count }) => count),
    [3],
  );
  assert.equal(sound.gaps.length, 1);
  assert.equal(writer.status.failingSinceMs, undefined);
});

test('each day has a file, the chain goes on over them, and what is older than it should be is removed and told', async (t) => {
  const folder = await folderOf(t);
  const { writer, clock } = await written(folder, day, 2);
  for (let next = 0; next < 3; next++) {
    writer.tally.add({ ...acme, decision: 'allowed' }, clock.now());
    await writer.flush();
    clock.advance(86_400_000);
  }
  writer.tally.add({ ...acme, decision: 'allowed' }, clock.now());
  await writer.close();
  assert.deepEqual((await readdir(folder)).filter((name) => name.endsWith('.jsonl')).sort(), [
    '2026-01-12.jsonl',
    '2026-01-13.jsonl',
  ]);
  const { entries } = await exported(folder);
  const discard = entries.find(
    ({ action, sequence }) => action === 'evidence.discard' && sequence > entries[0]!.sequence + 3,
  );
  assert.deepEqual([discard?.facts['days'], discard?.facts['through']], [['2026-01-11'], entries[0]!.sequence - 1]);
  assert.deepEqual(kinds(await report(folder)), []);
});

test('more different decisions than fit are counted as lost', () => {
  const tally = new DecisionTally();
  for (let at = 0; at < 20_005; at++) tally.add({ ...acme, thumbprint: String(at), decision: 'allowed' }, day);
  tally.add({ ...acme, thumbprint: '1', decision: 'allowed' }, day);
  const { decisions, lost } = tally.take();
  assert.deepEqual([decisions.length, lost], [20_000, 5]);
});

const text = (port: number, evidence: string, acmeState = 'active'): string => `version: 1
listen: { port: 0 }
${evidence}
credentials: { main: { folder: unused } }
trust: { ${domain}: { anchors: [unused] } }
partners:
  - { name: acme, trust: ${domain}, who: [{ spiffeId: spiffe://${domain}/acme }], state: ${acmeState} }
  - { name: beta, trust: ${domain}, who: [{ spiffeId: spiffe://${domain}/beta }] }
hosts: { api.test: { certificate: required, credential: main, trust: [${domain}] } }
routes:
  - { name: payments, host: api.test, path: /payments/, allow: [acme], upstream: plain }
  - { name: watched, host: api.test, path: /watched/, allow: [acme], observe: true, upstream: plain }
upstreams: { plain: { targets: ['http://127.0.0.1:${port}'] } }
`;

async function loaded(writtenText: string, folder: string): Promise<LoadedConfiguration> {
  const checked = await checkText(writtenText);
  assert.ok('file' in checked, 'problems' in checked ? checked.problems.join('\n') : '');
  const [bundle] = authority.bundles().all();
  assert.ok(bundle);
  const credentials = new Map([['main', credential]]);
  const path = join(folder, 'gateway.yaml');
  return { path, file: checked.file, credentials, bundles: new Map([[domain, bundle]]), files: [] };
}

async function ask(port: number, path: string, as: string, agent: Agent): Promise<number> {
  const { chain, privateKey } = authority.issue(as);
  const asking = httpsRequest({
    ...{ host: '127.0.0.1', port, path, servername: 'api.test', agent, headers: { host: 'api.test' } },
    ...{ rejectUnauthorized: false, key: privateKey.toPem() },
    cert: chain.map((der) => encodePem('CERTIFICATE', der)).join(''),
  }).end();
  const [answer] = (await once(asking, 'response')) as [import('node:http').IncomingMessage];
  await once(answer.resume(), 'end');
  return answer.statusCode ?? 0;
}

test('a running gateway writes down whom it let in, denied, watched and closed; a reload moves it, all or nothing', async (t) => {
  const folder = await folderOf(t);
  const upstream = createServer((_, response) => response.end('there')).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  t.after(() => upstream.close());
  const { port: behind } = upstream.address() as AddressInfo;
  const records: AccessRecord[] = [];
  const ignore = (): void => undefined;
  const here = 'evidence: { folder: here }';
  const gateway = new Gateway(await loaded(text(behind, here), folder), {
    ...{ clock: systemClock, onRefusal: ignore, onClosed: ignore },
    onAccess: (record) => records.push(record),
  });
  const { port } = await gateway.listen();
  t.after(() => gateway.close({ graceMs: 0 }));
  const kept = new Agent({ keepAlive: true });
  t.after(() => kept.destroy());
  assert.equal(await ask(port, '/payments/1?token=secret', 'acme', kept), 200);
  assert.equal(await ask(port, '/payments/1', 'beta', new Agent()), 403);
  assert.equal(await ask(port, '/watched/1', 'beta', new Agent()), 200);
  const suspended = await loaded(text(behind, 'evidence: { folder: there, keepDays: 7 }', 'suspended'), folder);
  await gateway.prepare(suspended);
  assert.equal(gateway.apply(suspended).closedConnections, 1);
  await gateway.close({ graceMs: 0 });
  const of = async (name: string, partner: string): Promise<unknown[]> => {
    const { entries, publicKeys } = await exported(join(folder, name), partner);
    const { decisions, findings } = verifyEvidence(entries, { publicKeys });
    assert.deepEqual(findings, []);
    return decisions.map(({ decision, route, code, count }) => [decision, route, code, count]);
  };
  assert.deepEqual(await of('here', 'acme'), [['allowed', 'payments', undefined, 1]]);
  assert.deepEqual(await of('here', 'beta'), [
    ['denied', 'payments', 'CS-GATEWAY-015', 1],
    ['observed', 'watched', 'CS-GATEWAY-015', 1],
  ]);
  assert.deepEqual(await of('there', 'acme'), [['closed', undefined, 'CS-GATEWAY-016', 1]]);
  const all = await readFile(
    join(folder, 'here', (await readdir(join(folder, 'here'))).find((name) => /jsonl$/.test(name)) ?? ''),
    'utf8',
  );
  assert.match(all, new RegExp(records[0]?.thumbprint ?? 'none'));
  assert.doesNotMatch(all, /secret|\/payments/);
});

test('a folder that can not be used ends the start, and leaves a running configuration in force', async (t) => {
  const folder = await folderOf(t);
  await writeFile(join(folder, 'file'), '');
  const ignore = (): void => undefined;
  const options = { clock: systemClock, onRefusal: ignore, onClosed: ignore, onAccess: ignore };
  const bad = await loaded(text(1, 'evidence: { folder: file }'), folder);
  const refused = new Gateway(bad, options);
  await assert.rejects(refused.listen(), { code: 'CS-FILE-004' });
  await refused.close();
  const gateway = new Gateway(await loaded(text(1, 'evidence: { folder: good }'), folder), options);
  await gateway.listen();
  const before = gateway.evidenceStatus;
  await assert.rejects(gateway.prepare(bad), { code: 'CS-FILE-004' });
  assert.deepEqual([gateway.evidenceStatus?.folder, gateway.generation], [before?.folder, 1]);
  assert.match(before?.key ?? '', /^[0-9a-f]{64}$/);
  await gateway.close();
});
