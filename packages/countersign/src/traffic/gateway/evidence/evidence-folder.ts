/** Where evidence lies: a file of entries for each day, the key that signs them, and the head as it was written last. */
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { auditLine } from '../../../runtime/api/index.ts';
import { type AuditEntry, entryHash, fromAuditLine } from '../../../runtime/audit/index.ts';
import {
  ensurePrivateDirectory,
  readFailure,
  readPrivateFile,
  readTextFile,
  systemCode,
  writeFailure,
  writeFileAtomically,
} from '../../../runtime/config/index.ts';
import { generatePrivateKey, parsePrivateKey, type PrivateKey } from '../../../runtime/cryptography/index.ts';

const dayForm = /^(\d{4}-\d{2}-\d{2})\.jsonl$/;

/** Octets in which an entry ends: names have bounds, and an entry of a decision some 1,000. */
const tailBytes = 256 * 1024;

/** What was written last, in a file of its own: of an end that was removed, that nobody covered up, it is a witness. */
export interface EvidenceHead {
  readonly sequence: number;
  readonly hash: string;
  /** When the gateway was alive last, milliseconds since 1970. */
  readonly at: number;
}

const headShape: z.ZodType<EvidenceHead> = z.object({
  sequence: z.int().min(0),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  at: z.int().min(0),
});

/** Days that have a file, the oldest first. @throws CS-FILE-... */
export async function daysIn(folder: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder);
    return names.flatMap((name) => dayForm.exec(name)?.[1] ?? []).sort();
  } catch (error) {
    throw readFailure(error, folder);
  }
}

export function dayFile(folder: string, day: string): string {
  return join(folder, `${day}.jsonl`);
}

/** Made at the first use; mode 0600. @throws CS-FILE-..., CS-KEY-001 */
export async function evidenceKey(folder: string): Promise<PrivateKey> {
  await ensurePrivateDirectory(folder);
  const path = join(folder, 'evidence.key');
  try {
    return parsePrivateKey(await readPrivateFile(path));
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  // P-256, so that whoever checks by hand needs no more than openssl.
  const key = generatePrivateKey('P-256');
  await writeFileAtomically(path, key.toPem());
  return key;
}

const headFile = (folder: string): string => join(folder, 'head.json');

export async function readHead(folder: string): Promise<EvidenceHead | undefined> {
  try {
    const read = headShape.safeParse(JSON.parse(await readTextFile(headFile(folder))));
    return read.success ? read.data : undefined;
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export async function writeHead(folder: string, head: EvidenceHead): Promise<void> {
  await writeFileAtomically(headFile(folder), `${JSON.stringify(head)}\n`);
}

export interface FoundEnd {
  readonly last: AuditEntry | undefined;
  /** Of the latest file, which may hold nothing yet. */
  readonly day: string | undefined;
  /** Octets of an entry that was not written to its end: they were cut off. */
  readonly tornBytes: number;
}

/** Where to go on. @throws CS-GATEWAY-091 where the last entry is none; CS-FILE-... */
export async function cutToEnd(folder: string): Promise<FoundEnd> {
  const days = [...(await daysIn(folder))].reverse();
  let tornBytes = 0;
  for (const day of days) {
    const found = await cutFile(dayFile(folder, day));
    tornBytes += found.tornBytes;
    if (found.last !== undefined) return { last: found.last, day: days[0], tornBytes };
  }
  return { last: undefined, day: days[0], tornBytes };
}

async function cutFile(path: string): Promise<{ last: AuditEntry | undefined; tornBytes: number }> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r+');
    const { size } = await file.stat();
    const tail = Buffer.alloc(Math.min(size, tailBytes));
    await file.read(tail, 0, tail.length, size - tail.length);
    const end = tail.lastIndexOf(0x0a) + 1;
    if (end === 0 && size > tail.length) throw unusable(path, 'its last line has no end');
    const tornBytes = tail.length - end;
    if (tornBytes > 0) {
      await file.truncate(size - tornBytes);
      await file.sync();
    }
    if (end === 0) return { last: undefined, tornBytes };
    const begin = tail.lastIndexOf(0x0a, end - 2) + 1;
    const last = parseEntry(tail.toString('utf8', begin, end - 1));
    if (last === undefined || entryHash(last) !== last.hash) throw unusable(path, 'its last line is no entry');
    return { last, tornBytes };
  } catch (error) {
    throw writeFailure(error, path);
  } finally {
    await file?.close();
  }
}

/** @returns `undefined` where the line is none */
export function parseEntry(line: string): AuditEntry | undefined {
  try {
    const read = auditLine.safeParse(JSON.parse(line));
    return read.success ? fromAuditLine(read.data) : undefined;
  } catch {
    return undefined;
  }
}

/** Octets of a file; 0 where it is not there. */
export async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 0;
    throw readFailure(error, path);
  }
}

function unusable(path: string, problem: string): Refusal {
  return new Refusal('CS-GATEWAY-091', { path, problem });
}

function isMissing(error: unknown): boolean {
  return isRefusal(error) && systemCode(error.cause) === 'ENOENT';
}
