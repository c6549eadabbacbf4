/** Tokens that were revoked one by one (RFC 7009), kept over restarts until they would have ended. */
import { type FileHandle, open } from 'node:fs/promises';
import { z } from 'zod';
import type { Clock } from '../../ground/clock/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { readFailure, systemCode, writeFileAtomically, writeFailure } from '../../runtime/config/index.ts';

export interface RevokedTokens {
  /** Resolves when it lasts. @param until milliseconds since 1970: the end of the token */
  add(tokenId: string, until: number): Promise<void>;
  has(tokenId: string): boolean;
}

const entryShape = z.strictObject({ jti: z.string().min(1).max(256), until: z.number() });

/** At its start the file is written anew without what has ended; between starts a line is some 80 bytes. */
export async function openRevokedTokens({ path, clock }: { path: string; clock: Clock }): Promise<RevokedTokens> {
  const ends = await readEntries(path, clock);
  const writeAll = async (): Promise<void> => {
    await writeFileAtomically(path, [...ends].map(([jti, until]) => lineOf(jti, until)).join(''));
  };
  await writeAll();
  /** Those whose line is on disk: whoever revokes a token again and again fills no disk by it. */
  const kept = new Set(ends.keys());
  /** An end of the file that was not written whole, or not for sure. */
  let torn = false;
  let turn: Promise<void> = Promise.resolve();
  const append = async (line: string): Promise<void> => {
    let file: FileHandle | undefined;
    try {
      file = await open(path, 'a', 0o600);
      await file.writeFile(line);
      await file.sync();
    } catch (error) {
      torn = true;
      throw writeFailure(error, path);
    } finally {
      await file?.close();
    }
  };
  const write = async (jti: string, until: number): Promise<void> => {
    if (kept.has(jti)) return;
    if (torn) {
      // Another line after it would be none, and with it would go what was acknowledged.
      const all = [...ends.keys()];
      await writeAll();
      torn = false;
      for (const one of all) kept.add(one);
    } else await append(lineOf(jti, until));
    kept.add(jti);
  };
  return {
    add: (jti, until) => {
      // It counts at once, also where the disk refuses it.
      ends.set(jti, until);
      for (const [old, end] of ends)
        if (end <= clock.now()) {
          ends.delete(old);
          kept.delete(old);
        }
      const done = turn.then(() => write(jti, until));
      turn = done.catch(() => undefined);
      return done;
    },
    has: (jti) => ends.has(jti),
  };
}

async function readEntries(path: string, clock: Clock): Promise<Map<string, number>> {
  const text = await textOf(path);
  const lines = text.split('\n');
  // What stands after the last line's end was not acknowledged to anybody.
  lines.pop();
  const ends = new Map<string, number>();
  for (const line of lines) {
    const { jti, until } = entryOf(path, line);
    if (until > clock.now()) ends.set(jti, until);
  }
  return ends;
}

function entryOf(path: string, line: string): z.infer<typeof entryShape> {
  try {
    return entryShape.parse(JSON.parse(line));
  } catch (error) {
    // Left out, a revoked token would count again.
    throw new Refusal('CS-OAUTH-009', { file: path, rule: 'a line is one revoked token' }, { cause: error });
  }
}

async function textOf(path: string): Promise<string> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    return await file.readFile('utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return '';
    throw readFailure(error, path);
  } finally {
    await file?.close();
  }
}

function lineOf(jti: string, until: number): string {
  return `${JSON.stringify({ jti, until })}\n`;
}
