/** Two administrators with credentials of their own: what one of them alone cannot bring about, and what the audit log says of it. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { after, before, test } from 'node:test';

import { readCertificatesPem } from '../../packages/countersign/src/identity/x509/index.ts';
import { sha256Hex } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { type Ended, type Folder, type RunningAuthority, startAuthority, temporaryFolder } from './command.ts';
import { countersign } from './here.ts';

const names = ['carol', 'dave'] as const;

let folder: Folder;
let authority: RunningAuthority;

const settings = (more = ''): string => `administrators:
  certificates:
    carol: [root, issuer, auditor, operator]
    dave: [root, issuer, auditor]
profiles:
  db:
    names: { dns: ["*.db.internal"] }
${more}`;

const state = (...path: string[]): string => folder.in('state', ...path);
const file = (text: string): Promise<void> => writeFile(state('authority.yaml'), text);

before(async () => {
  folder = await temporaryFolder();
  authority = await startAuthority(state());
  await file(settings().replace('profiles:', '  persons: 1\nprofiles:'));
  await reloaded();
  for (const name of names) {
    const token = folder.in(`${name}.token`);
    await done(countersign(['administrator', 'add', name, '--dir', state(), '--out', token, '--json']));
    await done(countersign(['issue', '--token-file', token, '--out', folder.in(name), '--json']));
  }
  await file(settings());
  await reloaded();
});

after(async () => {
  await authority.stop();
  await folder.remove();
});

async function done(call: Promise<Ended>): Promise<Readonly<Record<string, unknown>>> {
  const { status, err, result } = await call;
  assert.equal(status, 0, err);
  return result;
}

/** As an administrator over HTTPS; the authority's port may be another than when he enrolled. */
const as = (name: (typeof names)[number], ...words: string[]): Promise<Ended> =>
  countersign([...words, '--credential', folder.in(name), '--authority', authority.url, '--json']);

const code = async (call: Promise<Ended>): Promise<unknown> => (await call).result['code'];

async function refused(code_: string, call: Promise<Ended>): Promise<void> {
  const { status, err } = await call;
  assert.notEqual(status, 0);
  assert.match(err, new RegExp(code_), err);
}

/** SIGHUP, and until what the file says anew is in force, waits or was refused. */
async function reloaded(): Promise<void> {
  const looks = (): number => authority.said().match(/settings in force|settings .*CS-|CS-APPROVAL-005/g)?.length ?? 0;
  const before_ = looks();
  authority.child.kill('SIGHUP');
  while (looks() === before_) await wait(20);
}

interface Waiting {
  readonly id: string;
  readonly operation: string;
  readonly what: readonly string[];
  readonly agreed: readonly unknown[];
}

async function open(operation: string): Promise<Waiting> {
  const { events } = await as('carol', 'authority', 'proposals');
  const found = events.find((one) => one['operation'] === operation && one['state'] === 'open');
  assert.ok(found, `no proposal of ${operation}`);
  return found as unknown as Waiting;
}

interface Told {
  readonly action: string;
  readonly by: string | undefined;
}

/** What the log says of one operation, in order. */
async function told(operation: string, ...actions: string[]): Promise<readonly Told[]> {
  const { events } = await as('dave', 'authority', 'audit', 'list', '--since', '1');
  type Entry = { action: string; facts: Record<string, unknown>; personal: Record<string, { value?: string }> };
  return (events as unknown as readonly Entry[])
    .filter(({ action, facts }) => facts?.['operation'] === operation || actions.includes(action))
    .map(({ action, personal }) => ({ action, by: personal['actor']?.value?.split('/').at(-1) }));
}

const token = (name: string): Promise<Ended> => as('carol', 'token', name, '--profile', 'db');

test('a profile that widens names is held, and is in force when two have agreed', async () => {
  await refused('CS-', token('web.internal'));
  await file(settings().replace('["*.db.internal"]', '["*.db.internal", "*.internal"]'));
  await reloaded();
  const proposal = await open('settings.change');
  assert.match(proposal.what.join('\n'), /profile db: .*\*\.internal/);
  await refused('CS-', token('web.internal'));
  // Nobody can say who wrote the file, so it takes the two.
  assert.equal((await done(as('carol', 'authority', 'approve', proposal.id)))['state'], 'open');
  assert.equal(await code(as('carol', 'authority', 'approve', proposal.id)), 'CS-APPROVAL-002');
  await refused('CS-', token('web.internal'));
  assert.equal((await done(as('dave', 'authority', 'approve', proposal.id)))['state'], 'executed');
  await done(token('web.internal'));
  assert.deepEqual((await told('settings.change', 'settings.swap')).slice(-4), [
    // Of the authority itself, which saw the file.
    { action: 'approval.ask', by: undefined },
    { action: 'approval.give', by: 'carol' },
    { action: 'approval.give', by: 'dave' },
    { action: 'settings.swap', by: 'dave' },
  ]);
});

test('the audit log is sent elsewhere, or no longer, when two have agreed', async () => {
  const receiver = (port: number): string => `audit: { export: ["udp://127.0.0.1:${String(port)}"] }\n`;
  const wide = (await readFile(state('authority.yaml'), 'utf8')) + receiver(9);
  await file(wide);
  await reloaded();
  const { id } = await open('settings.change');
  await done(as('carol', 'authority', 'approve', id));
  await done(as('dave', 'authority', 'approve', id));
  await file(wide.replace(receiver(9), receiver(10)));
  await reloaded();
  const redirected = await open('settings.change');
  assert.match(
    redirected.what.join('\n'),
    /no longer sent to udp:\/\/127\.0\.0\.1:9\n.*sent to udp:\/\/127\.0\.0\.1:10/,
  );
  await file(wide.replace(receiver(9), ''));
  await reloaded();
  const removed = await open('settings.change');
  assert.deepEqual(removed.what, ['the audit log is no longer sent to udp://127.0.0.1:9']);
  await file(wide);
});

test('a new issuer: proposed by one, refused offline, approved by the other, used from the next start on', async () => {
  const [request, answer] = [folder.in('issuer.csr'), folder.in('issuer.pem')];
  const ceremony = (...words: string[]): Promise<Ended> => countersign(['authority', 'ceremony', ...words, '--json']);
  await done(ceremony('request', '--dir', state(), '--out', request));
  await done(ceremony('sign', '--root', state('authority'), '--request', request, '--out', answer, '--yes'));
  const sum = sha256Hex(readCertificatesPem(await readFile(answer, 'utf8'))[0]!.raw);
  const inUse = (): Promise<string> => readFile(state('authority', 'issuer.pem'), 'utf8');
  const before_ = await inUse();
  const accept = ['authority', 'ceremony', 'accept', answer];

  const asked = await done(as('carol', ...accept));
  const { id, what } = asked['proposal'] as Waiting;
  assert.equal(asked['replaces'], false);
  assert.ok(what.some((line) => line.includes(sum)));
  assert.equal(await code(as('carol', 'authority', 'approve', id)), 'CS-APPROVAL-002');

  // Neither is the way round by files: not while it runs, where its owner is a person, too, and not while it does not.
  const local = await done(countersign([...accept, '--dir', state(), '--json']));
  assert.equal((local['proposal'] as Waiting).id, id);
  await authority.stop();
  for (const command of [accept, ['authority', 'import', answer]]) {
    const { status, result, err } = await countersign([...command, '--dir', state(), '--json']);
    assert.deepEqual([status, result['code']], [1, 'CS-APPROVAL-006'], err);
  }
  assert.equal(await inUse(), before_);
  authority = await startAuthority(state());
  assert.equal(await inUse(), before_);

  const { status, err, result } = await as('dave', 'authority', 'approve', id);
  assert.equal(status, 0, err);
  assert.equal(result['state'], 'executed');
  assert.match(err, /in use from the next start of the authority on/);
  const shown = await countersign(['status', '--dir', state()]);
  assert.match(shown.out, /next issuer +waits for the next start; +expires/);
  await authority.stop();
  authority = await startAuthority(state());
  await done(countersign(['issue', 'orders.db.internal', '--dir', state(), '--out', folder.in('orders'), '--json']));
  const [, issuer] = readCertificatesPem(await readFile(folder.in('orders', 'cert.pem'), 'utf8'));
  assert.equal(sha256Hex(issuer!.raw), sum);
  assert.deepEqual(await told('issuer.replace', 'issuer.rotate'), [
    { action: 'approval.ask', by: 'carol' },
    { action: 'approval.give', by: 'dave' },
    { action: 'issuer.rotate', by: 'dave' },
  ]);
});

test('erasing somebody from the audit log: proposed by one, done when the other agrees', async () => {
  const holds = async (): Promise<boolean> =>
    (await as('dave', 'authority', 'audit', 'list', '--since', '1')).out.includes('orders.db.internal');
  assert.ok(await holds());
  const asked = await done(as('carol', 'authority', 'audit', 'erase', '--name', 'orders.db.internal', '--yes'));
  const { id } = asked['proposal'] as Waiting;
  assert.equal(await code(as('carol', 'authority', 'approve', id)), 'CS-APPROVAL-002');
  assert.ok(await holds());
  assert.equal((await done(as('dave', 'authority', 'approve', id)))['state'], 'executed');
  assert.equal(await holds(), false);
  assert.deepEqual(await told('audit.erase', 'personal.erase'), [
    { action: 'approval.ask', by: 'carol' },
    { action: 'approval.give', by: 'dave' },
    { action: 'personal.erase', by: 'dave' },
  ]);
  // Nor do the proposals say whom it was about.
  assert.ok(!(await as('dave', 'authority', 'proposals', '--all')).out.includes('orders.db.internal'));
  await done(countersign(['authority', 'audit', 'verify', '--dir', state(), '--json']));
});
