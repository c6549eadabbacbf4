/** A new issuer where two persons must agree: proposed with its exact certificates, approved by another, taken in once, used from the next start on. */
import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { systemClock, toRfc3339 } from '../../packages/countersign/src/ground/clock/index.ts';
import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import { isRefusal } from '../../packages/countersign/src/ground/errors/index.ts';
import { readCertificatesPem } from '../../packages/countersign/src/identity/x509/index.ts';
import {
  type AuthoritySettings,
  keepAnsweredKey,
  planIssuer,
  requireOnePerson,
} from '../../packages/countersign/src/issuing/server/index.ts';
import {
  type AdministeredAuthority,
  openLocalAuthority,
  type Proposal,
} from '../../packages/countersign/src/runtime/api/index.ts';
import { generatePrivateKey, sha256Hex } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { MutableSource } from '../../packages/countersign/src/runtime/tls/index.ts';
import { countersign } from '../e2e/here.ts';
import { makeRoot } from '../fixtures/certificates.ts';
import { type ServerHouse, startHouse, temporaryDirectory } from './server-house.ts';
import { certified, keyFile, waitingIssuer } from './waiting-issuer.ts';

const owner = process.geteuid?.() ?? 0;
const other = 5001;

/** A second person with the role root; the socket that goes with it is of no use here, where the kernel is played. */
function two(dir: string): AuthoritySettings {
  const socket = { path: join(dir, 'administrators.sock'), group: String(process.getgid?.() ?? 0) };
  return { administrators: { socket, users: { [String(other)]: ['root'] } } };
}

interface Scene {
  readonly house: ServerHouse;
  /** The owner, and a second person with the role root. */
  readonly first: AdministeredAuthority;
  readonly second: () => AdministeredAuthority;
  /** Who calls from now on, on a new connection. */
  readonly calls: (uid: number) => void;
}

async function scene(t: TestContext, settingsIn: (dir: string) => AuthoritySettings = two): Promise<Scene> {
  let calling = owner;
  const dir = await temporaryDirectory(t);
  const settings = settingsIn(dir);
  const house = await startHouse(t, { dir, settings: new MutableSource(settings), readPeer: () => ({ uid: calling }) });
  // Who calls is asked at the connection.
  await house.local.status();
  return {
    house,
    first: house.local,
    calls: (uid) => (calling = uid),
    second: () => {
      calling = other;
      const authority = openLocalAuthority(house.dir, systemClock);
      t.after(() => authority.close());
      return authority;
    },
  };
}

const read = ({ dir }: ServerHouse, name: string): Promise<string> => keyFile(dir, name);

const waiting = ({ dir }: ServerHouse): Promise<string> => waitingIssuer(dir);

const sumOf = (pem: string): string => sha256Hex(readCertificatesPem(pem)[0]!.raw);

function agreedTo(proposal: Proposal | undefined): { id: string; contentSha256: string } {
  assert.ok(proposal);
  return { id: proposal.id, contentSha256: proposal.contentSha256 };
}

async function actions(house: ServerHouse): Promise<readonly string[]> {
  const { sequence } = await house.store.audit.head();
  const entries = await house.store.audit.read(1, sequence);
  return entries
    .filter(({ action, facts }) => action === 'issuer.rotate' || facts['operation'] === 'issuer.replace')
    .map(({ action, personal }) => `${action} ${personal['actor']?.value?.split(' ')[0] ?? ''}`);
}

test('proposed by one, approved by another, in the log, and used from the next start on', async (t) => {
  const { house, first, second, calls } = await scene(t);
  const [answer, before] = [await waiting(house), await read(house, 'issuer.pem')];
  const { proposal, chain } = await first.replaceIssuer({ certificates: answer });
  assert.equal(chain, answer);
  assert.ok(proposal?.what.some((line) => line.includes(sumOf(answer))));
  assert.deepEqual([proposal?.operation, proposal?.roles, proposal?.needed], ['issuer.replace', ['root'], 2]);
  assert.equal((await first.replaceIssuer({ certificates: answer })).proposal?.id, proposal?.id);
  await assert.rejects(first.approveProposal(agreedTo(proposal)), { code: 'CS-APPROVAL-002' });
  assert.equal(await read(house, 'issuer.pem'), before, 'nothing is changed by who proposed it');
  const { proposal: done, outcome } = await second().approveProposal(agreedTo(proposal));
  assert.deepEqual([done.state, outcome?.['issuer']], ['executed', sumOf(answer)]);
  assert.equal(await read(house, 'issuer.pem'), answer);
  assert.ok(!(await readdir(join(house.dir, 'authority'))).some((name) => name.startsWith('next.')));
  assert.deepEqual(await actions(house), [
    `approval.ask uid:${owner}`,
    `approval.give uid:${other}`,
    `issuer.rotate uid:${other}`,
  ]);
  const signedBy = async (at: ServerHouse): Promise<string | undefined> =>
    (await at.service('web')).intermediates.map(({ raw }) => sha256Hex(raw))[0];
  calls(owner);
  assert.equal(await signedBy(house), sumOf(before));
  const { nextIssuer } = await house.local.status();
  assert.deepEqual(nextIssuer, {
    certificate: sumOf(answer),
    notAfter: toRfc3339(readCertificatesPem(answer)[0]!.notAfter),
  });
  const next = await house.restart();
  assert.equal(await signedBy(next), sumOf(answer));
  assert.equal((await next.local.status()).nextIssuer, undefined);
});

test('what was agreed to and is not so any more is not done', async (t) => {
  const { house, first, second } = await scene(t);
  const { proposal } = await first.replaceIssuer({ certificates: await waiting(house) });
  const before = await read(house, 'issuer.pem');
  // Another key waits now, and the answer that was agreed to is not for it.
  await waiting(house);
  await assert.rejects(second().approveProposal(agreedTo(proposal)), { code: 'CS-ISSUER-002' });
  assert.equal(await read(house, 'issuer.pem'), before);
  assert.deepEqual(
    (await house.store.proposals.list(0)).map(({ state }) => state),
    ['failed'],
  );
});

test('an answer that no endpoint would take is refused before anybody is asked', async (t) => {
  const { house, first } = await scene(t);
  await assert.rejects(first.replaceIssuer({ certificates: await read(house, 'issuer.pem') }), {
    code: 'CS-ISSUER-008',
  });
  const answer = await waiting(house);
  const root = encodePem('CERTIFICATE', makeRoot().certificate.raw);
  await assert.rejects(first.replaceIssuer({ certificates: answer, anchor: root }), { code: 'CS-ISSUER-010' });
  await assert.rejects(first.replaceIssuer({ certificates: root }), { code: 'CS-ISSUER-002' });
  assert.deepEqual((await first.listProposals()).proposals, []);
});

test('who is alone needs nobody', async (t) => {
  const { house, first } = await scene(t, () => ({}));
  const answer = await waiting(house);
  assert.equal((await first.replaceIssuer({ certificates: answer })).proposal, undefined);
  assert.equal(await read(house, 'issuer.pem'), answer);
  assert.deepEqual(await actions(house), [`issuer.rotate uid:${owner}`]);
});

test('a key that came with its certificate waits beside the others, and only if all is in order', async (t) => {
  const { house, first, second } = await scene(t);
  const mine = await waiting(house);
  const privateKey = generatePrivateKey('P-256');
  const answer = await certified(house.dir, privateKey.publicKey.raw);
  const kept = { dir: house.dir, privateKey, passphrase: undefined, clock: systemClock };
  const foreign = readCertificatesPem(encodePem('CERTIFICATE', makeRoot({ key: privateKey }).certificate.raw));
  await assert.rejects(keepAnsweredKey({ ...kept, certificates: foreign }));
  assert.ok((await first.replaceIssuer({ certificates: mine })).proposal, 'the key that waited is there');
  assert.equal(await keepAnsweredKey({ ...kept, certificates: readCertificatesPem(answer) }), true);
  const { proposal } = await first.replaceIssuer({ certificates: answer });
  await second().approveProposal(agreedTo(proposal));
  assert.equal(await read(house, 'issuer.key.pem'), privateKey.toPem());
});

test('where no authority runs the settings accepted last decide, whatever a file says', async (t) => {
  const { house } = await scene(t);
  const answer = await waiting(house);
  const { dir } = house;
  const certificates = readCertificatesPem(answer);
  const plan = await planIssuer({ dir, ledgerId: house.store.ledgerId, certificates, clock: systemClock });
  await assert.rejects(requireOnePerson(dir, house.store.settings, plan), { code: 'CS-APPROVAL-006' });
  await requireOnePerson(dir, { accepted: () => Promise.resolve(undefined) }, plan);
});

/** As whoever can write in the state directory could. */
async function exchangeByHand(dir: string): Promise<() => Promise<void>> {
  const names = ['issuer.pem', 'issuer.key.pem'] as const;
  const before = await Promise.all(names.map((name) => keyFile(dir, name)));
  const key = generatePrivateKey('P-256');
  const write = async (contents: readonly string[]): Promise<void> => {
    for (const [at, name] of names.entries())
      await writeFile(join(dir, 'authority', name), contents[at] ?? '', { mode: 0o600 });
  };
  await write([await certified(dir, key.publicKey.raw), key.toPem()]);
  return () => write(before);
}

test('an issuer that was exchanged by hand is refused at the start where two persons decide on it', async (t) => {
  const { house } = await scene(t);
  const { dir } = house;
  await house.stop();
  const start = () => startHouse(t, { dir, settings: new MutableSource(two(dir)), readPeer: () => ({ uid: owner }) });
  const undo = await exchangeByHand(dir);
  const found = sumOf(await keyFile(dir, 'issuer.pem'));
  for (const _ of [1, 2])
    await assert.rejects(start(), (error) => {
      assert.ok(isRefusal(error) && error.code === 'CS-APPROVAL-007', String(error));
      assert.equal(error.evidence['issuer'], found);
      return true;
    });
  await undo();
  await (await start()).service('web');
});

test('who is alone may exchange it by hand, and the log tells of it', async (t) => {
  const { house } = await scene(t, () => ({}));
  await house.stop();
  await exchangeByHand(house.dir);
  const next = await startHouse(t, { dir: house.dir, readPeer: () => ({ uid: owner }) });
  const [{ facts } = { facts: {} as Record<string, unknown> }] = await next.store.audit.issuers(1);
  assert.equal(facts['issuer'], sumOf(await keyFile(house.dir, 'issuer.pem')));
});

test('a backup of keys that were agreed to and not used yet is restored, and starts with them', async (t) => {
  const { house, first, second, calls } = await scene(t);
  const answer = await waiting(house);
  await second().approveProposal(agreedTo((await first.replaceIssuer({ certificates: answer })).proposal));
  calls(owner);
  const place = await temporaryDirectory(t);
  const [out, dir] = [join(place, 'authority.backup'), join(place, 'restored')];
  const env = { COUNTERSIGN_BACKUP_PASSPHRASE: 'a passphrase of a test' };
  for (const words of [
    ['backup', '--dir', house.dir, '--out', out],
    ['restore', out, '--dir', dir, '--yes'],
  ]) {
    const { status, err } = await countersign(['authority', ...words, '--json'], { env });
    assert.equal(status, 0, err);
  }
  const again = await startHouse(t, { dir, settings: new MutableSource(two(dir)), readPeer: () => ({ uid: owner }) });
  assert.equal(again.server.persons().root, 2);
  assert.equal(sumOf(await read(again, 'issuer.pem')), sumOf(answer));
});
