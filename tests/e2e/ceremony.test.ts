/** A root that is kept apart: carried away, made elsewhere, signing by files that are carried; and the transcript that two people sign. */
import assert from 'node:assert/strict';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readCertificatesPem } from '../../packages/countersign/src/identity/x509/index.ts';
import { sha256Hex, verifySignature } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { ended, event, start, startAuthority, temporaryFolder, type Ended, type Folder } from './command.ts';
import { countersign } from './here.ts';

let folder: Folder;

const rootWords = 'a passphrase for the root';

before(async () => {
  folder = await temporaryFolder();
  await writeFile(folder.in('root-words'), `${rootWords}\n`, { mode: 0o600 });
  await writeFile(folder.in('other-words'), 'another\n', { mode: 0o600 });
});

after(() => folder.remove());

const authority = (...args: string[]): Promise<Ended> => countersign(['authority', ...args, '--json']);
const words = (): string[] => ['--root-passphrase-file', folder.in('root-words')];

async function done(call: Promise<Ended>): Promise<Readonly<Record<string, unknown>>> {
  const { status, err, out, result } = await call;
  assert.equal(status, 0, err);
  assert.ok(!`${out}${err}`.includes(rootWords));
  return result;
}

/** The page fits a sheet, names every file with its true sum, and the JSON is signed by the root. */
async function assertTranscript(root: string, number: number, files: Readonly<Record<string, string>>): Promise<void> {
  const read = (name: string) => readFile(join(root, name), 'utf8');
  const [text, json] = [await read(`transcript-${number}.txt`), await read(`transcript-${number}.json`)];
  for (const line of text.split('\n')) assert.ok(line.length <= 80, line);
  const [certificate] = readCertificatesPem(await read('root.pem'));
  assert.ok(certificate !== undefined);
  for (const [name, path] of Object.entries(files)) {
    const sum = sha256Hex(await readFile(path));
    assert.ok(text.replaceAll(' ', '').includes(sum), `${name} in the page`);
    const listed = (JSON.parse(json) as { files: { name: string; sha256: string }[] }).files;
    assert.deepEqual(listed.find((file) => file.name === name)?.sha256, sum, name);
  }
  assert.equal(text.match(/Signature$/gm)?.length, 2, 'room for two people');
  const { text: page } = JSON.parse(json) as { text: { sha256: string } };
  assert.equal(page.sha256, sha256Hex(new TextEncoder().encode(text)));
  const signature = await readFile(join(root, `transcript-${number}.sig`));
  const verifies = (signed: string): boolean =>
    verifySignature(certificate.publicKey, 'ecdsa-with-SHA256', new TextEncoder().encode(signed), signature);
  assert.ok(verifies(json));
  assert.ok(!verifies(json.replace('"at": "2', '"at": "1')));
}

test('a root that is carried away: its key never is in the state directory, and the next issuer is certified by files', async () => {
  const [dir, root] = [folder.in('state'), folder.in('root')];
  const created = await done(
    authority('create', '--dir', dir, '--trust-domain', 'corp.internal', '--offline-root', root, ...words()),
  );
  assert.ok(!(await readdir(`${dir}/authority`)).includes('root.key.pem'));
  assert.match(await readFile(`${root}/root.key.pem`, 'utf8'), /ENCRYPTED/);
  for (const name of await readdir(root)) assert.equal((await stat(join(root, name))).mode & 0o077, 0, name);
  await assertTranscript(root, 1, {
    'root.pem': `${dir}/authority/root.pem`,
    'root.key.pem': `${root}/root.key.pem`,
    'issuer.pem': `${dir}/authority/issuer.pem`,
  });
  const running = await startAuthority(dir);
  assert.equal(running.root, (created['anchor'] as { sha256: string }).sha256);

  const [request, answer] = [folder.in('request.pem'), folder.in('answer.pem')];
  // While it runs: it goes on with the issuer that it has.
  await done(authority('ceremony', 'request', '--dir', dir, '--out', request));
  const sign = ['ceremony', 'sign', '--root', root, '--request', request, '--out', answer];
  const wrong = await authority(...sign, '--root-passphrase-file', folder.in('other-words'));
  assert.deepEqual([wrong.status, wrong.result['code']], [1, 'CS-PASS-001']);
  const signed = await done(authority(...sign, ...words()));
  await assertTranscript(root, 2, { 'root.pem': `${root}/root.pem`, 'request.pem': request, 'answer.pem': answer });
  // Taken in under the authority that runs, which one person may where there is no other.
  const accepted = await done(authority('ceremony', 'accept', answer, '--dir', dir));
  assert.deepEqual([accepted['replaces'], accepted['warnings'], accepted['proposal']], [true, [], null]);
  const [chain] = accepted['chain'] as { serial: string }[];
  assert.equal(chain?.serial, signed['serial']);
  const names = (await readdir(`${dir}/authority`)).map((name) => name.replace(/-[0-9a-f]{16}\./, '-X.'));
  assert.deepEqual(names.sort(), [
    'issuer.key.pem',
    'issuer.pem',
    'retired-X.key.pem',
    'retired-X.pem',
    'root.pem',
    'settings.json',
  ]);
  const again = await authority('ceremony', 'accept', answer, '--dir', dir);
  assert.equal(again.result['code'], 'CS-ISSUER-008', 'an answer is taken once');
  const issuerOf = async (name: string): Promise<unknown> => {
    await done(countersign(['issue', name, '--dir', dir, '--out', folder.in(name), '--json']));
    return readCertificatesPem(await readFile(folder.in(name, 'cert.pem'), 'utf8'))[1]?.serialNumber;
  };
  assert.notEqual(await issuerOf('before.internal'), chain?.serial, 'it goes on with the issuer that it has');
  await running.stop();
  const next = await startAuthority(dir);
  assert.equal(next.root, running.root);
  assert.equal(await issuerOf('after.internal'), chain?.serial);
  await next.stop();
});

test('a service from before the change of the issuer renews after it', async () => {
  const dir = folder.in('rotated');
  const before = await startAuthority(dir);
  const out = folder.in('web');
  await done(countersign(['issue', 'web.internal', '--dir', dir, '--out', out, '--json']));
  await before.stop();
  const [request, answer] = [folder.in('rotated.csr'), folder.in('rotated.pem')];
  await done(authority('ceremony', 'request', '--dir', dir, '--out', request));
  // A root that lies in the state directory signs in the same way.
  await done(authority('ceremony', 'sign', '--root', `${dir}/authority`, '--request', request, '--out', answer));
  await done(authority('ceremony', 'accept', answer, '--dir', dir));
  const port = new URL(before.url).port;
  const child = await startAuthorityAt(dir, port);
  await done(countersign(['renew', '--dir-credential', out, '--json']));
  const [, issuer] = readCertificatesPem(await readFile(`${out}/cert.pem`, 'utf8'));
  assert.equal(issuer?.serialNumber, readCertificatesPem(await readFile(answer, 'utf8'))[0]?.serialNumber);
  await child.stop();
});

test('a root made elsewhere certifies an authority that never had one', async () => {
  const [root, dir] = [folder.in('apart'), folder.in('under')];
  await done(authority('ceremony', 'root', '--trust-domain', 'apart.internal', '--out', root, ...words()));
  const [request, answer] = [folder.in('under.csr'), folder.in('under.pem')];
  await done(authority('create', '--issuer', '--trust-domain', 'apart.internal', '--dir', dir, '--out', request));
  await done(authority('ceremony', 'sign', '--root', root, '--request', request, '--out', answer, ...words()));
  const taken = await done(authority('import', answer, '--anchor', `${root}/root.pem`, '--dir', dir));
  assert.deepEqual(taken['warnings'], []);
  await assertTranscript(root, 1, { 'root.pem': `${root}/root.pem` });
});

test('a root that began beside its authority is carried away later', async () => {
  const [dir, root] = [folder.in('late'), folder.in('late-root')];
  const created = await done(authority('create', '--dir', dir));
  const exported = await done(authority('root', 'export', '--dir', dir, '--out', root, ...words()));
  assert.equal(exported['sha256'], (created['anchor'] as { sha256: string }).sha256);
  assert.ok(!(await readdir(`${dir}/authority`)).includes('root.key.pem'));
  const again = await authority('root', 'export', '--dir', dir, '--out', folder.in('twice'), ...words());
  assert.equal(again.result['code'], 'CS-CEREMONY-003');
  assert.equal((await authority('create', '--dir', dir)).result['code'], 'CS-ISSUER-011');
});

test('what is not for the root is not signed, and leaves no transcript', async () => {
  const [dir, root] = [folder.in('signer'), folder.in('signer-root')];
  const make = ['create', '--dir', dir, '--trust-domain', 'corp.internal', '--offline-root', root];
  assert.equal((await authority(...make)).result['code'], 'CS-CEREMONY-004', 'a carried root has a passphrase');
  await done(authority(...make, ...words()));
  const others = folder.in('others.csr');
  await done(
    authority('create', '--issuer', '--trust-domain', 'other.internal', '--dir', folder.in('o'), '--out', others),
  );
  const sign = (request: string, from = root): Promise<Ended> =>
    authority('ceremony', 'sign', '--root', from, '--request', request, '--out', folder.in('never'), ...words());
  const files = await readdir(root);
  const foreign = await sign(others);
  assert.deepEqual([foreign.status, foreign.result['code']], [1, 'CS-CEREMONY-001'], foreign.err);
  assert.equal((await sign(`${root}/root.pem`)).result['code'], 'CS-PEM-002');
  assert.equal((await sign(others, folder.in('o'))).result['code'], 'CS-CEREMONY-002');
  assert.deepEqual(await readdir(root), files);
});

/** On the port that credentials remember. */
async function startAuthorityAt(dir: string, port: string): Promise<{ stop(): Promise<Ended> }> {
  const child = start(['up', '--dir', dir, '--listen', `127.0.0.1:${port}`, '--json']);
  const end = ended(child);
  await event(child, 'ready');
  return {
    stop: () => {
      child.kill('SIGTERM');
      return end;
    },
  };
}
