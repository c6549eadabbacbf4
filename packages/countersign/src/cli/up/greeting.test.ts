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
  readyMs: 912,
};

test('the greeting fits 80 columns', () => {
  for (const line of greeting(serving, plain).split('\n')) assert.ok(line.length <= 80, line);
});

test('its last two commands are the one let in and the one refused', () => {
  const paragraphs = greeting(serving, plain).trimEnd().split('\n\n');
  assert.equal(paragraphs.at(-1), refused(serving));
  assert.equal(paragraphs.at(-3)?.replaceAll(/ \\\n\s+/g, ' '), letIn(serving));
  assert.match(letIn(serving), /^npx countersign run --as web -- sh -c 'curl .*'$/);
});

test('the state directory is named where another terminal would not find it', () => {
  assert.ok(!letIn(serving).includes('--dir'));
  assert.match(letIn({ ...serving, dir: "/tmp/o'clock", dirIsDefault: false }), / --dir '\/tmp\/o'\\''clock' -- /);
});
