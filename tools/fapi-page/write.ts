/** Writes docs/fapi.md. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { clauses } from '../../tests/fapi/clauses.ts';
import { fapiPage } from './page.ts';

const page = resolve(import.meta.dirname, '../../docs/fapi.md');
writeFileSync(page, await format(fapiPage(clauses), { ...(await resolveConfig(page)), parser: 'markdown' }));
