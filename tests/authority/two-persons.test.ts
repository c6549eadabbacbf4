/** Named operations: proposed by one person, agreed to by another, carried out once; and settings that would give somebody more. */
import assert from 'node:assert/strict';
import { chmod, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { manualClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { isRefusal } from '../../packages/countersign/src/ground/errors/index.ts';
import type { AuthoritySettings } from '../../packages/countersign/src/issuing/server/index.ts';
import {
  type AdministeredAuthority,
  openAuthorityAtSocket,
  openLocalAuthority,
  openRemoteAuthority,
  type Role,
} from '../../packages/countersign/src/runtime/api/index.ts';
import { generatePrivateKey } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { MutableSource } from '../../packages/countersign/src/runtime/tls/index.ts';
import { enroll, renew, toBundles, toCredential } from '../../packages/countersign/src/traffic/enrollment/index.ts';
import { type HouseOptions, type ServerHouse, startHouse, temporaryDirectory } from './server-house.ts';

const certificates: Readonly<Record<string, readonly Role[]>> = {
  carol: ['root'],
  dave: ['root', 'issuer'],
  eve: ['auditor'],
};

interface Scene {
  readonly house: ServerHouse;
  readonly settings: MutableSource<AuthoritySettings>;
  readonly carol: AdministeredAuthority;
  readonly dave: AdministeredAuthority;
  readonly eve: AdministeredAuthority;
}

/** An authority with three administrators, enrolled while one person was enough. */
async function scene(t: TestContext, options: HouseOptions = {}): Promise<Scene> {
  const settings = new MutableSource<AuthoritySettings>({ administrators: { persons: 1, certificates } });
  const house = await startHouse(t, { settings, ...options });
  const administrator = async (name: string): Promise<AdministeredAuthority> => {
    const { token = '' } = await house.local.addAdministrator({ name, lifeSeconds: 60 });
    const held = await enroll({ token, privateKey: generatePrivateKey('P-256') });
    const authority = openRemoteAuthority({
      url: house.server.url,
      credential: toCredential(held),
      bundles: toBundles(held),
    });
    t.after(() => authority.close());
    return authority;
  };
  const people = {
    carol: await administrator('carol'),
    dave: await administrator('dave'),
    eve: await administrator('eve'),
  };
  settings.set({ administrators: { certificates } });
  await house.settled();
  return { house, settings, ...people };
}

test('alone, the owner decides alone; with a second holder of the role, two must', async (t) => {
  const settings = new MutableSource<AuthoritySettings>({});
  const house = await startHouse(t, { settings });
  assert.deepEqual((await house.local.status()).persons, { issuer: 1, root: 1 });
  settings.set({ administrators: { certificates: { eve: ['auditor'] } } });
  await house.settled();
  // Who only looks on can agree to nothing: the owner would be locked out.
  assert.deepEqual((await house.local.status()).persons, { issuer: 1, root: 1 });
  settings.set({ administrators: { certificates } });
  await house.settled();
  assert.deepEqual((await house.local.status()).persons, { issuer: 2, root: 2 });
  assert.deepEqual(house.server.persons(), { issuer: 2, root: 2 });
});

test('a new administrator is proposed by one and approved by another; the token works once', async (t) => {
  const { carol, dave, eve, house } = await scene(t);
  await assert.rejects(eve.addAdministrator({ name: 'eve', lifeSeconds: 60 }), { code: 'CS-ACCESS-011' });
  const { token, proposal } = await carol.addAdministrator({ name: 'dave', lifeSeconds: 60 });
  assert.equal(token, undefined);
  assert.ok(proposal);
  assert.deepEqual([proposal.state, proposal.needed, proposal.roles], ['open', 2, ['root']]);
  assert.match(proposal.what.join(), /administrator\/dave.*issuer, root/);
  const { id, contentSha256 } = proposal;
  // Asked for again, it is the same one.
  assert.equal((await carol.addAdministrator({ name: 'dave', lifeSeconds: 60 })).proposal?.id, id);
  await assert.rejects(carol.approveProposal({ id, contentSha256 }), { code: 'CS-APPROVAL-002' });
  await assert.rejects(eve.approveProposal({ id, contentSha256 }), { code: 'CS-ACCESS-011' });
  await assert.rejects(dave.approveProposal({ id, contentSha256: '0'.repeat(64) }), { code: 'CS-APPROVAL-004' });
  await assert.rejects(dave.approveProposal({ id: 'A'.repeat(12), contentSha256 }), { code: 'CS-APPROVAL-001' });
  const [first, second] = await Promise.allSettled([
    dave.approveProposal({ id, contentSha256 }),
    house.local.approveProposal({ id, contentSha256 }),
  ]);
  // Once, whoever is first.
  const done = [first, second].filter(({ status }) => status === 'fulfilled');
  assert.equal(done.length, 1);
  const answer = (done[0] as PromiseFulfilledResult<Awaited<ReturnType<typeof dave.approveProposal>>>).value;
  assert.equal(answer.proposal.state, 'executed');
  const held = await enroll({ token: answer.outcome?.['token'] ?? '', privateKey: generatePrivateKey('P-256') });
  assert.equal(held.spiffeId, 'spiffe://dev.internal/countersign/administrator/dave');
  await assert.rejects(dave.approveProposal({ id, contentSha256 }), { code: 'CS-APPROVAL-003' });
  assert.deepEqual((await renew({ held })).spiffeId, held.spiffeId);
});

test('the owner and the superuser are one person', async (t) => {
  const owner = 4321;
  const { geteuid } = process;
  process.geteuid = () => owner;
  t.after(() => (process.geteuid = geteuid));
  let calling = owner;
  const { house } = await scene(t, { readPeer: () => ({ uid: calling }) });
  const { proposal } = await house.local.addAdministrator({ name: 'dave', lifeSeconds: 60 });
  calling = 0;
  const superuser = openLocalAuthority(house.dir);
  t.after(() => superuser.close());
  await assert.rejects(superuser.approveProposal({ id: proposal!.id, contentSha256: proposal!.contentSha256 }), {
    code: 'CS-APPROVAL-002',
  });
});

test('a proposal ends by a rejection, and by itself after a day', async (t) => {
  const { carol, dave } = await scene(t);
  const ask = async (): Promise<{ id: string; contentSha256: string }> =>
    (await carol.addAdministrator({ name: 'eve', lifeSeconds: 60 })).proposal!;
  const rejected = await ask();
  assert.equal((await dave.rejectProposal({ id: rejected.id })).proposal.state, 'rejected');
  await assert.rejects(dave.approveProposal(rejectedOf(rejected)), { code: 'CS-APPROVAL-003' });
  const again = await ask();
  assert.notEqual(again.id, rejected.id);
  const { proposals } = await dave.listProposals();
  assert.deepEqual(
    proposals.map(({ id, state }) => [id, state]).sort(),
    [
      [again.id, 'open'],
      [rejected.id, 'rejected'],
    ].sort(),
  );
});

function rejectedOf({ id, contentSha256 }: { id: string; contentSha256: string }): {
  id: string;
  contentSha256: string;
} {
  return { id, contentSha256 };
}

test('after a day nobody can agree any more', async (t) => {
  const clock = manualClock(Date.now());
  const house = await startHouse(t, {
    clock,
    settings: new MutableSource<AuthoritySettings>({ administrators: { certificates } }),
  });
  const { proposal } = await house.local.addAdministrator({ name: 'carol', lifeSeconds: 60 });
  clock.advance(24 * 3_600_000);
  const { id, contentSha256, operation } = proposal!;
  assert.equal((await house.local.listProposals()).proposals[0]?.state, 'expired');
  const consent = { person: 'somebody', name: 'somebody', atMs: clock.now() };
  const event = { atMs: clock.now(), action: 'approval.give' as const, facts: {}, personal: {} };
  assert.equal(await house.store.proposals.consent(id, contentSha256, consent, event), 'over');
  assert.equal(operation, 'administrator.add');
});

test('settings that give somebody more wait for two persons; the accepted ones stay in force, also through a restart', async (t) => {
  const { carol, dave, house, settings } = await scene(t);
  const wider: AuthoritySettings = {
    administrators: { certificates: { ...certificates, eve: ['auditor', 'operator'] } },
  };
  settings.set(wider);
  await house.settled();
  const waiting = house.events.flatMap((event) =>
    event.event === 'settings' && event.state === 'waiting' ? [event.refusal] : [],
  );
  assert.equal(waiting[0]?.code, 'CS-APPROVAL-005');
  const open = async (): Promise<{ id: string; contentSha256: string; what: string[]; agreed: unknown[] }> =>
    (await carol.listProposals()).proposals.find(
      ({ operation, state }) => operation === 'settings.change' && state === 'open',
    )!;
  const proposal = await open();
  assert.deepEqual(proposal.what, ['spiffe://dev.internal/countersign/administrator/eve gets the role operator']);
  assert.deepEqual(proposal.agreed, []);
  const { id, contentSha256 } = proposal;
  assert.equal((await carol.approveProposal({ id, contentSha256 })).proposal.state, 'open');
  await assert.rejects(carol.approveProposal({ id, contentSha256 }), { code: 'CS-APPROVAL-002' });
  assert.equal((await dave.approveProposal({ id, contentSha256 })).proposal.state, 'executed');
  await assert.rejects(carol.addAdministrator({ name: 'eve', roles: ['auditor'], lifeSeconds: 60 }), {
    code: 'CS-ADMIN-003',
  });
  const { proposal: next } = await carol.addAdministrator({
    name: 'eve',
    roles: ['auditor', 'operator'],
    lifeSeconds: 60,
  });
  assert.equal(next?.state, 'open');
});

test('a file changed while the authority was down waits at the start', async (t) => {
  const dir = await temporaryDirectory(t);
  const first = await startHouse(t, {
    dir,
    settings: new MutableSource<AuthoritySettings>({ administrators: { certificates } }),
  });
  await first.stop();
  const wider = { administrators: { certificates: { ...certificates, mallory: ['root'] } } } as const;
  const second = await startHouse(t, { dir, settings: new MutableSource<AuthoritySettings>(wider) });
  await assert.rejects(second.local.addAdministrator({ name: 'mallory', lifeSeconds: 60 }), { code: 'CS-ADMIN-003' });
  const seen = second.events.filter((event) => event.event === 'settings' && event.state === 'waiting');
  assert.equal(seen.length, 1);
  // What gives nobody more needs nobody, and what waited is over.
  await second.stop();
  const narrower = { administrators: { certificates: { carol: ['root'], dave: ['root', 'issuer'] } } } as const;
  const third = await startHouse(t, { dir, settings: new MutableSource<AuthoritySettings>(narrower) });
  const { proposals } = await third.local.listProposals();
  assert.deepEqual(
    proposals.map(({ operation, state }) => [operation, state]),
    [['settings.change', 'superseded']],
  );
  await assert.rejects(third.local.addAdministrator({ name: 'eve', lifeSeconds: 60 }), { code: 'CS-ADMIN-003' });
});

test('to let one person decide again takes two', async (t) => {
  const { house, settings } = await scene(t);
  for (const lower of [{ administrators: { persons: 1 as const, certificates } }, {}]) {
    settings.set(lower);
    await house.settled();
    assert.deepEqual(house.server.persons(), { issuer: 2, root: 2 });
  }
});

test('two persons that cannot be had, and a user that is unknown, are refused by name', async (t) => {
  const dir = await temporaryDirectory(t);
  const with_ = (administrators: AuthoritySettings['administrators']): Promise<ServerHouse> =>
    startHouse(t, { dir, settings: new MutableSource<AuthoritySettings>({ administrators }) });
  await assert.rejects(with_({ persons: 2, certificates: { dave: ['root'] } }), { code: 'CS-ADMIN-002' });
  const socket = { path: join(dir, 'x', 'a.sock'), group: '0' };
  await assert.rejects(with_({ socket, users: { 'nobody-of-this-name': ['auditor'] } }), { code: 'CS-ADMIN-001' });
  await assert.rejects(with_({ socket }), { code: 'CS-ADMIN-004' });
  await mkdir(join(dir, 'x'));
  await chmod(join(dir, 'x'), 0o777);
  await assert.rejects(with_({ socket }), { code: 'CS-ADMIN-004' });
});

test('the socket for other users has its own place, group and mode', async (t) => {
  const dir = await temporaryDirectory(t);
  await mkdir(join(dir, 'run'), { mode: 0o755 });
  const path = join(dir, 'run', 'administrators.sock');
  const administrators = {
    socket: { path, group: String(process.getgid?.() ?? 0) },
    users: { '5001': ['auditor' as const] },
  };
  const settings = new MutableSource<AuthoritySettings>({ administrators });
  const house = await startHouse(t, { settings, readPeer: () => ({ uid: 5001 }) });
  assert.equal((await stat(path)).mode & 0o777, 0o660);
  const auditor = openAuthorityAtSocket(path);
  t.after(() => auditor.close());
  assert.equal((await auditor.status()).url, house.server.url);
  await assert.rejects(auditor.createToken({ names: ['web'], lifeSeconds: 60 }), (error: unknown) => {
    assert.ok(isRefusal(error));
    assert.deepEqual([error.code, error.evidence['has']], ['CS-ACCESS-011', ['auditor']]);
    return true;
  });
  // A second authority does not take it away.
  await assert.rejects(startHouse(t, { settings: new MutableSource<AuthoritySettings>({ administrators }) }), {
    code: 'CS-ADMIN-004',
  });
});
