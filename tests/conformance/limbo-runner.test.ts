/** The runner of limbo files can tell each outcome, and says of a file that it cannot run why not. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import { keyUsageExtension } from '../../packages/countersign/src/identity/x509/index.ts';
import { hourMs, makeIssuer, makeRoot, makeService, testMoment, type Holder } from '../fixtures/certificates.ts';
import { entryFor, makeList } from '../fixtures/revocation-lists.ts';
import { ask } from './limbo/ask.ts';
import { isUnreadable, readLimboFile } from './limbo/limbo-file.ts';
import { runCases, type Summary } from './limbo/score.ts';
import { npmRun, runRunner } from './runner-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'limbo-'));
after(() => rmSync(folder, { recursive: true }));

const root = makeRoot();
const issuer = makeIssuer(root);
const service = makeService(issuer);

const pem = ({ certificate }: Holder): string => encodePem('CERTIFICATE', certificate.raw);

type Fields = Readonly<Record<string, unknown>>;

/** A valid case, but for `fields`. */
function limboCase(id: string, fields: Fields = {}): Fields {
  return {
    id,
    conflicts_with: [],
    features: null,
    importance: 'undetermined',
    description: 'made for the test',
    validation_kind: 'SERVER',
    trusted_certs: [pem(root)],
    untrusted_intermediates: [pem(issuer)],
    peer_certificate: pem(service),
    peer_certificate_key: null,
    validation_time: new Date(testMoment).toISOString(),
    signature_algorithms: [],
    key_usage: [],
    extended_key_usage: [],
    expected_result: 'SUCCESS',
    expected_peer_name: { kind: 'DNS', value: 'web.internal' },
    expected_peer_names: [],
    max_chain_depth: null,
    crls: [],
    ...fields,
  };
}

let files = 0;

function limboFile(cases: readonly unknown[], encode: (text: string) => string | Uint8Array = (text) => text): string {
  const path = join(folder, `${files++}.json`);
  writeFileSync(path, encode(JSON.stringify({ version: 1, testcases: cases })));
  return path;
}

const stranger = makeRoot({ subject: 'stranger' });

const lists = [makeList(root), makeList(issuer, { revoked: [entryFor(service)] })].map(({ raw }) =>
  encodePem('X509 CRL', raw),
);

const eachOutcome = [
  limboCase('made::valid'),
  limboCase('made::not-valid', { trusted_certs: [pem(stranger)], expected_result: 'FAILURE' }),
  limboCase('made::accepted', { expected_result: 'FAILURE' }),
  limboCase('made::rejected', { trusted_certs: [pem(stranger)] }),
  limboCase('made::revoked', { crls: lists, expected_result: 'FAILURE' }),
  limboCase('made::no-leaf', { peer_certificate: undefined }),
];

const summaryOfEachOutcome = {
  cases: 6,
  asExpected: 3,
  unexpectedAccepts: ['made::accepted'],
  unexpectedRejects: ['made::rejected'],
  skipped: ['made::no-leaf'],
};

function summaryIn(out: string): Omit<Summary, 'slowestMs'> {
  const { slowestMs, ...rest } = JSON.parse(out) as Summary;
  assert.equal(typeof slowestMs, 'number');
  return rest;
}

test('each outcome is told, and --json prints one object and nothing else', () => {
  const { status, out, err } = runRunner('limbo', [limboFile(eachOutcome), '--json']);
  assert.equal(err, '');
  assert.equal(status, 0);
  assert.equal(out.trimEnd().split('\n').length, 1);
  assert.deepEqual(summaryIn(out), summaryOfEachOutcome);
});

test('a gzipped file is told by its bytes', () => {
  const { out } = runRunner('limbo', [limboFile(eachOutcome, gzipSync), '--json']);
  assert.deepEqual(summaryIn(out), summaryOfEachOutcome);
});

test('the script of package.json takes a path relative to where it was called', () => {
  const path = limboFile(eachOutcome);
  const direct = runRunner('limbo', [basename(path), '--json'], dirname(path));
  assert.deepEqual(summaryIn(direct.out), summaryOfEachOutcome);
  const here = import.meta.dirname;
  const script = npmRun('conformance:limbo', ['../fixtures/certificates.ts', '--json'], here);
  assert.equal(script.status, 3);
  assert.match(script.err, /tests\/fixtures\/certificates\.ts\s+is\s+not\s+JSON/);
  const { out, err } = npmRun('conformance:limbo', [path, '--json']);
  assert.equal(err, '');
  assert.deepEqual(summaryIn(out), summaryOfEachOutcome);
});

test('text names each difference with its refusal, each skip with its reason, in 80 columns', () => {
  const { out } = runRunner('limbo', [limboFile(eachOutcome), '--times']);
  assert.match(out, /unexpected accepts\n {2}made::accepted\n/);
  assert.match(out, /made::rejected\n {6}CS-PATH-001 /);
  assert.match(out, /made::no-leaf\n {6}the case cannot be read: peer_certificate/);
  assert.match(out, /profile asked: 6 cases/);
  assert.ok(out.split('\n').every((line) => line.length <= 80));
});

test('--only runs a part', () => {
  const path = limboFile(eachOutcome);
  const { out } = runRunner('limbo', [path, '--json', '--only', 'made::re']);
  assert.equal(summaryIn(out).cases, 2);
  const none = runRunner('limbo', [path, '--only', 'other']);
  assert.equal(none.status, 2);
});

test('an end-entity that cannot be read is a rejection, another certificate that cannot be read is left out', () => {
  const garbage = encodePem('CERTIFICATE', Uint8Array.of(0x30, 0x00));
  const [leaf, others] = runCases(
    readLimboFile(
      limboFile([
        limboCase('made::leaf', { peer_certificate: garbage, expected_result: 'FAILURE' }),
        limboCase('made::others', {
          trusted_certs: [garbage, pem(root)],
          untrusted_intermediates: ['no PEM', pem(issuer)],
        }),
      ]),
    ),
    'asked',
    testMoment,
  );
  assert.equal(leaf?.outcome, 'as expected');
  assert.notEqual(leaf?.because, '');
  assert.equal(others?.outcome, 'as expected');
});

test('a list that cannot be read says nothing, so that its issuer is without one', () => {
  const garbage = encodePem('X509 CRL', Uint8Array.of(0x30, 0x00));
  const cases = readLimboFile(limboFile([limboCase('made::lists', { crls: [garbage], expected_result: 'FAILURE' })]));
  const [result] = runCases(cases, 'asked', testMoment);
  assert.equal(result?.outcome, 'as expected');
  assert.match(result.because, /^CS-CRL-003 .*; left out, a list: /);
});

test('a case without a time is judged as of now', () => {
  const cases = readLimboFile(limboFile([limboCase('made::now', { validation_time: null })]));
  assert.equal(runCases(cases, 'asked', testMoment)[0]?.outcome, 'as expected');
  assert.equal(runCases(cases, 'asked', testMoment + 2 * hourMs)[0]?.outcome, 'unexpected reject');
});

test('names, usages and depth are asked for', () => {
  const noSignature = makeService(issuer, { extensions: [keyUsageExtension(['keyAgreement'])], subject: 'web' });
  const asks: readonly [string, Fields][] = [
    ['name', { expected_peer_name: { kind: 'DNS', value: 'db.internal' } }],
    ['names', { expected_peer_names: [{ kind: 'RFC822', value: 'web@internal' }] }],
    ['depth', { max_chain_depth: 0 }],
    ['key-usage', { key_usage: ['digitalSignature'], peer_certificate: pem(noSignature), expected_peer_name: null }],
    ['other-time', { validation_time: new Date(testMoment + 2 * hourMs).toISOString() }],
  ];
  const results = runCases(readLimboFile(limboFile(asks.map(([id, fields]) => limboCase(id, fields)))), 'asked', 0);
  assert.deepEqual(
    results.map(({ id, outcome }) => `${id}: ${outcome}`),
    asks.map(([id]) => `${id}: unexpected reject`),
  );
});

test('a case is asked in the profile of its id, and not asked where it contradicts the one chosen', () => {
  const incompatible = { features: ['rfc5280-incompatible-with-webpki'] };
  const profiles = (id: string, fields: Fields = {}): unknown[] => {
    const [item] = readLimboFile(limboFile([limboCase(id, fields)]));
    assert.ok(item !== undefined && !isUnreadable(item));
    return (['asked', 'rfc5280', 'webpki'] as const).map((choice) => {
      const asked = ask(item, choice, testMoment);
      return 'skip' in asked ? 'skip' : `${asked.rest.profile ?? ''} ${asked.purposes.join(' ')}`;
    });
  };
  assert.deepEqual(profiles('rfc5280::a'), ['rfc5280 server', 'rfc5280 server', 'webpki server']);
  assert.deepEqual(profiles('webpki::a'), ['webpki server', 'rfc5280 server', 'webpki server']);
  assert.deepEqual(profiles('rfc5280::a', incompatible), ['rfc5280 server', 'rfc5280 server', 'skip']);
  assert.deepEqual(profiles('webpki::a', { conflicts_with: ['rfc5280::a'] }), [
    'webpki server',
    'skip',
    'webpki server',
  ]);
  assert.deepEqual(profiles('b::a', { extended_key_usage: ['clientAuth'] }), [
    'rfc5280 client',
    'rfc5280 client',
    'webpki client',
  ]);
  assert.deepEqual(profiles('b::a', { extended_key_usage: ['codeSigning'] }), ['skip', 'skip', 'skip']);
  assert.deepEqual(profiles('b::a', { signature_algorithms: ['ECDSA_WITH_SHA256'] }), ['skip', 'skip', 'skip']);
  assert.deepEqual(profiles('webpki::a', { validation_kind: 'CLIENT' }), [
    'webpki client',
    'rfc5280 client',
    'webpki client',
  ]);
});

test('a file that cannot be run is refused with the cause', () => {
  const text = (name: string, contents: string | Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, contents);
    return path;
  };
  const wrong: readonly [string, RegExp][] = [
    [join(folder, 'absent.json'), /no such file/],
    [folder, /it is a folder/],
    [text('text.json', 'no JSON'), /is not JSON/],
    [text('latin.json', Uint8Array.of(0x22, 0xe9, 0x22)), /is not JSON/],
    [text('cut.json.gz', gzipSync('{"testcases":[]}').subarray(0, 15)), /begins like gzip and is not/],
    [text('list.json', '[]'), /not in the form of x509-limbo/],
    [text('null.json', 'null'), /not in the form of x509-limbo/],
    [text('other.json', '{"testcases":{}}'), /not in the form of x509-limbo: testcases/],
  ];
  for (const [path, message] of wrong) {
    assert.throws(() => readLimboFile(path), { name: 'CannotRun', status: 3, message }, path);
  }
});

test('used wrongly: cause and remedy on stderr, nothing on stdout', () => {
  const wrong: readonly [readonly string[], number, RegExp][] = [
    [[], 2, /^conformance:limbo: no FILE given\nType: npm run -s conformance:limbo/],
    [['a', 'b'], 2, /more than one FILE/],
    [['a', '--quick'], 2, /--quick/],
    [['a', '--profile', 'strict'], 2, /no profile "strict"\nGive one of asked, rfc5280, webpki/],
    [['absent.json'], 3, /there is no\s+such\s+file\s+Give the path/],
  ];
  for (const [args, expected, message] of wrong) {
    const { status, out, err } = runRunner('limbo', [...args, '--json'], folder);
    assert.equal(out, '', args.join(' '));
    assert.equal(status, expected, args.join(' '));
    assert.match(err, message);
    assert.doesNotMatch(err, /^ {4}at /m);
  }
});

test('--help teaches, in 80 columns', () => {
  const { status, out } = runRunner('limbo', ['--help']);
  assert.equal(status, 0);
  assert.match(out, /exit status/);
  assert.ok(out.split('\n').every((line) => line.length <= 80));
});
