/** Writes docs/openapi.json from the routes and their schemas; a test says whether it is current. */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openApiDocument } from './document.ts';

writeFileSync(join(resolve(import.meta.dirname, '../..'), 'docs/openapi.json'), await openApiDocument());
