/** Version 3: a token says under which profile its certificate will be; those made before were all for services. */
import type { Migration } from './migration.ts';

export const profiles: Migration = {
  version: 3,
  name: 'profiles',
  sql: "ALTER TABLE token ADD COLUMN profile TEXT NOT NULL DEFAULT 'service'",
};
