/** The section `audit` of an authority's settings: where the audit log is sent as it grows. */
import { z } from 'zod';

import { parseTargetAddress } from '../../../runtime/audit-export/index.ts';

export interface AuditSettings {
  /** udp://, tcp:// or unix:// for syslog, https:// or http:// for a collector; each gets every entry, from the first on. */
  readonly export?: readonly string[] | undefined;
}

const address = z
  .string()
  .refine(
    (text) => parseTargetAddress(text) !== undefined,
    'udp://HOST:PORT, tcp://HOST:PORT or unix:///PATH for syslog, https://HOST:PORT for OTLP',
  );

export const auditSettings: z.ZodType<AuditSettings> = z.strictObject({
  /** Four: a receiver and its successor, twice. Own choice. */
  export: z.array(address).max(4).optional(),
});
