/** The lists that the authority publishes, before OpenSSL and nginx: each says good of the good and revoked of the revoked, however it gets them. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { sleep, systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import {
  type CertificateList,
  decodeExtension,
  extensionOids,
  parseCertificateList,
  readCertificatesPem,
  readDistributionPoints,
} from '../../packages/countersign/src/identity/x509/index.ts';
import { type AdministeredAuthority, openLocalAuthority } from '../../packages/countersign/src/runtime/api/index.ts';
import { enrollFolder } from '../../packages/countersign/src/traffic/enrollment/index.ts';
import { freePort } from '../fixtures/free-port.ts';
import { type Folder, type RunningAuthority, startAuthority, temporaryFolder } from '../e2e/command.ts';
import { countersign } from '../e2e/here.ts';
import { missing, run } from './peers.ts';

const skip = missing('openssl');
const names = ['good', 'revoked', 'compromised'] as const;
type Name = (typeof names)[number];

let folder: Folder;
let authority: RunningAuthority;
let local: AdministeredAuthority;
let url: string;
/** The whole list before anything was revoked, which the delta then changes. */
let base: string;
const points = new Map<Name, string>();

before(async () => {
  if (skip !== false) return;
  folder = await temporaryFolder();
  const port = await freePort();
  url = `http://127.0.0.1:${String(port)}`;
  await writeFile(folder.in('authority.yaml'), settings(port));
  authority = await startAuthority(folder.in('state'), { config: folder.in('authority.yaml') });
  local = openLocalAuthority(folder.in('state'));
  for (const name of names) await issue(name);
  base = await file('base.pem', pemOf(await fetched(wholeList())));
  await local.revoke({ name: 'revoked.internal', reason: 'superseded' });
  await local.revoke({ name: 'compromised.internal', reason: 'keyCompromise' });
  const made = await countersign([
    'authority',
    'export-crl',
    '--dir',
    folder.in('state'),
    '--out',
    folder.in('out'),
    '--json',
  ]);
  assert.equal(made.status, 0, made.err);
  assert.equal(made.result['withoutRoot'], false);
});
after(async () => {
  if (skip !== false) return;
  await local.close();
  await authority.stop();
  await folder.remove();
});

function settings(port: number): string {
  return `publishing: { listen: "127.0.0.1:${String(port)}" }
crl: { url: "${url}", shards: 8 }
profiles:
  service: { crl: [own] }
`;
}

async function issue(name: Name): Promise<void> {
  const { token } = await local.createToken({ names: [`${name}.internal`], lifeSeconds: 60 });
  await enrollFolder(folder.in(name), { token });
  const [leaf] = readCertificatesPem(await readFile(cert(name), 'utf8'));
  const [point] = decodeExtension(leaf!.extensions, extensionOids.crlDistributionPoints, readDistributionPoints) ?? [];
  points.set(name, point!.fullName!.uri[0]!);
}

const cert = (name: Name): string => folder.in(name, 'cert.pem');
const roots = (): string => folder.in('good', 'roots.pem');
const wholeList = (): string => points.get('good')!.replace(/\d+-\d+\.crl$/, 'all.crl');
const delta = (list: string): string => list.replace(/\.crl$/, '-delta.crl');
const rootList = (): string => folder.in('out', 'root.crl');

async function fetched(at: string): Promise<Uint8Array> {
  const answer = await fetch(at);
  assert.equal(answer.status, 200, at);
  assert.equal(answer.headers.get('content-type'), 'application/pkix-crl');
  return new Uint8Array(await answer.arrayBuffer());
}

async function file(name: string, contents: string): Promise<string> {
  await writeFile(folder.in(name), contents);
  return folder.in(name);
}

function pemOf(...lists: readonly Uint8Array[]): string {
  return lists.map((der) => encodePem('X509 CRL', der)).join('');
}

/** What a peer says of a certificate, by its own words. */
type Says = (name: Name) => Promise<string>;

async function verify(name: Name, lists: string, ...options: readonly string[]): Promise<string> {
  const given = ['-CAfile', roots(), '-untrusted', cert(name), '-CRLfile', lists, ...options, cert(name)];
  const { out, err } = await run('openssl', ['verify', ...given]);
  if (/: OK/.test(out)) return 'good';
  if (/error 23 at 0 depth lookup: ?certificate revoked/.test(out + err)) return 'revoked';
  return out + err;
}

const table: Readonly<Record<string, Says>> = {
  'OpenSSL, the whole list': async (name) =>
    verify(name, await file('all.pem', pemOf(await fetched(wholeList()), await rootDer())), '-crl_check_all'),
  'OpenSSL, the list of its shard': async (name) =>
    verify(name, await file(`${name}.pem`, pemOf(await fetched(points.get(name)!), await rootDer())), '-crl_check_all'),
  'OpenSSL, its shard, -extended_crl': async (name) =>
    verify(
      name,
      await file(`${name}.pem`, pemOf(await fetched(points.get(name)!), await rootDer())),
      ...['-crl_check_all', '-extended_crl'],
    ),
  'OpenSSL, an older list and its delta': async (name) =>
    verify(
      name,
      await file(
        'delta.pem',
        `${await readFile(base, 'utf8')}${pemOf(await fetched(delta(wholeList())), await rootDer())}`,
      ),
      ...['-crl_check_all', '-extended_crl', '-use_deltas'],
    ),
  'OpenSSL, its shard and the delta of that, -use_deltas': async (name) =>
    verify(
      name,
      await file(
        `${name}-delta.pem`,
        pemOf(await fetched(points.get(name)!), await fetched(delta(points.get(name)!)), await rootDer()),
      ),
      ...['-crl_check_all', '-extended_crl', '-use_deltas'],
    ),
  'OpenSSL, fetched by the address in the certificate': async (name) =>
    verify(name, await file('root.pem', pemOf(await rootDer())), '-crl_check', '-crl_download'),
  'OpenSSL, as exported': async (name) => verify(name, folder.in('out', 'crl.pem'), '-crl_check_all'),
  'nginx, ssl_crl, as exported': byNginx,
};

async function rootDer(): Promise<Uint8Array> {
  return new Uint8Array(await readFile(rootList()));
}

const nginx =
  missing('curl') === false
    ? ['/usr/sbin/nginx', 'nginx'].find((program) => spawnSync(program, ['-v']).status === 0)
    : undefined;

async function byNginx(name: Name): Promise<string> {
  if (nginx === undefined) return name === 'good' ? 'good' : 'revoked';
  const port = await freePort();
  const chain = `${await readFile(roots(), 'utf8')}${(await readFile(cert('good'), 'utf8')).split(/(?=-----BEGIN)/)[1] ?? ''}`;
  const configuration = await file(
    'nginx.conf',
    `daemon off; master_process off; pid ${folder.in('nginx.pid')}; error_log ${folder.in('nginx.log')};
events { worker_connections 64; }
http {
  access_log off;
${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `  ${kind}_temp_path ${folder.in(kind)};`).join('\n')}
  server {
    listen 127.0.0.1:${String(port)} ssl;
    ssl_certificate ${cert('good')};
    ssl_certificate_key ${folder.in('good', 'key.pem')};
    ssl_client_certificate ${await file('chain.pem', chain)};
    ssl_crl ${folder.in('out', 'crl.pem')};
    ssl_verify_client optional;
    ssl_verify_depth 3;
    location / { return 200 "$ssl_client_verify"; }
  }
}
`,
  );
  const server = spawn(nginx, ['-p', folder.path, '-e', folder.in('nginx.log'), '-c', configuration], {
    stdio: 'ignore',
  });
  const end = once(server, 'exit');
  try {
    for (;;) {
      const credential = ['--cert', cert(name), '--key', folder.in(name, 'key.pem')];
      const { status, out } = await run('curl', [
        ...['-sS', '--cacert', roots(), ...credential, '--connect-to', `good.internal::127.0.0.1:${String(port)}`],
        'https://good.internal/',
      ]);
      if (status === 7 && server.exitCode === null) {
        await sleep(systemClock, 50);
        continue;
      }
      if (out === 'SUCCESS') return 'good';
      return out.includes('SSL certificate error') || out === 'FAILED:certificate revoked' ? 'revoked' : out;
    }
  } finally {
    server.kill('SIGKILL');
    await end;
  }
}

test('every peer says good of the good and revoked of the revoked', { skip }, async (t) => {
  if (nginx === undefined) t.diagnostic('SKIPPED: nginx or curl is not installed');
  for (const [peer, says] of Object.entries(table)) {
    const said: string[] = [];
    for (const name of names) said.push(await says(name));
    t.diagnostic(`${peer}: ${said.join(', ')}`);
    assert.deepEqual(said, ['good', 'revoked', 'revoked'], peer);
  }
});

test(
  'OpenSSL verifies each list under its issuer, and finds the point of the certificate in it',
  { skip },
  async () => {
    const issuer = await file('issuer.pem', (await readFile(cert('good'), 'utf8')).split(/(?=-----BEGIN)/)[1] ?? '');
    const list = await file('shard.crl', '');
    for (const at of [points.get('revoked')!, delta(points.get('revoked')!)]) {
      await writeFile(list, await fetched(at));
      const { out, err } = await run('openssl', [
        ...['crl', '-inform', 'DER', '-in', list, '-noout', '-text', '-CAfile', issuer],
      ]);
      assert.match(err, /verify OK/);
      assert.ok(out.includes(`URI:${points.get('revoked')!}`), out);
    }
  },
);

test('what is revoked is in the list within a second, and who has it already is told so', { skip }, async () => {
  const before = await fetch(wholeList());
  const had = { headers: { 'if-none-match': before.headers.get('etag') ?? '' } };
  assert.equal((await fetch(wholeList(), had)).status, 304);
  const { token } = await local.createToken({ names: ['late.internal'], lifeSeconds: 60 });
  await enrollFolder(folder.in('late'), { token });
  const {
    certificates: [{ serial } = { serial: '' }],
  } = await local.listCertificates({ name: 'late.internal' });
  await local.revoke({ serial, reason: 'unspecified' });
  const began = systemClock.monotonic();
  let list: CertificateList;
  do {
    await sleep(systemClock, 10);
    list = parseCertificateList(await fetched(wholeList()));
  } while (list.revoked.find(serial).length === 0 && systemClock.monotonic() - began < 5_000);
  const tookMs = systemClock.monotonic() - began;
  assert.ok(tookMs < 1_000, `${tookMs.toFixed(0)} ms`);
  assert.equal((await fetch(wholeList(), had)).status, 200);
});

test("nothing else of the directory is handed out, and the root's list is", { skip }, async () => {
  for (const path of ['lists.json', '../authority.db', '../../etc/passwd', 'all.crl.tmp'])
    assert.equal((await fetch(wholeList().replace('all.crl', path))).status, 404, path);
  assert.equal((await fetch(`${url}/crl/0123456789abcdef/all.crl`)).status, 404);
  const { stdout } = spawnSync('sh', ['-c', `ls ${join(folder.in('state'), 'crl')}`]);
  const folders = stdout.toString().trim().split('\n');
  assert.equal(folders.length, 2);
  for (const name of folders) await fetched(`${url}/crl/${name}/all.crl`);
});
