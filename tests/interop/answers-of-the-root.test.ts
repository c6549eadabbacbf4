/** A root that is kept apart says by OCSP what it says by its list: its answers are carried, handed out by the authority's responder, and taken by openssl. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { type Ended, type Folder, startAuthority, temporaryFolder } from '../e2e/command.ts';
import { countersign } from '../e2e/here.ts';
import { freePort } from '../fixtures/free-port.ts';
import { missing, run } from './peers.ts';

const absent = missing('openssl');
if (absent !== false) process.stderr.write(`SKIPPED: ${absent}\n`);

let folder: Folder;
before(async () => (folder = await temporaryFolder()));
after(() => folder.remove());

async function done(...args: string[]): Promise<Ended['result']> {
  const { status, err, result } = await countersign(['authority', ...args, '--json']);
  assert.equal(status, 0, err);
  return result;
}

test('good, revoked, and nothing of what it never certified', { skip: absent }, async () => {
  const [dir, root, port] = [folder.in('state'), folder.in('root'), await freePort()];
  const [words, list, answers] = [folder.in('words'), folder.in('root.crl'), folder.in('root.ocsp')];
  await writeFile(words, 'a passphrase for the root\n', { mode: 0o600 });
  const passphrase = ['--root-passphrase-file', words];
  await done('create', '--dir', dir, '--trust-domain', 'corp.internal', '--offline-root', root, ...passphrase);
  await writeFile(folder.in('a.yaml'), `publishing: { listen: "127.0.0.1:${String(port)}" }\n`, { mode: 0o600 });
  const [anchor, issuer] = [`${dir}/authority/root.pem`, `${dir}/authority/issuer.pem`];
  const running = await startAuthority(dir, { config: folder.in('a.yaml') });

  const asked = async (hash: string, ...which: string[]): Promise<string> => {
    const url = `http://127.0.0.1:${String(port)}/ocsp`;
    const trust = ['-CAfile', anchor, '-verify_other', anchor];
    const about = which.length === 0 ? ['-cert', issuer] : which;
    const { out, err } = await run('openssl', [
      ...['ocsp', '-no_nonce', '-url', url, '-issuer', anchor, ...trust, hash, ...about],
    ]);
    const verdict = /: (good|revoked|unknown)/.exec(out)?.[1];
    return verdict !== undefined && err.includes('Response verify OK') ? verdict : (out + err).trim();
  };
  const sign = (...more: string[]): Promise<Ended['result']> =>
    done('ceremony', 'list', '--root', root, '--out', list, '--ocsp', answers, ...passphrase, '--yes', ...more);

  assert.match(await asked('-sha1'), /unauthorized/, 'nothing was carried here yet');
  const signed = await sign();
  assert.equal(signed['ocsp'], answers);
  assert.match(await readFile(`${root}/transcript-2.txt`, 'utf8'), /root\.ocsp/);
  const published = await done('publish-crl', list, '--ocsp', answers, '--dir', dir);
  assert.equal(published['answers'], 2);
  assert.deepEqual([await asked('-sha1'), await asked('-sha256')], ['good', 'good']);
  assert.match(await asked('-sha1', '-serial', '0x0A0B0C'), /unauthorized/);
  assert.match(await asked('-sha512'), /unauthorized/, 'it is not signed ahead');

  await sign('--revoke', issuer, '--reason', 'cACompromise');
  await done('publish-crl', list, '--ocsp', answers, '--dir', dir);
  assert.equal(await asked('-sha1'), 'revoked');

  await sign();
  for (const [contents, rule] of [
    [await readFile(list, 'utf8'), /X509 CRL instead of/],
    [(await readFile(answers, 'utf8')).replace(/^(MI.*)A/m, '$1B'), /CS-CRL-022/],
    ['-----BEGIN OCSP RESPONSE-----\nMAMKAQY=\n-----END OCSP RESPONSE-----\n', /unauthorized/],
  ] as const) {
    const wrong = folder.in('wrong.ocsp');
    await writeFile(wrong, contents);
    const refused = await countersign(['authority', 'publish-crl', list, '--ocsp', wrong, '--dir', dir, '--json']);
    assert.equal(refused.result['code'], 'CS-CRL-022', refused.err);
    assert.match(refused.err, rule);
  }
  assert.equal(await asked('-sha256'), 'revoked', 'what is refused changes nothing');
  await done('publish-crl', list, '--dir', dir);
  assert.match(await asked('-sha1'), /unauthorized/, 'a newer list came without answers: the older ones went');
  await running.stop();
});
