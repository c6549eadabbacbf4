/** Under roots made by OpenSSL: each answer that is good is taken and works with other programs, each that is not is refused by name and changes nothing. */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { startAuthority, temporaryFolder, type Folder } from '../e2e/command.ts';
import { countersign } from '../e2e/here.ts';
import { authorityExtensions, Corporation, issuerExtensions, openssl, type CorporateAuthority } from './corporate.ts';
import { missing } from './peers.ts';
import { take, trustDomain, works } from './under-corporate-root.ts';

const skip = missing('openssl');
const feedSigning = '2.25.224693371871938520317386442915203843617';

let folder: Folder;
let corporation: Corporation;
let root: CorporateAuthority;

before(async () => {
  folder = await temporaryFolder();
  await mkdir(folder.in('corp'));
  corporation = new Corporation(folder.in('corp'));
  if (skip === false) root = await corporation.root('Root');
});

after(() => folder.remove());

/** A state directory that waits for the answer to its request. */
async function waiting(name: string): Promise<{ dir: string; request: string }> {
  const [dir, request] = [folder.in(name), folder.in(`${name}.csr`)];
  const args = ['authority', 'create', '--issuer', '--trust-domain', trustDomain, '--dir', dir, '--out', request];
  const made = await countersign([...args, '--json']);
  assert.equal(made.status, 0, made.err);
  return { dir, request };
}

test('directly under the root', { skip }, async () => {
  const { dir, request } = await waiting('direct');
  const taken = await take(dir, await corporation.certify(request, root), '--anchor', root.certificate);
  assert.equal(taken.status, 0, taken.err);
  assert.deepEqual(taken.result['warnings'], [
    `The issuer's certificate does not name spiffe://${trustDomain}; the trust domain is what the settings here say.`,
  ]);
  await works(dir, root, 2);
});

test('under an intermediate, with path lengths that just suffice, answered as PKCS#7', { skip }, async () => {
  const top = await corporation.root('Top', [
    'basicConstraints=critical,CA:TRUE,pathlen:2',
    ...authorityExtensions.slice(1),
  ]);
  const limited = ['basicConstraints=critical,CA:TRUE,pathlen:1', ...authorityExtensions.slice(1)];
  const middle = await corporation.intermediate('Middle', top, [...limited, 'authorityKeyIdentifier=keyid']);
  const { dir, request } = await waiting('middle');
  const answer = await corporation.certify(request, middle, [
    ...issuerExtensions,
    `subjectAltName=URI:spiffe://${trustDomain}`,
  ]);
  const taken = await take(
    dir,
    await corporation.pkcs7(answer, middle.certificate, top.certificate),
    '--anchor',
    top.certificate,
  );
  assert.equal(taken.status, 0, taken.err);
  assert.deepEqual(
    (taken.result['chain'] as { subject: string }[]).map(
      ({ subject }) => /CN=([^,]*)/.exec(subject)?.[1]?.split(' ')[0],
    ),
    [trustDomain, 'Middle'],
  );
  assert.deepEqual(taken.result['warnings'], []);
  await works(dir, top, 3);
});

test(
  'under name constraints: what is outside is not promised, and what is inside is taken by OpenSSL',
  { skip },
  async () => {
    const permitted = `nameConstraints=critical,permitted;URI:${trustDomain},permitted;DNS:${trustDomain},excluded;IP:10.0.0.0/255.0.0.0`;
    const narrow = await corporation.root('Narrow', [...authorityExtensions, permitted]);
    const { dir, request } = await waiting('narrow');
    const taken = await take(dir, await corporation.certify(request, narrow), '--anchor', narrow.certificate);
    assert.equal(taken.status, 0, taken.err);
    await works(dir, narrow, 2);
    const authority = await startAuthority(dir);
    try {
      const outside = await countersign(['token', 'web.other.internal', '--dir', dir, '--json']);
      assert.deepEqual([outside.status, outside.result['code']], [1, 'CS-ISSUER-001'], outside.err);
    } finally {
      await authority.stop();
    }
  },
);

test('PKCS#12 with the certificates, and one that brings a key of its own', { skip }, async () => {
  await writeFile(folder.in('words'), 'open sesame\n', { mode: 0o600 });
  const words = ['--pkcs12-passphrase-file', folder.in('words')];
  const { dir, request } = await waiting('pkcs12');
  const answer = await corporation.certify(request, root);
  const without = await corporation.pkcs12(answer, undefined, [root.certificate], 'open sesame');
  const noPassphrase = await take(dir, without, '--anchor', root.certificate);
  assert.deepEqual([noPassphrase.status, noPassphrase.result['code']], [2, 'CS-PKCS-002']);
  const taken = await take(dir, without, '--anchor', root.certificate, ...words);
  assert.equal(taken.status, 0, taken.err);

  const theirs = await corporation.intermediate('Made for us', root, issuerExtensions);
  const brought = await corporation.pkcs12(theirs.certificate, theirs.key, [root.certificate], 'open sesame');
  const fresh = folder.in('brought');
  await writeFile(folder.in('own-words'), 'of the keys\n', { mode: 0o600 });
  const own = await take(
    fresh,
    ...[brought, '--anchor', root.certificate, ...words, '--trust-domain', trustDomain],
    ...['--passphrase-file', folder.in('own-words')],
  );
  assert.equal(own.status, 0, own.err);
  assert.match(await readFile(`${fresh}/authority/issuer.key.pem`, 'utf8'), /ENCRYPTED/);
});

test('each answer that can not be used is refused by name, and nothing is changed', { skip }, async () => {
  const { dir, request } = await waiting('refused');
  const before = await readdir(`${dir}/authority`);
  const noAuthority = ['basicConstraints=critical,CA:FALSE', ...issuerExtensions.slice(1)];
  const noSigning = [issuerExtensions[0] ?? '', 'keyUsage=critical,digitalSignature', ...issuerExtensions.slice(2)];
  const shallow = await corporation.root('Shallow', [
    'basicConstraints=critical,CA:TRUE,pathlen:0',
    ...authorityExtensions.slice(1),
  ]);
  const elsewhere = await corporation.root('Elsewhere', [
    ...authorityExtensions,
    'nameConstraints=critical,permitted;URI:other.internal',
  ]);
  const between = await corporation.intermediate('Between', root);
  const usages = (list: string) => [...issuerExtensions, `extendedKeyUsage=${list}`];
  const { request: other } = await waiting('refused-other');
  const stranger = await corporation.root('Root');
  const cases: [string, string, CorporateAuthority, string][] = [
    ['another key', await corporation.certify(other, root), root, 'CS-ISSUER-002'],
    ['no authority', await corporation.certify(request, root, noAuthority), root, 'CS-ISSUER-003'],
    ['no keyCertSign', await corporation.certify(request, root, noSigning), root, 'CS-ISSUER-003'],
    ['a root of path length 0', await corporation.certify(request, shallow), shallow, 'CS-ISSUER-003'],
    ['names of others', await corporation.certify(request, elsewhere), elsewhere, 'CS-ISSUER-004'],
    [
      'servers and clients alone',
      await corporation.certify(request, root, usages('serverAuth,clientAuth')),
      root,
      'CS-ISSUER-005',
    ],
    ['the feed alone', await corporation.certify(request, root, usages(feedSigning)), root, 'CS-ISSUER-005'],
    ['expired', await corporation.certifyIn2020(request, root), root, 'CS-ISSUER-006'],
    ['a gap below the root', await corporation.certify(request, between), root, 'CS-ISSUER-007'],
    ['a root of the same name', await corporation.certify(request, root), stranger, 'CS-ISSUER-007'],
  ];
  for (const [what, answer, anchor, code] of cases) {
    const { status, result, err } = await take(dir, answer, '--anchor', anchor.certificate);
    assert.deepEqual([result['code'], status], [code, 1], `${what}: ${err}`);
    assert.ok(String(result['remedy']).length > 20);
    assert.deepEqual(await readdir(`${dir}/authority`), before, what);
  }
  const all = usages(`serverAuth,clientAuth,${feedSigning}`);
  const unsaid = await take(dir, await corporation.certify(request, root, all));
  assert.deepEqual(
    [unsaid.result['code'], unsaid.status],
    ['CS-ISSUER-009', 2],
    'a root is never taken from the answer',
  );
  const soon = await take(dir, await corporation.certify(request, root, all, 12), '--anchor', root.certificate);
  assert.equal(soon.status, 0, soon.err);
  assert.ok((soon.result['warnings'] as string[]).some((warning) => /ends in 1[12] days/.test(warning)));
});

test(
  'a next issuer under the same root is taken; one under another root is not; a root by its SHA-256 is',
  { skip },
  async () => {
    const { dir, request } = await waiting('next');
    const answer = await corporation.certify(request, root);
    const both = folder.in('both.pem');
    await writeFile(both, `${await readFile(answer, 'utf8')}${await readFile(root.certificate, 'utf8')}`);
    const sum = (await openssl('x509', '-in', root.certificate, '-noout', '-fingerprint', '-sha256'))
      .split('=')[1]
      ?.trim();
    const first = await take(dir, both, '--anchor-sha256', sum ?? '');
    assert.equal(first.status, 0, first.err);
    const again = folder.in('again.csr');
    await countersign(['authority', 'ceremony', 'request', '--dir', dir, '--out', again]);
    const foreign = await corporation.root('Foreign');
    const refused = await take(dir, await corporation.certify(again, foreign), '--anchor', foreign.certificate);
    assert.equal(refused.result['code'], 'CS-ISSUER-010');
    const next = await take(dir, await corporation.certify(again, root));
    assert.deepEqual([next.status, next.result['replaces']], [0, true], next.err);
    await works(dir, root, 2);
  },
);
