import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal } from '../ground/errors/index.ts';
import { parseArguments, type Parsed } from './parse-arguments.ts';
import type { Command } from './table/command.ts';
import { issue } from './table/issue.ts';
import { profileShow } from './table/profile-show.ts';
import { run } from './table/run.ts';
import { token } from './table/token.ts';
import { up } from './table/up.ts';
import { verify } from './table/verify.ts';

function refused(command: Command, ...argv: string[]): { code: string; evidence: Readonly<Record<string, unknown>> } {
  try {
    parseArguments(command, argv);
  } catch (error) {
    assert.ok(isRefusal(error), String(error));
    return error;
  }
  return assert.fail(`not refused: ${argv.join(' ')}`);
}

test('options come in their kind', () => {
  const parsed = parseArguments(token, ['a', '--life', '1h30m', '--certificate-life=90s', 'b', '--dir', 'x']);
  assert.deepEqual(parsed.arguments, ['a', 'b']);
  assert.equal(parsed.options.milliseconds('life'), 5_400_000);
  assert.equal(parsed.options.milliseconds('certificate-life'), 90_000);
  assert.equal(parsed.options.text('dir'), 'x');
  assert.equal(parsed.options.on('json'), false);
});

test('addresses have a host and a port', () => {
  const listen = (text: string): unknown => parseArguments(up, ['--listen', text]).options.address('listen');
  assert.deepEqual(listen('127.0.0.1:0'), { host: '127.0.0.1', port: 0 });
  assert.deepEqual(listen('[::1]:7443'), { host: '::1', port: 7443 });
  assert.deepEqual(listen('localhost:1'), { host: 'localhost', port: 1 });
  for (const text of ['7443', ':7443', '::1:7443', 'a:65536', 'https://a:1', 'a:', '[::1]']) {
    assert.equal(refused(up, '--listen', text).code, 'CS-USAGE-003', text);
  }
});

test('a mistyped option names the one that was meant', () => {
  const { code, evidence } = refused(token, 'a', '--lif', '3h');
  assert.equal(code, 'CS-USAGE-002');
  assert.equal(evidence['nearest'], '--life');
  assert.equal(refused(token, 'a', '-x').evidence['nearest'], 'none');
});

test('nothing given is ignored', () => {
  assert.equal(refused(up, 'extra').code, 'CS-USAGE-005');
  assert.equal(refused(token, 'a', '--dir', 'x', '--dir', 'y').code, 'CS-USAGE-005');
  assert.equal(refused(token, 'a', '--json=yes').code, 'CS-USAGE-003');
  assert.equal(refused(up, '--', 'extra').code, 'CS-USAGE-005');
});

test('nothing needed may be missing', () => {
  assert.equal(refused(profileShow).code, 'CS-USAGE-004');
  assert.equal(refused(issue, 'web').evidence['missing'], '--out DIR');
  assert.equal(refused(verify, 'f', '--roots', 'r').evidence['missing'], '--purpose PURPOSE');
  assert.equal(refused(run, '--as', 'web').evidence['missing'], '-- CMD...');
});

test('an option without its value is refused, not given the next option as value', () => {
  assert.equal(refused(issue, '--out', '--json').code, 'CS-USAGE-003');
  assert.equal(refused(issue, '--out').code, 'CS-USAGE-003');
  assert.equal(refused(issue, '--out=').code, 'CS-USAGE-003');
  assert.equal(parseArguments(issue, ['--out=--json', 'n']).options.text('out'), '--json');
  assert.equal(parseArguments(issue, ['--out', 'd', '--token-file', '-']).options.text('token-file'), '-');
});

test('values of a wrong form are refused', () => {
  for (const life of ['3', '0s', '-3h', '3 h', '3w', 'h', '1e3s']) {
    assert.equal(refused(token, 'a', '--life', life).code, 'CS-USAGE-003', life);
  }
  const at = ['f', '--roots', 'r', '--purpose', 'client', '--at'];
  assert.equal(refused(verify, ...at, '2026-02-31T00:00:00Z').code, 'CS-USAGE-003');
  assert.equal(parseArguments(verify, [...at, '1970-01-01T00:00:01Z']).options.time('at'), 1000);
  assert.equal(refused(verify, 'f', '--roots', 'r', '--purpose', 'both').code, 'CS-USAGE-003');
});

test('what comes after -- belongs to the program, whatever it looks like', () => {
  const parsed: Parsed = parseArguments(run, ['--as', 'web', '--', 'node', '--json', '--', '--as']);
  assert.deepEqual(parsed.program, ['node', '--json', '--', '--as']);
  assert.equal(parsed.options.on('json'), false);
  assert.match(String(refused(run, '--as', 'web', 'node', 'x').evidence['missing']), /^-- before node/);
});

test('an option of a later version is refused by name', () => {
  const later = { meaning: 'something new', instead: 'something old' };
  const text = { name: 'new', kind: 'text', value: 'X', summary: 'new', default: 'none' } as const;
  const { code, evidence } = refused({ ...token, options: [{ ...text, later }] }, '--new', 'x');
  assert.equal(code, 'CS-USAGE-007');
  assert.equal(evidence['option'], '--new');
});

test('a secret among the arguments is refused and not repeated', () => {
  const secret = 'cs1_c2VjcmV0';
  for (const argv of [['--token', secret, '--out', 'd'], [secret, '--out', 'd'], [`--token=${secret}`]]) {
    const refusal = refused(issue, ...argv);
    assert.equal(refusal.code, 'CS-USAGE-008');
    assert.ok(!JSON.stringify(refusal.evidence).includes(secret));
  }
});

test('help is given before anything is missed', () => {
  for (const word of ['--help', '-h']) assert.equal(parseArguments(verify, [word]).help, true);
  assert.equal(parseArguments(run, ['--help', 'node']).help, true);
});

test('asking for an option that a command does not declare is a programming mistake', () => {
  const { options } = parseArguments(up, []);
  assert.throws(() => options.text('life'), TypeError);
  assert.throws(() => options.milliseconds('dir'), TypeError);
});
