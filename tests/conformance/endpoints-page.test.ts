/** What docs/endpoints.md says that input is called: each code is in the registry, and a test of hostile or bad input expects it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isRefusalCode } from '../../packages/countersign/src/ground/errors/index.ts';

const top = join(import.meta.dirname, '../..');

/** The tables of one section. */
const rows = (
  /^## What input is called\n(.*?)^## /ms.exec(readFileSync(join(top, 'docs/endpoints.md'), 'utf8'))?.[1] ?? ''
)
  .split('\n')
  .filter((line) => line.startsWith('|'));

const codes = new Set(rows.flatMap((row) => row.match(/CS-[A-Z]+-\d{3}/g) ?? []));

const expected = ['tests/bypass', 'tests/bad-input']
  .flatMap((folder) => readdirSync(join(top, folder)).map((file) => join(top, folder, file)))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(file, 'utf8'))
  .join('\n');

test('the page names codes', () => {
  assert.ok(codes.size >= 9, [...codes].join(' '));
});

for (const code of codes) {
  test(`${code} is in the registry, and expected by a test of bypass or bad-input`, () => {
    assert.ok(isRefusalCode(code));
    // As a text, or as one of a pattern's; what a comment says is no expectation.
    assert.match(expected, new RegExp(`['(|^:]${code}['|)$]`), 'in no file of tests/bypass or tests/bad-input');
  });
}
