/** The page of faults says what the table says. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { format, resolveConfig } from 'prettier';
import { faultsPage } from '../../tools/faults-page/page.ts';
import { faults } from '../e2e/faults/table.ts';

const page = resolve(import.meta.dirname, '../../docs/faults.md');

test('the page of faults is current: npm run docs', async () => {
  const settings = await resolveConfig(page);
  const text = await format(faultsPage(faults), { ...settings, parser: 'markdown' });
  assert.equal(readFileSync(page, 'utf8'), text);
});
