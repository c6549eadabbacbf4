/** No clause of FAPI 2.0 without a test or a reason, and the page says what the table says. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { format, resolveConfig } from 'prettier';
import { fapiPage } from '../../tools/fapi-page/page.ts';
import { clauses } from './clauses.ts';

const root = resolve(import.meta.dirname, '../..');

test('each clause has a test under that name, or a reason why not', () => {
  for (const { section, asks, shown } of clauses) {
    assert.ok(shown.length > 0, `${section} ${asks}`);
    if (typeof shown === 'string') continue;
    for (const { file, test: name } of shown) {
      const text = readFileSync(join(root, file), 'utf8');
      assert.match(text, /\btest\(/, file);
      assert.ok(
        ['test(`', "test('", 'test("'].some((call) => text.includes(`${call}${name}`)),
        `${file}: ${name}`,
      );
    }
  }
});

test('docs/fapi.md is what the table says (npm run docs)', async () => {
  const page = join(root, 'docs/fapi.md');
  const made = await format(fapiPage(clauses), { ...(await resolveConfig(page)), parser: 'markdown' });
  assert.ok(readFileSync(page, 'utf8') === made, 'npm run docs');
});
