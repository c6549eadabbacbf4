/** What a backup says of itself, in its first sealed octets: when it was made, and each file with its size and hash. */
import { z } from 'zod';

export interface BackedUpFile {
  /** Below the state directory, with `/` between its parts. */
  readonly path: string;
  readonly bytes: number;
  /** Lower-case hex SHA-256. */
  readonly sha256: string;
}

export interface BackupManifest {
  readonly version: 1;
  /** Milliseconds since 1970: when the snapshot of the database was asked for. All that was done before is in it. */
  readonly createdAtMs: number;
  readonly files: readonly BackedUpFile[];
}

/** No part begins with a dot, so none leads out of the directory. */
const pathForm = /^[A-Za-z0-9_][A-Za-z0-9_.-]*(?:\/[A-Za-z0-9_][A-Za-z0-9_.-]*){0,7}$/;

export function isBackupPath(path: string): boolean {
  return path.length <= 255 && pathForm.test(path);
}

/** Keys, certificates, settings and one database. Own choice. */
export const mostFiles = 1000;

export const manifestShape: z.ZodType<BackupManifest> = z.strictObject({
  version: z.literal(1),
  createdAtMs: z.int().min(0),
  files: z
    .array(
      z.strictObject({
        path: z.string().refine(isBackupPath, 'a path below the directory'),
        bytes: z.int().min(0),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
      }),
    )
    .max(mostFiles)
    .refine((files) => new Set(files.map(({ path }) => path)).size === files.length, 'each path once'),
});
