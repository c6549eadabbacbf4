/** What a root has revoked, kept beside its key, so that each of its lists has all of it. */
import { join } from 'node:path';

import { z } from 'zod';

import { isRefusal } from '../../../ground/errors/index.ts';
import type { RevocationReason } from '../../../identity/x509/index.ts';
import { readJsonFile, writeFileAtomically } from '../../../runtime/config/index.ts';
import { encodeEntry } from '../../crl/index.ts';

/** Of a certificate of an authority (RFC 5280, 5.3.1), none that ends again. */
export type RootReason = Exclude<RevocationReason, 'certificateHold' | 'removeFromCRL' | 'aACompromise'>;

export const rootReasons: readonly RootReason[] = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'privilegeWithdrawn',
];

export interface RevokedIssuer {
  /** Upper-case hexadecimal. */
  readonly serialNumber: string;
  readonly reason: RootReason;
  /** Milliseconds since 1970. */
  readonly atMs: number;
}

export interface RootRevocations {
  readonly version: 1;
  /** Of the latest list that was signed beside it (`nextPublication`). */
  readonly publication: number;
  readonly revoked: readonly RevokedIssuer[];
}

const fileName = 'revoked.json';

const shape: z.ZodType<RootRevocations> = z.strictObject({
  version: z.literal(1),
  publication: z.int().min(0),
  revoked: z
    .array(
      z.strictObject({
        serialNumber: z.string().regex(/^(?:[0-9A-F]{2}){1,20}$/),
        reason: z.enum(rootReasons),
        atMs: z.int().min(0),
      }),
    )
    .max(10_000),
});

/** @param folder of the root, or that of the authority's keys */
export async function readRootRevocations(folder: string): Promise<RootRevocations> {
  try {
    return await readJsonFile(join(folder, fileName), shape);
  } catch (error) {
    if (!isRefusal(error) || error.code !== 'CS-FILE-001') throw error;
    return { version: 1, publication: 0, revoked: [] };
  }
}

export async function writeRootRevocations(folder: string, revocations: RootRevocations): Promise<void> {
  await writeFileAtomically(join(folder, fileName), `${JSON.stringify(revocations, undefined, 2)}\n`);
}

/** For a list, DER. */
export function entriesOf({ revoked }: RootRevocations): readonly Uint8Array[] {
  return revoked.map(({ serialNumber, atMs, reason }) => encodeEntry(serialNumber, atMs, reason));
}
