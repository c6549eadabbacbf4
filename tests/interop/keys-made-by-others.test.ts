/** A corporate authority that hands over key and certificate in a PKCS#12 file: whichever kind of key it made, it works or is refused with the kinds that do. */
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { temporaryFolder, type Ended, type Folder } from '../e2e/command.ts';
import { Corporation, openssl, type CorporateAuthority } from './corporate.ts';
import { missing } from './peers.ts';
import { take, trustDomain, works } from './under-corporate-root.ts';

const skip = missing('openssl');

let folder: Folder;
let corporation: Corporation;
let root: CorporateAuthority;

before(async () => {
  folder = await temporaryFolder();
  await mkdir(folder.in('corp'));
  await writeFile(folder.in('words'), 'open sesame\n', { mode: 0o600 });
  await writeFile(folder.in('own-words'), 'of the keys\n', { mode: 0o600 });
  corporation = new Corporation(folder.in('corp'));
  if (skip === false) root = await corporation.root('Root');
});
after(() => folder.remove());

/** As `openssl genpkey` takes them. */
const kinds = {
  'RSA 1024': ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024'],
  'RSA 2048': ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
  'RSA 3072': ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:3072'],
  'RSASSA-PSS': ['-algorithm', 'RSA-PSS', '-pkeyopt', 'rsa_keygen_bits:2048'],
  'P-384': ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'],
  secp256k1: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:secp256k1'],
  Ed25519: ['-algorithm', 'ED25519'],
  Ed448: ['-algorithm', 'ED448'],
} as const;

type Kind = keyof typeof kinds;

async function handedOver(kind: Kind): Promise<{ dir: string; taken: Ended }> {
  const at = kind.replace(' ', '-');
  const [key, request] = [corporation.path(`${at}.key`), corporation.path(`${at}.csr`)];
  await openssl('genpkey', ...kinds[kind], '-out', key);
  await openssl('req', '-new', '-key', key, '-subj', `/O=Corp/CN=${kind}`, '-out', request);
  const certificate = await corporation.certify(request, root);
  const file = await corporation.pkcs12(certificate, key, [root.certificate], 'open sesame');
  const dir = folder.in(at);
  const words = ['--pkcs12-passphrase-file', folder.in('words'), '--passphrase-file', folder.in('own-words')];
  const taken = await take(dir, file, '--anchor', root.certificate, '--trust-domain', trustDomain, ...words);
  return { dir, taken };
}

for (const kind of ['RSA 2048', 'RSA 3072', 'P-384', 'Ed25519'] as const) {
  test(`${kind} works`, { skip }, async () => {
    const { dir, taken } = await handedOver(kind);
    assert.equal(taken.status, 0, taken.err);
    assert.match(await readFile(`${dir}/authority/issuer.key.pem`, 'utf8'), /ENCRYPTED/);
    await works(dir, root, 2, { env: { COUNTERSIGN_PASSPHRASE: 'of the keys' } });
  });
}

for (const kind of ['RSA 1024', 'RSASSA-PSS', 'secp256k1', 'Ed448'] as const) {
  test(`${kind} is refused with the kinds that are taken`, { skip }, async () => {
    const { taken } = await handedOver(kind);
    assert.deepEqual([taken.status, taken.result['code']], [1, 'CS-X509-002'], taken.err);
    assert.match(String(taken.result['remedy']), /P-256, P-384, P-521.*Ed25519.*RSA of 2048/);
  });
}
