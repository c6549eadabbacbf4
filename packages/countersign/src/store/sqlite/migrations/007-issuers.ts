/** Version 7: which issuer was used or taken in last, found without reading the audit log from its end. */
import type { Migration } from './migration.ts';

export const issuers: Migration = {
  version: 7,
  name: 'issuers',
  sql: `
  CREATE INDEX audit_issuer ON audit (sequence) WHERE action IN ('authority.start', 'issuer.import', 'issuer.rotate');
  `,
};
