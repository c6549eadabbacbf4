/** Writes docs/x509-scores.md from the runners; the vectors must be there. */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { scores } from './scores.ts';
import { scoresPage } from './page.ts';

const page = join(resolve(import.meta.dirname, '../..'), 'docs/x509-scores.md');
const found = scores();
if (found === undefined) process.exitCode = 3;
else writeFileSync(page, await format(scoresPage(found), { ...(await resolveConfig(page)), parser: 'markdown' }));
