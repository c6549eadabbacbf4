/** Writes docs/authority.schema.json and docs/gateway.schema.json. */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gatewaySchema, settingsSchema } from './schema.ts';

const docs = join(resolve(import.meta.dirname, '../..'), 'docs');
writeFileSync(join(docs, 'authority.schema.json'), settingsSchema());
writeFileSync(join(docs, 'gateway.schema.json'), gatewaySchema());
