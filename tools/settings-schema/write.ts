/** Writes docs/authority.schema.json. */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { settingsSchema } from './schema.ts';

writeFileSync(join(resolve(import.meta.dirname, '../..'), 'docs/authority.schema.json'), settingsSchema());
