/** Writes docs/refusals.md; with `--check` it only says whether the page is current. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { registry } from '../../packages/countersign/src/ground/errors/index.ts';
import { refusalsPage } from './page.ts';

const page = join(resolve(import.meta.dirname, '../..'), 'docs/refusals.md');
const text = refusalsPage(registry);

if (!process.argv.includes('--check')) {
  writeFileSync(page, text);
} else if (readFileSync(page, 'utf8') !== text) {
  console.error('docs/refusals.md is not what the registry says: npm run docs');
  process.exitCode = 1;
}
