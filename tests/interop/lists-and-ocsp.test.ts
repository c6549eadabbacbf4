/** OpenSSL reads and verifies the revocation lists and OCSP messages that we write, and we read those that it writes. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { encodePem, fromHex } from '../../packages/countersign/src/ground/encoding/index.ts';
import {
  acceptableResponsesExtension,
  archiveCutoffExtension,
  authorityKeyIdentifierExtension,
  certIdIsOf,
  accessMethods,
  authorityInfoAccessExtension,
  crlIssuerAltNameExtension,
  crlNumberExtension,
  deltaCrlIndicatorExtension,
  encodeCertId,
  encodeName,
  encodeOcspError,
  encodeOcspRequest,
  encodeOcspResponse,
  encodeResponseData,
  encodeSigned,
  encodeTbsCertList,
  encodeTbsRequest,
  expiredCertsOnCrlExtension,
  extendedKeyUsageExtension,
  extendedKeyUsages,
  freshestCrlExtension,
  issuingDistributionPointExtension,
  nonceExtension,
  parseCertificateList,
  parseOcspRequest,
  parseOcspResponse,
} from '../../packages/countersign/src/identity/x509/index.ts';
import { type Folder, temporaryFolder } from '../e2e/command.ts';
import { type Holder, hourMs, makeRoot, makeService } from '../fixtures/certificates.ts';
import { missing, run } from './peers.ts';

const skip = missing('openssl');

/** OpenSSL looks at the machine's clock. */
const now = Math.floor(Date.now() / 1000) * 1000;
const valid = { notBefore: now - hourMs, notAfter: now + hourMs };
const root: Holder = makeRoot({ subject: 'interop lists', ...valid });
const responder = makeService(root, {
  subject: 'interop responder',
  extensions: [extendedKeyUsageExtension([extendedKeyUsages.OCSPSigning])],
  ...valid,
});
const rootKeyIdentifier = fromHex(root.certificate.subjectKeyIdentifier!)!;
const hashes = {
  'SHA-1': (bytes: Uint8Array) => new Uint8Array(createHash('sha1').update(bytes).digest()),
  'SHA-256': (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest()),
} as const;

let folder: Folder;
let rootFile: string;
let keyFile: string;

before(async () => {
  folder = await temporaryFolder();
  rootFile = await written('root.pem', encodePem('CERTIFICATE', root.certificate.raw));
  keyFile = await written('root.key', root.key.toPem());
});
after(() => folder.remove());

async function written(name: string, contents: Uint8Array | string): Promise<string> {
  const file = folder.in(name);
  await writeFile(file, contents, { mode: 0o600 });
  return file;
}

async function openssl(...args: readonly string[]): Promise<{ out: string; err: string }> {
  const { status, out, err } = await run('openssl', args);
  assert.equal(status, 0, out + err);
  return { out, err };
}

function signedList(fields: Pick<Parameters<typeof encodeTbsCertList>[0], 'revoked' | 'extensions'>): Uint8Array {
  const tbs = encodeTbsCertList({
    signatureAlgorithm: root.key.signatureAlgorithm,
    issuer: root.certificate.subject.raw,
    thisUpdate: now,
    nextUpdate: now + hourMs,
    ...fields,
  });
  return encodeSigned(tbs, root.key.signatureAlgorithm, root.key.sign(tbs));
}

test('OpenSSL reads and verifies a list of ours', { skip }, async () => {
  const der = signedList({
    revoked: [
      { serialNumber: Uint8Array.of(0x0a), revocationDate: now },
      { serialNumber: Uint8Array.of(0x80, 1), revocationDate: now, reason: 'keyCompromise', invalidityDate: 0 },
      {
        serialNumber: Uint8Array.of(0x0b),
        revocationDate: now,
        holdInstruction: '1.2.840.10040.2.2',
        reason: 'certificateHold',
      },
      {
        serialNumber: Uint8Array.of(0x0c),
        revocationDate: now,
        certificateIssuer: encodeName({ commonName: 'other issuer' }),
      },
    ],
    extensions: [
      authorityKeyIdentifierExtension(rootKeyIdentifier),
      crlNumberExtension(300),
      issuingDistributionPointExtension({
        fullName: { uri: ['http://crl.example/7'] },
        only: 'user',
        onlySomeReasons: ['keyCompromise', 'certificateHold'],
        indirectCRL: true,
      }),
      freshestCrlExtension([{ fullName: { uri: ['http://crl.example/delta'] } }]),
      crlIssuerAltNameExtension({ uri: ['urn:lists'] }),
      authorityInfoAccessExtension([
        { method: accessMethods.caIssuers, location: { uri: ['http://ca.example/root'] } },
      ]),
      expiredCertsOnCrlExtension(0),
    ],
  });
  const file = await written('list.crl', der);
  const { out, err } = await openssl('crl', '-inform', 'DER', '-in', file, '-noout', '-text', '-CAfile', rootFile);
  assert.match(err, /verify OK/);
  for (const expected of [
    /Version 2/,
    /Issuer: CN ?= ?interop lists/,
    /CRL Number: *\n *300\n/,
    /Issuing Distribution Point: critical\n[^]*URI:http:\/\/crl\.example\/7/,
    /Only User Certificates/,
    /Only Some Reasons: *\n *Key Compromise, Certificate Hold/,
    /Indirect CRL/,
    /Freshest CRL: *\n[^]*URI:http:\/\/crl\.example\/delta/,
    /Issuer Alternative Name: *\n *URI:urn:lists/,
    /CA Issuers - URI:http:\/\/ca\.example\/root/,
    /2\.5\.29\.60: *\n.*19700101000000Z/,
    /Serial Number: 0A\n/,
    /Serial Number: 8001\n[^]*Key Compromise[^]*Invalidity Date: *\n *Jan +1 00:00:00 1970 GMT/,
    /Hold Instruction Code: *\n *Hold Instruction Call Issuer/,
    /Certificate Issuer: critical\n *DirName:.*CN ?= ?other issuer/,
  ]) {
    assert.match(out, expected);
  }
  assert.doesNotMatch(out, /<(INVALID|Not Supported)/i);
});

test('a delta list and one without entries', { skip }, async () => {
  const extensions = [authorityKeyIdentifierExtension(rootKeyIdentifier), crlNumberExtension(2)];
  const empty = await written('empty.crl', signedList({ revoked: [], extensions }));
  const shown = await openssl('crl', '-inform', 'DER', '-in', empty, '-noout', '-text', '-CAfile', rootFile);
  assert.match(shown.out, /No Revoked Certificates/);
  const revoked = [{ serialNumber: Uint8Array.of(1), revocationDate: now, reason: 'removeFromCRL' }] as const;
  const delta = signedList({ revoked, extensions: [...extensions, deltaCrlIndicatorExtension(1)] });
  const { out, err } = await openssl(
    ...['crl', '-inform', 'DER', '-in', await written('delta.crl', delta), '-noout', '-text', '-CAfile', rootFile],
  );
  assert.match(out, /Delta CRL Indicator: critical\n *1\n/);
  assert.match(out, /Remove From CRL/);
  assert.match(err, /verify OK/);
});

test('a list of OpenSSL is read', { skip }, async () => {
  const index = await written(
    'list-index.txt',
    [
      'R\t491231235959Z\t260101000000Z,keyCompromise\t0A\tunknown\t/CN=a',
      'R\t491231235959Z\t260102000000Z,holdInstruction,holdInstructionReject\t80FF\tunknown\t/CN=b',
      'R\t491231235959Z\t260103000000Z,keyTime,20260101000000Z\t0C\tunknown\t/CN=c',
      '',
    ].join('\n'),
  );
  const configuration = await written(
    'list.cnf',
    [
      '[ca]\ndefault_ca = own\n[own]\ndefault_md = sha256\ncrl_extensions = extensions',
      `database = ${index}\ncrlnumber = ${await written('crlnumber', '012C\n')}`,
      '[extensions]\nauthorityKeyIdentifier = keyid\nissuingDistributionPoint = critical,@point',
      '[point]\nfullname = URI:http://crl.example/1\nonlyuser = TRUE\n',
    ].join('\n'),
  );
  const file = folder.in('openssl.crl');
  await openssl(
    ...['ca', '-gencrl', '-config', configuration, '-keyfile', keyFile, '-cert', rootFile, '-crldays', '7'],
    ...['-out', file],
  );
  await openssl('crl', '-in', file, '-outform', 'DER', '-out', `${file}.der`);
  const list = parseCertificateList(await readFile(`${file}.der`));
  assert.equal(list.issuer.text, 'CN=interop lists');
  assert.equal(list.crlNumber, '012C');
  assert.equal(list.authorityKeyIdentifier?.keyIdentifier, root.certificate.subjectKeyIdentifier);
  assert.equal(list.issuingDistributionPoint?.onlyContainsUserCerts, true);
  assert.equal(list.nextUpdate! - list.thisUpdate, 7 * 24 * hourMs);
  assert.equal(list.revoked.size, 3);
  assert.equal(list.revoked.find('0A')[0]?.reason, 'keyCompromise');
  const [held] = list.revoked.find('80FF');
  assert.deepEqual([held?.reason, held?.holdInstruction], ['certificateHold', '1.2.840.10040.2.3']);
  assert.equal(list.revoked.find('0C')[0]?.invalidityDate, Date.UTC(2026, 0, 1));
});

const certId = (serial: number, hash: 'SHA-1' | 'SHA-256'): Uint8Array =>
  encodeCertId(root.certificate, Uint8Array.of(serial), hash, hashes[hash]);

test('OpenSSL reads a request of ours, and writes the same about the same certificate', { skip }, async () => {
  const tbs = encodeTbsRequest({
    certIds: [certId(7, 'SHA-1'), certId(8, 'SHA-256')],
    requestorName: root.certificate.subject.raw,
    extensions: [nonceExtension(new Uint8Array(32).fill(0xab)), acceptableResponsesExtension()],
  });
  const { signatureAlgorithm } = root.key;
  const signed = { signatureAlgorithm, signature: root.key.sign(tbs), certificates: [root.certificate.raw] };
  const file = await written('request.der', encodeOcspRequest(tbs, signed));
  const { out } = await openssl('ocsp', '-reqin', file, '-req_text', '-noverify');
  assert.match(out, /Requestor Name: DirName:.*CN ?= ?interop lists/);
  assert.match(out, /Hash Algorithm: sha1[^]*Serial Number: 07[^]*Hash Algorithm: sha256[^]*Serial Number: 08/);
  assert.match(out, /OCSP Nonce: *\n *0420(AB){32}/);
  assert.match(out, /Acceptable OCSP Responses: *\n *Basic OCSP Response/);
  assert.match(out, /Signature Algorithm: ecdsa-with-SHA256/);

  for (const [hash, flag] of [
    ['SHA-1', '-sha1'],
    ['SHA-256', '-sha256'],
  ] as const) {
    const theirs = folder.in(`theirs${flag}.der`);
    await openssl('ocsp', '-issuer', rootFile, flag, '-serial', '7', '-reqout', theirs);
    const request = parseOcspRequest(await readFile(theirs));
    assert.deepEqual(new Uint8Array(request.requests[0]!.certId.raw), certId(7, hash));
    assert.equal(request.nonce?.length, 32, 'sixteen octets');
  }
});

/** `openssl ocsp`, as a client that has the answer already. */
async function checked(response: Uint8Array, ...args: readonly string[]): Promise<string> {
  const file = await written('response.der', response);
  const { out, err } = await openssl(
    ...['ocsp', '-respin', file, '-resp_text', '-issuer', rootFile, '-CAfile', rootFile, '-no_nonce', ...args],
  );
  return out + err;
}

test('OpenSSL verifies the responses of an issuer and of a responder of its', { skip }, async () => {
  const common = { thisUpdate: now, nextUpdate: now + hourMs };
  const responses = [
    { certId: certId(7, 'SHA-1'), certStatus: { status: 'good' }, ...common },
    {
      certId: certId(8, 'SHA-1'),
      certStatus: { status: 'revoked', revocationTime: now - 5000, reason: 'superseded' },
      ...common,
      extensions: [archiveCutoffExtension(0)],
    },
    { certId: certId(9, 'SHA-1'), certStatus: { status: 'unknown' }, ...common },
  ] as const;
  const extensions = [nonceExtension(new Uint8Array(32).fill(0xcd))];
  const own = encodeResponseData({
    responderId: { name: root.certificate.subject.raw },
    producedAt: now,
    responses,
    extensions,
  });
  const ask = ['-serial', '7', '-serial', '8', '-serial', '9'];
  const direct = await checked(encodeOcspResponse(own, root.key.signatureAlgorithm, root.key.sign(own)), ...ask);
  assert.match(direct, /Response verify OK/);
  assert.match(direct, /^7: good\n/m);
  assert.match(direct, /^8: revoked\n[^]*Reason: superseded\n/m);
  assert.match(direct, /^9: unknown\n/m);
  assert.match(direct, /OCSP Nonce: *\n *0420(CD){32}/);
  assert.match(direct, /OCSP Archive Cutoff: *\n *Jan +1 00:00:00 1970 GMT/);

  const keyHash = hashes['SHA-1'](responder.certificate.publicKey.key);
  const data = encodeResponseData({ responderId: { keyHash }, producedAt: now, responses });
  const { signatureAlgorithm } = responder.key;
  const delegated = encodeOcspResponse(data, signatureAlgorithm, responder.key.sign(data), [responder.certificate.raw]);
  const shown = await checked(delegated, ...ask);
  assert.match(shown, /Response verify OK/);
  assert.match(shown, new RegExp(`Responder Id: ${Buffer.from(keyHash).toString('hex').toUpperCase()}`));

  const file = await written('error.der', encodeOcspError('tryLater'));
  const refused = await run('openssl', ['ocsp', '-respin', file, '-noverify']);
  assert.match(refused.out + refused.err, /Responder Error: trylater \(3\)/);
});

test('a response of OpenSSL is read', { skip }, async () => {
  const index = await written(
    'ocsp-index.txt',
    'V\t491231235959Z\t\t07\tunknown\t/CN=a\nR\t491231235959Z\t260101000000Z,keyCompromise\t08\tunknown\t/CN=b\n',
  );
  const tbs = encodeTbsRequest({
    certIds: [certId(7, 'SHA-256'), certId(8, 'SHA-256'), certId(9, 'SHA-256')],
    extensions: [nonceExtension(new Uint8Array(32).fill(0xef))],
  });
  const request = await written('ask.der', encodeOcspRequest(tbs));
  for (const byKey of [false, true]) {
    const answer = folder.in('answer.der');
    await openssl(
      ...['ocsp', '-index', index, '-CA', rootFile, '-rsigner', rootFile, '-rkey', keyFile, '-reqin', request],
      ...['-respout', answer, '-ndays', '1', ...(byKey ? ['-resp_key_id'] : [])],
    );
    const response = parseOcspResponse(await readFile(answer));
    assert.ok(response.status === 'successful');
    const { basic } = response;
    assert.equal(basic.nonce, 'ef'.repeat(32));
    assert.equal(basic.responderId.by, byKey ? 'key' : 'name');
    assert.deepEqual(
      basic.responses.map(({ certStatus }) => certStatus),
      [
        { status: 'good' },
        { status: 'revoked', revocationTime: Date.UTC(2026, 0, 1), reason: 'keyCompromise' },
        { status: 'unknown' },
      ],
    );
    for (const single of basic.responses) {
      assert.ok(certIdIsOf(single.certId, root.certificate, hashes['SHA-256']));
      assert.equal(single.nextUpdate! - single.thisUpdate, 24 * hourMs);
    }
    assert.deepEqual(
      basic.certificates.map((certificate) => new Uint8Array(certificate)),
      [root.certificate.raw],
    );
  }
});
