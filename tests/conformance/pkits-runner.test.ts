/** The runner of PKITS reads a folder in each form that it may come in, tells what differs, and says why a folder cannot be run. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { makeIssuer, makeRoot, makeService } from '../fixtures/certificates.ts';
import { entryFor, makeList } from '../fixtures/revocation-lists.ts';
import { readPkitsFolder } from './pkits/pkits-folder.ts';
import { policyInputsOf, rowKey } from './pkits/policy-inputs.ts';
import { npmRun, runRunner } from './runner-process.ts';

const parent = mkdtempSync(join(tmpdir(), 'pkits-'));
after(() => rmSync(parent, { recursive: true }));

// The moment at which the rows are judged is in 2020.
const life = { notBefore: Date.UTC(2019, 0, 1), notAfter: Date.UTC(2030, 0, 1) };
const root = makeRoot(life);
const issuer = makeIssuer(root, life);
const service = makeService(issuer, life);
const stranger = makeRoot({ ...life, subject: 'stranger' });

const times = { thisUpdate: life.notBefore, nextUpdate: life.notAfter };
const listOfIssuer = makeList(issuer, { ...times, revoked: [entryFor(service)] });

interface Row {
  readonly num: string;
  readonly name: string;
  readonly certs: readonly string[];
  readonly ok: boolean;
}

function row(name: string, anchor: string, ok: boolean, num = '4.1.1'): Row & { crls: string[] } {
  return { num, name, certs: [anchor, 'Issuer', 'Service'], crls: [], ok };
}

const rows = [
  row('Valid', 'Root', true),
  row('NotValid', 'Stranger', false),
  row('Accepted', 'Root', false),
  row('Rejected', 'Stranger', true),
  row('Absent', 'Nobody', false),
  { ...row('Revoked', 'Root', false, '4.14.1'), crls: ['IssuerList'] },
];

const summary = { cases: 6, asExpected: 3, differing: ['Accepted', 'Rejected', 'Absent'] };

let folders = 0;

function pkitsFolder(index: unknown, gzipped = false): string {
  const directory = join(parent, String(folders++));
  for (const kind of ['certs', 'crls']) mkdirSync(join(directory, kind), { recursive: true });
  const write = (name: string, contents: string | Uint8Array): void =>
    writeFileSync(join(directory, gzipped ? `${name}.gz` : name), gzipped ? gzipSync(contents) : contents);
  write('index.json', JSON.stringify(index));
  for (const [name, { certificate }] of Object.entries({ Root: root, Issuer: issuer, Stranger: stranger })) {
    write(`certs/${name}.crt`, certificate.raw);
  }
  write('certs/Service.der', service.certificate.raw);
  write('crls/IssuerList.crl', listOfIssuer.raw);
  return directory;
}

test('stdout is one object; stderr gives the reasons', () => {
  const { status, out, err } = npmRun('conformance:pkits', [pkitsFolder(rows)]);
  assert.equal(status, 0);
  assert.deepEqual(JSON.parse(out), summary);
  assert.match(err, /Rejected\n {4}the document says valid; rejected: CS-PATH-001 /);
  assert.match(err, /holds\s+no\s+certificate\s+Nobody/);
  assert.ok(err.split('\n').every((line) => line.length <= 80 || line.includes(parent)));
});

test('with --json nothing is said on stderr; all files may be gzipped', () => {
  const { status, out, err } = runRunner('pkits', [pkitsFolder(rows, true), '--json']);
  assert.deepEqual([status, err], [0, '']);
  assert.deepEqual(JSON.parse(out), summary);
});

test('a folder that cannot be run is refused with the cause', () => {
  const empty = join(parent, 'empty');
  mkdirSync(empty);
  const bare = join(parent, 'bare');
  mkdirSync(bare);
  writeFileSync(join(bare, 'index.json'), '[]');
  const wrong: readonly [string, RegExp][] = [
    [join(parent, 'absent'), /holds no index\.json/],
    [empty, /holds no index\.json/],
    [bare, /certs is not there/],
    [pkitsFolder({}), /is not an index of PKITS/],
    [pkitsFolder([{ num: '4.1.1' }]), /is not an index of PKITS: 0\.name/],
  ];
  for (const [path, message] of wrong) {
    assert.throws(() => readPkitsFolder(path), { name: 'CannotRun', status: 3, message }, path);
  }
});

test('used wrongly: cause and remedy on stderr, nothing on stdout', () => {
  const { status, out, err } = runRunner('pkits', []);
  assert.deepEqual([status, out], [2, '']);
  assert.match(err, /^conformance:pkits: no DIR given\nType: npm run -s conformance:pkits/);
});

test("a row's inputs are those of its subpart; others have the default settings", () => {
  assert.equal(rowKey('Section10ValidPolicyMappingTest1Subpart3'), '4.10.1/3');
  assert.equal(rowKey('Section4InvalidRevokedEETest3'), '4.4.3/1');
  assert.deepEqual(policyInputsOf('Section10ValidPolicyMappingTest1Subpart3'), { inhibitMapping: true });
  assert.deepEqual(policyInputsOf('Section8AllCertificatesSamePolicyTest1Subpart3'), {
    requireExplicit: true,
    accepted: ['2.16.840.1.101.3.2.1.48.2'],
  });
  assert.deepEqual(policyInputsOf('Section9ValidRequireExplicitPolicyTest1'), {});
});
