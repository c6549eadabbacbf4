/** Partners call the bank's gateway with the programs that they have: who is let in, who is not, and what each of them reads of it. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { python } from '../conformance/client/judges.ts';
import type { Event } from '../e2e/command.ts';
import {
  type Ask,
  askBy,
  askByCurl,
  asksOf,
  host,
  type Meeting,
  meetings,
  type Told,
  type Version,
} from './partners/asked.ts';
import { type Bank, type Caller, joined, openBank } from './partners/bank.ts';
import { keystore, makeHosts, makeKeystore, makeKeystores, makeTruststore, password } from './partners/keystores.ts';
import { type Row, rowOf } from './partners/page-says.ts';
import { environment, missing } from './peers.ts';

let bank: Bank;
before(async () => {
  bank = await openBank();
});
after(() => bank.close());

type AskAll = (asks: readonly Ask[]) => Promise<readonly Told[]>;

/** Each meeting once over each version; what the program says, and what the gateway tells its operator. */
async function meetAll(program: string, spoken: readonly Version[], ask: AskAll): Promise<void> {
  const asks = spoken.flatMap(asksOf);
  const codes = meetings.map(({ code }) => code);
  // Some programs try again, so that one meeting may be told of twice.
  const heard = codes.map((code) => bank.next((event) => event['code'] === code && isVerdict(event)));
  const told = await ask(asks);
  for (const [at, { version }] of asks.entries()) {
    const meeting = meetings[at % meetings.length] ?? assert.fail();
    const row = rowOf(spoken.length === 1 ? program : `${program}, HTTP/${version}`);
    requireTold(told[at], meeting, version, row);
  }
  const [letIn] = await Promise.all(heard);
  assert.equal(letIn?.['peer'], `spiffe://${joined}/partner/acme`);
}

const isVerdict = ({ event }: Event): boolean => event === 'request' || event === 'refused';

function requireTold(told: Told | undefined, { name, status, code }: Meeting, version: Version, row?: Row): void {
  const said = `${name}, HTTP/${version}: ${JSON.stringify(told)}`;
  assert.ok(told, said);
  assert.equal(told.status, status, said);
  if (status === 0) {
    const phrases = code === 'CS-PEER-001' ? row?.withoutCertificate : row?.refused;
    assert.ok(phrases?.some((phrase) => told.text.includes(phrase)) ?? true, said);
    return;
  }
  assert.equal(told.version, version, said);
  if (code === undefined) assert.equal(told.text, 'served /payments/1');
  else assert.equal((JSON.parse(told.text) as Record<string, unknown>)['code'], code, said);
}

const pemFiles = (caller: Caller | undefined): readonly string[] =>
  caller === undefined ? ['', ''] : [bank.certificate(caller), bank.key(caller)];

const withoutCurl = missing('curl') || missing('openssl');
const versions = ['1.1', '2'] as const;

/** As the page has it: up to where it no longer matters for what is said. */
function versionOf(program: string, args: readonly string[], pattern: RegExp): string {
  const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', env: environment() });
  return pattern.exec(stdout + stderr)?.[1] ?? 'not known';
}

test('curl', { skip: withoutCurl }, async () => {
  const files = (caller: Caller): string[] => ['--cert', bank.certificate(caller), '--key', bank.key(caller)];
  const program = `curl ${versionOf('curl', ['--version'], /^curl (\d+)/)}`;
  await meetAll(program, versions, (asks) => askByCurl(bank, asks, files));
});

test('curl with a PKCS#12 file that OpenSSL made of what join wrote', { skip: withoutCurl }, async () => {
  await makeKeystore(bank, 'acme');
  const files = (caller: Caller): string[] => ['--cert-type', 'P12', '--cert', `${keystore(bank, caller)}:${password}`];
  const asks = asksOf('2').filter(({ as, otherHost }) => as === 'acme' && otherHost === undefined);
  assert.deepEqual(
    (await askByCurl(bank, asks, files)).map(({ status }) => status),
    [200],
  );
});

/** Where CI has put what pip brought. */
const folders = process.env['PYTHONPATH'];
const pythonPath: Record<string, string> = folders === undefined ? {} : { PYTHONPATH: folders };

function withoutRequests(): string | false {
  const absent = missing('python3');
  if (absent !== false) return absent;
  if (spawnSync(python, ['-c', 'import requests']).status === 0) return false;
  const reason = `${python} has no requests (pip install it in a venv, and COUNTERSIGN_PYTHON)`;
  process.stderr.write(`SKIPPED: ${reason}\n`);
  return reason;
}

for (const [library, skip] of [
  ['urllib', missing('python3')],
  ['requests', withoutRequests()],
] as const)
  test(`Python, ${library}`, { skip }, async () => {
    const script = join(import.meta.dirname, 'partners/partner.py');
    const program = `Python ${versionOf(python, ['--version'], /(\d+\.\d+)/)} ${library}`;
    await meetAll(program, ['1.1'], (asks) =>
      askBy(python, [script, library, bank.roots], bank.port, asks, pemFiles, pythonPath),
    );
  });

test('Go', { skip: missing('go') }, async () => {
  const program = bank.folder.in('partner-go');
  const source = join(import.meta.dirname, 'partners/go/main.go');
  execFileSync('go', ['build', '-o', program, source], { env: environment() });
  const name = `Go ${versionOf('go', ['version'], /go(\d+\.\d+)/)}`;
  await meetAll(name, versions, (asks) => askBy(program, [bank.roots], bank.port, asks, pemFiles));
});

/** The dearest of them starts a machine of its own for each call. */
const withoutJava =
  (process.env['PARTNERS'] !== 'all' && '`npm run partners` runs it') ||
  missing('javac') ||
  missing('keytool') ||
  missing('openssl');

test('Java, and its WebSocket', { skip: withoutJava }, async () => {
  const [truststore, hosts] = await Promise.all([makeTruststore(bank), makeHosts(bank, [host]), makeKeystores(bank)]);
  const settings = [`-Djdk.net.hosts.file=${hosts}`, '-Djdk.httpclient.allowRestrictedHeaders=host'];
  const source = join(import.meta.dirname, 'partners/java/Partner.java');
  const args = [...settings, source, truststore, password];
  const answered = new Set<string | undefined>(meetings.filter(({ status }) => status !== 0).map(({ as }) => as));
  const files = (caller: Caller | undefined): readonly string[] => [
    caller === undefined ? '' : keystore(bank, caller),
    // Seconds: its HTTP/2 client may miss that a connection ended.
    answered.has(caller) ? '15' : '2',
  ];
  const ask: AskAll = (asks) => askBy('java', args, bank.port, asks, files);
  const name = `Java ${versionOf('java', ['-version'], /version "(\d+)/)}`;
  const sockets = (['acme', 'beta', undefined] as const).map((as): Ask => ({
    version: '1.1',
    scheme: 'wss',
    path: '/payments/ws',
    as,
  }));
  await meetAll(name, versions, async (asks) => {
    const told = await ask([...asks, ...sockets]);
    const [talked, refused, alert] = told.slice(asks.length);
    assert.deepEqual([talked?.status, talked?.text], [101, 'heard hello']);
    assert.equal(refused?.status, 403);
    assert.equal(alert?.status, 0);
    return told.slice(0, asks.length);
  });
});
