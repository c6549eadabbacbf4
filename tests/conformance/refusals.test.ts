/** The registry of refusals, the code and the documentation speak of the same refusals. */
import assert from 'node:assert/strict';
import { globSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { registry } from '../../packages/countersign/src/ground/errors/index.ts';
import { refusalsPage } from '../../tools/refusals-page/page.ts';

const root = resolve(import.meta.dirname, '../..');
const sources = join(root, 'packages/countersign/src');

/** A code as it is written wherever it is thrown or compared. */
const code = /\bCS-[A-Z0-9]+-\d{3}\b/g;

/** To compare with a code is not to throw it. */
const comparison = /(?:[!=]==|\bcase)\s*(['"`])CS-[A-Z0-9]+-\d{3}\1/g;

/** Which sources, tests left out, throw which code, or hold it in a table of what is thrown. */
function thrown(): Map<string, string[]> {
  const used = new Map<string, string[]>();
  for (const file of globSync('**/*.ts', { cwd: sources })) {
    if (file.endsWith('.test.ts') || file.startsWith('ground/errors/registry/')) continue;
    const text = withoutComments(readFileSync(join(sources, file), 'utf8')).replace(comparison, '');
    for (const literal of text.match(/(['"`])CS-[A-Z0-9]+-\d{3}\1/g) ?? []) {
      const name = literal.slice(1, -1);
      used.set(name, [...(used.get(name) ?? []), file]);
    }
  }
  return used;
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}

test('every code that a source throws is in the registry', () => {
  const phantom = [...thrown()].filter(([name]) => !registry.has(name));
  assert.deepEqual(phantom, []);
});

test('every code of the registry is thrown by a source', () => {
  const used = thrown();
  assert.deepEqual(
    [...registry.keys()].filter((name) => !used.has(name)),
    [],
  );
});

test('docs/refusals.md is what the registry says (npm run docs)', () => {
  const current = readFileSync(join(root, 'docs/refusals.md'), 'utf8') === refusalsPage(registry);
  assert.ok(current, 'npm run docs');
});

test('every code that a document or the command names is in the registry', () => {
  for (const file of globSync('{*.md,docs/**/*.md,packages/*/README.md,examples/**/*}', { cwd: root })) {
    if (file.startsWith('CHANGELOG')) continue; // It may name what is gone.
    if (statSync(join(root, file)).isDirectory()) continue;
    const named = readFileSync(join(root, file), 'utf8').match(code) ?? [];
    assert.deepEqual(
      named.filter((name) => !registry.has(name)),
      [],
      file,
    );
  }
});

test('every entry is complete and in the form that its renderers expect', () => {
  for (const [name, entry] of registry) {
    assert.match(name, /^CS-[A-Z0-9]+-\d{3}$/);
    assert.match(entry.title, /^[^.]{3,60}$/, `${name}: the title is a few words without a full stop`);
    assert.match(entry.cause, /^[A-Z][^]*\.$/, `${name}: the cause is a sentence`);
    assert.ok(entry.remedy.length > 10, `${name}: the remedy says what to do`);
    assert.ok([1, 2, 3].includes(entry.exit), `${name}: exit ${entry.exit}`);
    assert.ok(entry.http >= 400 && entry.http <= 599, `${name}: http ${entry.http}`);
    assert.equal(new Set(entry.evidence).size, entry.evidence.length, `${name}: evidence named twice`);
  }
});
