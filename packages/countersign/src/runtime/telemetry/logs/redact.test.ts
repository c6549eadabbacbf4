import assert from 'node:assert/strict';
import { test } from 'node:test';

import { generatePrivateKey } from '../../cryptography/index.ts';
import { logLine } from './log-line.ts';
import { Redactor } from './redact.ts';

const redactor = new Redactor();
const pem = generatePrivateKey('P-256').toPem();
const body = pem.split('\n')[1] ?? '';

function hides(text: string, secret: string): void {
  const clean = redactor.redact(text);
  assert.ok(!clean.toLowerCase().includes(secret.toLowerCase()), clean);
  assert.equal(redactor.redact(clean), clean, 'what is clean stays as it is');
}

test('tokens are taken out, however they are written', () => {
  const secret = 'eyJ2IjoxLCJhdXRob3JpdHkiOiJodHRwcyJ9';
  for (const before of ['cs1_', 'CS1_', 'cs1%5F', 'cs1%5f']) hides(`GET /v1/${before}${secret} HTTP`, secret);
  hides(`{"token":"cs1_${secret}`, secret);
});

test('PEM blocks are taken out: whole, cut off, on one line, escaped, percent-encoded', () => {
  hides(`key=${pem}`, body);
  hides(JSON.stringify({ key: pem }), body);
  hides(JSON.stringify(JSON.stringify({ key: pem })), body);
  hides(encodeURIComponent(pem).replaceAll('%20', ' '), body);
  hides(pem.replaceAll('\n', '\\u000a'), body);
  hides(pem.replaceAll('\n', ' ').slice(0, 80), body.slice(0, 40));
});

test('a key without its first and last line is taken out, too', () => {
  hides(`value ${pem.split('\n').slice(1, -2).join('')} end`, body);
});

test('a passphrase that was told is taken out; what was not, and what is too short, is not', () => {
  const told = new Redactor();
  told.remember('correct horse');
  told.remember('ab');
  assert.equal(told.redact('it was correct horse and ab'), 'it was [redacted] and ab');
});

test('credentials of other schemes are taken out', () => {
  hides('Authorization: Bearer abcDEF123.456', 'abcDEF123');
  hides('authorization: Basic dXNlcjpwYXNz', 'dXNlcjpwYXNz');
});

test('what a log is for stays: thumbprints, serial numbers, names, addresses', () => {
  const text = `serial ${'A1'.repeat(20)} root ${'9f'.repeat(32)} spiffe://corp.internal/a/very/long/path/${'segment/'.repeat(12)} from [2001:db8::1]:443 endpoint ${'aB3'.repeat(21)}`;
  assert.equal(redactor.redact(text), text);
});

test('a line stays JSON after all of it', () => {
  const fields = { pem, nested: [{ token: 'cs1_abc' }], text: '"quotes" and \u202e' };
  const record = { atMs: 0, level: 'error', event: 'failed', message: pem, fields } as const;
  const line = logLine(record, { format: 'json', redactor });
  assert.ok(!line.includes('\n') && !line.includes(body));
  const parsed = JSON.parse(line) as { time: string; fields: typeof fields };
  assert.equal(parsed.time, '1970-01-01T00:00:00Z');
  assert.deepEqual(parsed.fields, { pem: '[PEM]', nested: [{ token: 'cs1_...' }], text: '"quotes" and \\u202e' });
  assert.ok(!logLine(record, { format: 'text', redactor }).includes(body));
  assert.match(logLine(record, { format: 'json', priorities: true, redactor }), /^<3>\{/);
});

test('filtering is linear in what it is given', () => {
  const began = performance.now();
  for (const part of ['-----BEGIN ', 'cs1_', '%0A', '\\u000a', 'A1b', '-----BEGIN A-----\\\\'])
    redactor.redact(part.repeat(20_000));
  assert.ok(performance.now() - began < 2_000, String(performance.now() - began));
});
