/** The page of scores says what the runners say today. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { format, resolveConfig } from 'prettier';
import { scoresPage } from '../../tools/scores-page/page.ts';
import { scores } from '../../tools/scores-page/scores.ts';

const page = resolve(import.meta.dirname, '../../docs/x509-scores.md');
const found = scores();

test('the page of scores is current: npm run scores', { skip: found === undefined }, async () => {
  const settings = await resolveConfig(page);
  const text = await format(scoresPage(found!), { ...settings, parser: 'markdown' });
  assert.equal(readFileSync(page, 'utf8'), text);
});
