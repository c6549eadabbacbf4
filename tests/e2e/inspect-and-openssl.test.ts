/** `inspect` says of certificates, requests, lists and keys what openssl says, and shows nothing secret. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { vectors } from '../conformance/vectors.ts';
import { environment, missing } from '../interop/peers.ts';
import { temporaryFolder, type Event, type Folder } from './command.ts';
import { countersign } from './here.ts';

const skip = missing('openssl');
const passphrase = 'a passphrase of tests';
let folder: Folder;

function openssl(...args: string[]): string {
  return execFileSync('openssl', args, { cwd: folder.path, env: environment(), encoding: 'utf8', stdio: 'pipe' });
}

const configuration = `
[req]
distinguished_name=dn
[dn]
[leaf]
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature,keyEncipherment
extendedKeyUsage=serverAuth,clientAuth,1.2.3.4
subjectAltName=DNS:web.example.com,IP:10.0.0.1,IP:2001:db8::1,URI:spiffe://dev.internal/web,email:a@b.example,RID:1.2.3.4,otherName:1.3.6.1.4.1.311.20.2.3;UTF8:upn
crlDistributionPoints=URI:http://crl.example/a.crl
authorityInfoAccess=OCSP;URI:http://ocsp.example,caIssuers;URI:http://ca.example/ca.cer
certificatePolicies=2.23.140.1.2.1
tlsfeature=status_request
1.2.3.4.5=critical,DER:0403010203
[ca]
basicConstraints=critical,CA:TRUE,pathlen:1
keyUsage=critical,keyCertSign,cRLSign
nameConstraints=critical,permitted;DNS:example.com,excluded;email:bad.example
[ca_database]
database=index.txt
default_md=sha256
[several]
default_ca=ca_database
`;

/** What openssl makes its keys with, by what they are called here. */
const kinds: readonly (readonly [string, readonly string[]])[] = [
  ['rsa', ['rsa:2048']],
  ['p521', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-521']],
  ['p256', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256']],
  ['ed25519', ['ed25519']],
  ['pss', ['rsa-pss', '-pkeyopt', 'rsa_keygen_bits:2048', '-sigopt', 'rsa_pss_saltlen:digest']],
  ['weak', ['rsa:1024']],
  ['sha1', ['rsa:2048', '-sha1']],
];

const made: string[] = [];

before(async () => {
  folder = await temporaryFolder();
  if (skip !== false) return;
  writeFileSync(folder.in('c.cnf'), configuration);
  for (const [name, args] of kinds) {
    for (const extensions of ['ca', 'leaf']) {
      const file = `${name}-${extensions}`;
      const subject = `/C=DE/O=Bank/CN=${file}`;
      const common = [
        '-x509',
        '-nodes',
        '-days',
        '30',
        '-subj',
        subject,
        '-config',
        'c.cnf',
        '-extensions',
        extensions,
      ];
      openssl('req', ...common, '-newkey', ...args, '-keyout', `${file}.key`, '-out', `${file}.pem`);
      made.push(folder.in(`${file}.pem`));
    }
  }
});

after(() => folder.remove());

async function inspected(...args: string[]): Promise<readonly Event[]> {
  const { status, events, err } = await countersign(['inspect', ...args, '--json']);
  assert.equal(status, 0, err);
  return events;
}

/** Facts of `openssl x509 -text`, in our form. */
function factsOf(file: string): Record<string, unknown> {
  const text = openssl('x509', '-in', file, '-noout', '-text', '-nameopt', 'RFC2253');
  const serial = openssl('x509', '-in', file, '-noout', '-serial').trim().replace('serial=', '');
  const dates = openssl('x509', '-in', file, '-noout', '-startdate', '-enddate').trim().split('\n');
  const sha256 = openssl('x509', '-in', file, '-noout', '-fingerprint', '-sha256').trim();
  const names = /X509v3 Subject Alternative Name:.*\n\s*(.*)\n/.exec(text)?.[1]?.split(', ') ?? [];
  const block = /X509v3 extensions:\n([\s\S]*?)\n {4}Signature/.exec(text)?.[1] ?? '';
  return {
    serial,
    times: dates.map((line) => new Date(line.replace(/^.*?=/, '')).toISOString().replace('.000Z', 'Z')),
    sha256: sha256.replace(/^.*=/, '').replaceAll(':', '').toLowerCase(),
    bits: Number(/Public-Key: \((\d+) bit/.exec(text)?.[1] ?? 0),
    names: names.filter((name) => name.startsWith('DNS:')).map((name) => name.slice(4)),
    nameCount: names.length,
    // Each extension's own line stands 12 deep, what it says 16.
    extensions: block.split('\n').filter((line) => /^ {12}\S/.test(line)).length,
  };
}

/** The same from one event. */
function toldBy(event: Event): Record<string, unknown> {
  const names = event['subjectAltName'] as Readonly<Record<string, readonly string[]>>;
  const { bits } = event['publicKey'] as { bits: number };
  return {
    serial: event['serial'],
    times: [event['notBefore'], event['notAfter']],
    sha256: event['sha256'],
    bits,
    names: names['dns'],
    nameCount: Object.values(names).flat().length,
    extensions: (event['extensions'] as readonly unknown[]).length,
  };
}

test('a dozen certificates: serial, times, key size, names and extensions are those of openssl', { skip }, async () => {
  const events = await inspected(...made);
  assert.equal(made.length, 14);
  for (const [index, file] of made.entries()) {
    const expected = factsOf(file);
    // It counts no bits of keys that have one size alone.
    const told = toldBy(events[index] ?? {});
    assert.deepEqual(/ed25519/.test(file) ? { ...told, bits: expected['bits'] } : told, expected, file);
  }
});

test('every extension is decoded but the one that nobody knows', { skip }, async () => {
  const [event] = await inspected(folder.in('p256-leaf.pem'));
  const extensions = event?.['extensions'] as readonly { name?: string; oid: string; decoded: unknown }[];
  const unknown = extensions.filter(({ name, decoded }) => name === undefined || decoded === null);
  assert.deepEqual(
    unknown.map(({ oid }) => oid),
    ['1.2.3.4.5'],
  );
});

test('oddities in plain words, and no line beyond 80 columns that could be broken', { skip }, async () => {
  const texts = await Promise.all(made.map((file) => countersign(['inspect', file, '--octets'])));
  const all = texts
    .map(({ out }) => out)
    .join('\n')
    .replaceAll(/\n {5}(?=\S)/g, ' ');
  assert.match(all, /weak key: RSA of 1024 bits/);
  assert.match(all, /its own signature is by SHA-1/);
  assert.match(all, /critical extension 1\.2\.3\.4\.5 is not known here/);
  assert.match(all, /signed by itself: nobody vouches/);
  for (const { out } of texts) {
    for (const line of out.split('\n')) assert.ok(line.length <= 80 || !line.trim().includes(' '), line);
  }
});

test('keys of every form, and nothing of them but the public half', { skip }, async () => {
  const secret = openssl('pkey', '-in', 'rsa-leaf.key', '-noout', '-text');
  const prime = (/prime1:\s*([0-9a-f:\s]+)/.exec(secret)?.[1] ?? '').replaceAll(/[\s:]/g, '').slice(2, 40);
  openssl('rsa', '-in', 'rsa-leaf.key', '-traditional', '-out', 'pkcs1.key');
  openssl('ec', '-in', 'p521-leaf.key', '-out', 'sec1.key');
  openssl('pkcs8', '-topk8', '-in', 'p521-leaf.key', '-passout', `pass:${passphrase}`, '-out', 'sealed.key');
  writeFileSync(folder.in('passphrase'), `${passphrase}\n`, { mode: 0o600 });
  const files = ['pkcs1.key', 'rsa-leaf.key', 'sec1.key', 'weak-leaf.key', 'ed25519-leaf.key', 'sealed.key'];
  const paths = files.map((file) => folder.in(file));
  const { out, err, events } = await countersign([
    'inspect',
    ...paths,
    '--passphrase-file',
    folder.in('passphrase'),
    '--json',
  ]);
  const told = events.slice(0, -1).map((one) => [one['type'], one['usable']]);
  assert.deepEqual(told, [
    ['RSA', true],
    ['RSA', true],
    ['P-521', true],
    ['RSA', false],
    ['Ed25519', true],
    ['P-521', true],
  ]);
  assert.ok(prime.length > 20 && !out.includes(prime) && !err.includes(prime));
});

test('an encrypted key without its passphrase, with a wrong one, and with one as an argument', { skip }, async () => {
  openssl('pkcs8', '-topk8', '-in', 'p256-leaf.key', '-passout', `pass:${passphrase}`, '-out', 'closed.key');
  const file = folder.in('closed.key');
  assert.equal((await inspected(file))[0]?.['type'], 'encrypted');
  const wrong = await countersign(['inspect', file, '--json'], { env: { COUNTERSIGN_PASSPHRASE: 'another' } });
  assert.deepEqual([wrong.status, wrong.result['code']], [1, 'CS-PKCS-001']);
  const typed = await countersign(['inspect', file, '--passphrase', passphrase, '--json']);
  assert.deepEqual([typed.status, typed.result['code'], typed.err.includes(passphrase)], [2, 'CS-USAGE-008', false]);
});

test('a key under the encryption of old: refused with the command that makes PKCS#8 of it', { skip }, async () => {
  openssl('ec', '-in', 'p256-leaf.key', '-aes256', '-passout', `pass:${passphrase}`, '-out', 'old.key');
  const { status, result } = await countersign(['inspect', folder.in('old.key'), '--json']);
  assert.deepEqual([status, result['code']], [1, 'CS-PKCS-003']);
  assert.match(String(result['remedy']), /openssl pkcs8 -topk8/);
});

test('PKCS#12 and PKCS#7: what they hold, each object', { skip }, async () => {
  const pass = `pass:${passphrase}`;
  openssl(
    'pkcs12',
    '-export',
    '-in',
    'p256-leaf.pem',
    '-inkey',
    'p256-leaf.key',
    '-name',
    'my web',
    '-passout',
    pass,
    '-out',
    'a.p12',
  );
  openssl('crl2pkcs7', '-nocrl', '-certfile', 'p256-leaf.pem', '-certfile', 'rsa-ca.pem', '-out', 'a.p7b');
  const file = folder.in('a.p12');
  const opened = await countersign(['inspect', file, '--json'], { env: { COUNTERSIGN_PASSPHRASE: passphrase } });
  assert.deepEqual(
    opened.events.map((one) => one['event']),
    ['pkcs12', 'certificate', 'private-key', 'result'],
  );
  assert.equal(opened.events[1]?.['friendlyName'], 'my web');
  const closed = await countersign(['inspect', file, '--json']);
  assert.deepEqual([closed.status, closed.result['code']], [2, 'CS-PKCS-002']);
  assert.equal((await inspected(folder.in('a.p7b'))).length, 3);
});

test('a request, a revocation list and an OCSP request', { skip }, async () => {
  openssl(
    'req',
    '-new',
    '-key',
    'p256-leaf.key',
    '-subj',
    '/CN=web',
    '-config',
    'c.cnf',
    '-reqexts',
    'leaf',
    '-out',
    'a.csr',
  );
  writeFileSync(folder.in('index.txt'), '');
  const signer = ['-cert', 'rsa-ca.pem', '-keyfile', 'rsa-ca.key'];
  openssl(
    'ca',
    '-config',
    'c.cnf',
    '-name',
    'ca_database',
    ...signer,
    '-revoke',
    'p256-leaf.pem',
    '-crl_reason',
    'keyCompromise',
  );
  openssl('ca', '-config', 'c.cnf', '-name', 'ca_database', ...signer, '-gencrl', '-crldays', '7', '-out', 'a.crl');
  openssl('ocsp', '-issuer', 'rsa-ca.pem', '-cert', 'p256-leaf.pem', '-reqout', 'a.ocsp');
  const [request, list, question] = await inspected(folder.in('a.csr'), folder.in('a.crl'), folder.in('a.ocsp'));
  assert.equal((request?.['extensions'] as unknown[]).length, 9);
  assert.deepEqual([list?.['event'], list?.['entries'], list?.['worstSeconds']], ['revocation-list', 1, 7 * 86_400]);
  assert.equal((list?.['revoked'] as { reason: string }[])[0]?.reason, 'keyCompromise');
  assert.equal(question?.['event'], 'ocsp-request');
});

test('a certificate of version 1 is shown and refused, and MD5 is called by its name', { skip }, async () => {
  openssl('req', '-new', '-key', 'p256-leaf.key', '-subj', '/CN=old', '-config', 'c.cnf', '-out', 'old.csr');
  const signer = ['-CA', 'rsa-ca.pem', '-CAkey', 'rsa-ca.key', '-extfile', '/dev/null', '-days', '9'];
  openssl('x509', '-req', '-in', 'old.csr', ...signer, '-md5', '-set_serial', '0', '-out', 'old.pem');
  const text = openssl('x509', '-in', 'old.pem', '-noout', '-text');
  const { status, out } = await countersign(['inspect', folder.in('old.pem')]);
  assert.equal(status, 0);
  assert.match(text, /Version: 1 [^]*Serial Number: 0 [^]*md5WithRSAEncryption[^]*Subject: CN ?= ?old/);
  assert.match(out, /certificate of version 1, refused here[^]*subject +CN=old[^]*serial +00[^]*md5WithRSAEncryption/);
  const verified = await countersign([
    'verify',
    folder.in('old.pem'),
    '--roots',
    folder.in('rsa-ca.pem'),
    '--purpose',
    'any',
    '--json',
  ]);
  assert.deepEqual([verified.status, verified.result['valid'], verified.result['code']], [1, false, 'CS-X509-001']);
});

test('what is under a wrong label is said to be what it is', { skip }, async () => {
  const text = readFileSync(folder.in('p256-leaf.pem'), 'utf8').replaceAll('CERTIFICATE', 'X509 CRL');
  const { status, result } = await countersign(['inspect', '-', '--json'], { input: text });
  assert.deepEqual([status, result['code']], [1, 'CS-PEM-002']);
  assert.deepEqual(result['evidence'], { expected: 'X509 CRL', found: 'CERTIFICATE' });
});

const limbo = vectors('x509-limbo.json.gz', '8');

test("the Web's own chains are read whole", { skip: limbo.skip }, async () => {
  const json = JSON.parse(gunzipSync(readFileSync(limbo.path)).toString()) as {
    testcases: { id: string; peer_certificate: string; untrusted_intermediates: string[]; trusted_certs: string[] }[];
  };
  const web = json.testcases.filter(({ id }) => id.startsWith('online::'));
  assert.ok(web.length > 0);
  for (const { id, peer_certificate: leaf, untrusted_intermediates: others } of web) {
    const { status, events } = await countersign(['inspect', '-', '--json'], { input: [leaf, ...others].join('\n') });
    assert.deepEqual([status, events.length], [0, others.length + 2], id);
    for (const one of events.slice(0, -1)) {
      // Some have extensions of their makers' own, which must be kept and are known to nobody.
      const extensions = one['extensions'] as { name?: string; critical: boolean; decoded: unknown }[];
      assert.ok(
        extensions.every(({ name, critical, decoded }) => (name === undefined ? !critical : decoded !== null)),
        id,
      );
    }
  }
});
