/** The keys with which identities are signed, as files hold them: given ones, or those that an earlier run has left. */
import { isRefusal } from '../../../ground/errors/index.ts';
import { type Place, readPrivateFile, systemCode } from '../../../runtime/config/index.ts';
import { parsePrivateKey, type PrivateKey } from '../../../runtime/cryptography/index.ts';
import { givenKeys, type KeptKeys } from '../../forwarded-identity/index.ts';
import { keysOf, parseSigningState } from '../identity/signing-state.ts';
import type { SigningSettings } from './gateway-file.ts';
import type { ProblemList } from './problems.ts';

export type LoadedSigning =
  | { readonly given: readonly [PrivateKey, ...PrivateKey[]] }
  /** @param kept `undefined` at the first start */
  | { readonly path: string; readonly kept: KeptKeys | undefined };

interface Reading {
  readonly problems: ProblemList;
  pathOf(file: string): string;
  /** By whoever read the files, in the place of the disk. */
  given(path: string): string | undefined;
  /** So that other workers get the same. */
  read(path: string, read: (path: string) => Promise<string>): Promise<string>;
  used<T>(place: Place, file: string, use: (path: string) => Promise<T>): Promise<T | undefined>;
}

export async function loadSigning(
  settings: SigningSettings | undefined,
  reading: Reading,
): Promise<LoadedSigning | undefined> {
  if (settings === undefined) return undefined;
  const { keys, state } = settings;
  if (state !== undefined) return await loadState(state, reading);
  const found: PrivateKey[] = [];
  for (const [at, file] of (keys ?? []).entries()) {
    const key = await reading.used(['signing', 'keys', at], file, async (path) => {
      const parsed = parsePrivateKey(await reading.read(path, readPrivateFile));
      // It knows which kinds there are.
      givenKeys([parsed]);
      return parsed;
    });
    if (key !== undefined) found.push(key);
  }
  const [first, ...others] = found;
  return first === undefined ? undefined : { given: [first, ...others] };
}

/** Not among the files that are followed: it changes by the gateway itself. */
async function loadState(file: string, reading: Reading): Promise<LoadedSigning | undefined> {
  const path = reading.pathOf(file);
  // A worker takes the keys of the primary, and keeps none itself.
  const given = reading.given(path);
  if (given !== undefined) return { given: keysOf(parseSigningState(given)) };
  try {
    return { path, kept: parseSigningState(await readPrivateFile(path)) };
  } catch (error) {
    if (isMissing(error)) return { path, kept: undefined };
    reading.problems.unusableFile(['signing', 'state'], file, error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

function isMissing(error: unknown): boolean {
  return isRefusal(error) && systemCode(error.cause) === 'ENOENT';
}
