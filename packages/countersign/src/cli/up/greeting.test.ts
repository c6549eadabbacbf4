import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plain } from '../output/paint.ts';
import { greeting, letIn, refused, type Serving } from './greeting.ts';

const serving: Serving = {
  called: 'npx countersign',
  trustDomain: 'dev.internal',
  url: 'https://127.0.0.1:7443',
  root: 'a'.repeat(64),
  dir: '/home/somebody/.local/state/countersign',
  dirIsDefault: true,
  created: true,
  keysEncrypted: false,
  issuerLeftMs: 365 * 86_400_000,
  readyMs: 912,
  persons: { issuer: 1, root: 1 },
};

test('the greeting fits 80 columns, but for what is pasted', () => {
  for (const line of greeting(serving, plain).split('\n').slice(0, -2)) assert.ok(line.length <= 80, line);
});

test('where access tokens are to be had is said where they are', () => {
  const tokens = /^ {3}tokens {3}https:\/\/127\.0\.0\.1:7444$/m;
  assert.match(greeting({ ...serving, tokenIssuer: 'https://127.0.0.1:7444' }, plain), tokens);
  assert.doesNotMatch(greeting(serving, plain), tokens);
});

test('it ends with two whole lines: one that is let in, one that is refused', () => {
  const lines = greeting(serving, plain).split('\n');
  assert.deepEqual(lines.slice(-2), [letIn(serving), refused(serving)]);
  assert.match(letIn(serving), /^npx countersign run --as web -- sh -c 'curl .*'$/);
});

test('the state directory is named where another terminal would not find it', () => {
  assert.ok(!letIn(serving).includes('--dir'));
  assert.match(letIn({ ...serving, dir: "/tmp/o'clock", dirIsDefault: false }), / --dir '\/tmp\/o'\\''clock' -- /);
});

test('that keys are unencrypted is said once, and that the issuer ends soon whenever it does', () => {
  const keys = /keys +unencrypted/;
  assert.match(greeting(serving, plain), keys);
  for (const said of [{ created: false }, { keysEncrypted: true }])
    assert.doesNotMatch(greeting({ ...serving, ...said }, plain), keys);
  assert.match(greeting({ ...serving, issuerLeftMs: 29 * 86_400_000 }, plain), /issuer +ends in 29 d/);
  assert.doesNotMatch(greeting({ ...serving, issuerLeftMs: 31 * 86_400_000 }, plain), /issuer/);
});
