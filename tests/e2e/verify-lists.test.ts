/** `verify` with --crl and --ocsp says which list or answer decided about each certificate of the path, and how old it was. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { encodePem, fromHex } from '../../packages/countersign/src/ground/encoding/index.ts';
import {
  type CertificateList,
  type CertStatus,
  encodeCertId,
  encodeOcspResponse,
  encodeResponseData,
} from '../../packages/countersign/src/identity/x509/index.ts';
import { certIdHash } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { hourMs, makeIssuer, makeRoot, makeService, testMoment } from '../fixtures/certificates.ts';
import { entryFor, makeList } from '../fixtures/revocation-lists.ts';
import { type Ended, type Folder, temporaryFolder } from './command.ts';
import { countersign } from './here.ts';

const root = makeRoot();
const issuer = makeIssuer(root);
const leaf = makeService(issuer, { subject: 'web' });
const lists: Readonly<Record<string, CertificateList>> = {
  root: makeList(root),
  good: makeList(issuer, { number: 5 }),
  revoked: makeList(issuer, { number: 5, revoked: [entryFor(leaf, 'keyCompromise')] }),
  delta: makeList(issuer, {
    number: 7,
    base: 5,
    thisUpdate: testMoment - hourMs / 4,
    revoked: [entryFor(leaf, 'certificateHold')],
  }),
};

/** What `signer` answers of a certificate that it issued itself. */
function ocspAnswer(signer: typeof issuer, of: typeof issuer, certStatus: CertStatus, thisUpdate: number): Uint8Array {
  const serial = fromHex(of.certificate.serialNumber) ?? new Uint8Array();
  const certId = encodeCertId(signer.certificate, serial, 'SHA-256', (bytes) => certIdHash('SHA-256', bytes));
  const data = encodeResponseData({
    responderId: { name: signer.certificate.subject.raw },
    producedAt: thisUpdate,
    responses: [{ certId, certStatus, thisUpdate, nextUpdate: testMoment + hourMs, extensions: [] }],
    extensions: [],
  });
  return encodeOcspResponse(data, signer.key.signatureAlgorithm, signer.key.sign(data));
}

const revokedThen: CertStatus = { status: 'revoked', revocationTime: testMoment - hourMs, reason: 'keyCompromise' };
const answers: Readonly<Record<string, Uint8Array>> = {
  issuer: ocspAnswer(root, issuer, { status: 'good' }, testMoment - hourMs / 2),
  good: ocspAnswer(issuer, leaf, { status: 'good' }, testMoment - hourMs / 2),
  revoked: ocspAnswer(issuer, leaf, revokedThen, testMoment - hourMs / 2),
  unknown: ocspAnswer(issuer, leaf, { status: 'unknown' }, testMoment - hourMs / 2),
  forged: ocspAnswer(root, leaf, { status: 'good' }, testMoment - hourMs / 2),
};

let folder: Folder;
before(async () => {
  folder = await temporaryFolder();
  const pem = (...of: readonly (typeof root)[]): string =>
    of.map(({ certificate }) => encodePem('CERTIFICATE', certificate.raw)).join('');
  await writeFile(folder.in('chain.pem'), pem(leaf, issuer));
  await writeFile(folder.in('root.pem'), pem(root));
  for (const [name, { raw }] of Object.entries(lists)) {
    await writeFile(folder.in(`${name}.crl`), name === 'good' ? raw : encodePem('X509 CRL', raw));
  }
  for (const [name, bytes] of Object.entries(answers)) await writeFile(folder.in(`${name}.ocsp`), bytes);
});
after(() => folder.remove());

function verify(names: readonly string[], ...more: string[]): Promise<Ended> {
  const crls = names.flatMap((name) => ['--crl', folder.in(name)]);
  const asked = ['--roots', folder.in('root.pem'), '--purpose', 'client', '--at', new Date(testMoment).toISOString()];
  return countersign(['verify', folder.in('chain.pem'), ...asked, ...crls, ...more]);
}

const ofLeaf = ({ result }: Ended): Record<string, unknown> => {
  const [first] = result['revocation'] as Record<string, unknown>[];
  return first ?? {};
};

test('good: status 0, and the list that decided with its age', async () => {
  const ended = await verify(['root.crl', 'good.crl'], '--json');
  assert.deepEqual([ended.status, ended.result['valid']], [0, true]);
  assert.deepEqual(ofLeaf(ended), {
    subject: 'CN=web',
    serialNumber: leaf.certificate.serialNumber,
    status: 'good',
    means: 'crl',
    thisUpdate: '2026-06-01T11:00:00Z',
    ageSeconds: 3600,
    freshUntil: '2026-06-01T13:00:00Z',
    lists: [
      {
        issuer: 'CN=test issuer',
        number: '05',
        thisUpdate: '2026-06-01T11:00:00Z',
        nextUpdate: '2026-06-01T13:00:00Z',
        delta: null,
        signer: 'CN=test issuer',
        ageSeconds: 3600,
        freshUntil: '2026-06-01T13:00:00Z',
      },
    ],
  });
});

test('revoked: status 1, by a list or by changes to it', async () => {
  const revoked = await verify(['root.crl', 'revoked.crl'], '--json');
  assert.deepEqual([revoked.status, revoked.result['code']], [1, 'CS-CRL-002']);
  assert.equal(ofLeaf(revoked)['reason'], 'keyCompromise');
  const held = await verify(['root.crl', 'good.crl', 'delta.crl'], '--json');
  assert.deepEqual([held.status, held.result['code']], [1, 'CS-CRL-002']);
  assert.equal(ofLeaf(held)['reason'], 'certificateHold');
  assert.deepEqual((ofLeaf(held)['lists'] as { delta: unknown }[])[0]?.delta, {
    number: '07',
    thisUpdate: '2026-06-01T11:45:00Z',
  });
});

test('not known is not valid: no list, one out of date', async () => {
  const codes = [
    (await verify(['root.crl'], '--json')).result['code'],
    (await verify(['root.crl', 'good.crl'], '--crl-max-age', '30m', '--json')).result['code'],
  ];
  assert.deepEqual(codes, ['CS-CRL-003', 'CS-CRL-004']);
});

function ask(...more: string[]): Promise<Ended> {
  return verify([], '--revocation', ...more, '--json');
}

const ocsp = (...names: readonly string[]): string[] => names.flatMap((name) => ['--ocsp', folder.in(`${name}.ocsp`)]);

test('an OCSP answer decides, its age said; beside a list the newer one does, and whoever says revoked', async () => {
  const [good, newer, revoked] = await Promise.all([
    ask(...ocsp('issuer', 'good')),
    ask('--crl', folder.in('root.crl'), '--crl', folder.in('good.crl'), ...ocsp('good')),
    ask('--crl', folder.in('root.crl'), '--crl', folder.in('good.crl'), ...ocsp('revoked')),
  ]);
  assert.deepEqual([good.status, ofLeaf(good)['means'], ofLeaf(good)['ageSeconds']], [0, 'ocsp', 1800]);
  assert.deepEqual([newer.status, ofLeaf(newer)['means'], ofLeaf(newer)['ageSeconds']], [0, 'ocsp', 1800]);
  assert.equal((newer.result['revocation'] as { means: string }[])[1]?.means, 'crl');
  assert.deepEqual([revoked.status, revoked.result['code'], ofLeaf(revoked)['means']], [1, 'CS-PEER-008', 'ocsp']);
});

test('no answer that counts is not known: unknown to the responder, signed by another, none at all', async () => {
  const [unknown, forged, missing, unasked] = await Promise.all([
    ask('--crl', folder.in('root.crl'), '--crl', folder.in('good.crl'), ...ocsp('unknown')),
    ask(...ocsp('issuer', 'forged')),
    ask(...ocsp('issuer')),
    ask(),
  ]);
  assert.deepEqual(
    [unknown, forged, missing].map(({ status, result }) => [status, result['code']]),
    [
      [1, 'CS-OCSP-009'],
      [1, 'CS-OCSP-005'],
      [1, 'CS-OCSP-005'],
    ],
  );
  assert.deepEqual([unasked.status, unasked.result['code']], [2, 'CS-USAGE-004']);
});

test('a file of --crl that holds no list is no answer', async () => {
  const { status, err } = await verify(['root.pem']);
  assert.equal(status, 3);
  assert.match(err, /in the file of --crl/);
});

test('people are told in a line for each certificate; without --crl that revocation was not looked at', async () => {
  const { out } = await verify(['root.crl', 'good.crl', 'delta.crl']);
  const text = out.replaceAll(/\s+/g, ' ');
  assert.match(
    text,
    /revocation CN=web: revoked \(certificateHold\), by the list of CN=test issuer, number 05 with changes to number 07, 15 min old/,
  );
  assert.match(text, /revocation CN=test issuer: good, by the list of CN=test root, number 01, 60 min old/);
  const unasked = await verify([]);
  assert.match(unasked.out, /not checked\s+revocation: --crl FILE/);
  assert.equal((await verify([], '--json')).result['revocation'], null);
});
