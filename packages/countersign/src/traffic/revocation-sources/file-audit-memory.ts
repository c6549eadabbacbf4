/** The head of the audit log in the folder of a credential: `audit-head.json`, and what contradicts it in files beside. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { isRefusal } from '../../ground/errors/index.ts';
import { readJsonFile, writeJsonFile } from '../../runtime/config/index.ts';
import type { AuditMemory, RememberedHead } from './audit-memory.ts';

export const auditHeadFile = 'audit-head.json';
const evidencePrefix = 'audit-contradiction-';

/** An authority that says one thing and the other again and again fills no disk: the first ones prove it as well. Own choice. */
const mostEvidence = 16;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hexadecimal');

const shape: z.ZodType<RememberedHead & { version: 1 }> = z.strictObject({
  version: z.literal(1),
  authority: sha256,
  sequence: z.int().min(1),
  hash: sha256,
  atMs: z.int().min(0),
  message: z.string().max(65_536),
});

/** Throws where the file is not one of these (CS-FILE-001 to -003). */
export async function readAuditHead(file: string): Promise<RememberedHead> {
  const { version: _version, ...head } = await readJsonFile(file, shape);
  return head;
}

export function fileAuditMemory(folder: string): AuditMemory {
  const file = join(folder, auditHeadFile);
  return {
    load: async () => {
      try {
        return await readAuditHead(file);
      } catch (error) {
        if (isRefusal(error) && error.code === 'CS-FILE-001') return undefined;
        throw error;
      }
    },
    save: async (head) => {
      await writeJsonFile(file, { version: 1, ...head });
    },
    keepEvidence: async (evidence, atMs) => {
      const kept = (await readdir(folder)).filter((name) => name.startsWith(evidencePrefix));
      if (kept.length >= mostEvidence) return;
      await writeJsonFile(join(folder, `${evidencePrefix}${String(atMs)}.json`), { version: 1, atMs, ...evidence });
    },
  };
}
