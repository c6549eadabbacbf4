/** Writes docs/faults.md. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { faults } from '../../tests/e2e/faults/table.ts';
import { faultsPage } from './page.ts';

const page = resolve(import.meta.dirname, '../../docs/faults.md');
writeFileSync(page, await format(faultsPage(faults), { ...(await resolveConfig(page)), parser: 'markdown' }));
