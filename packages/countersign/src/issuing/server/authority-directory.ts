/** The authority's keys and settings on disk: made whole or not at all, and checked to belong together before they are used. */
import { join } from 'node:path';

import type { Clock } from '../../ground/clock/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { readJsonFile } from '../../runtime/config/index.ts';
import { createOwnHierarchy } from '../authority/index.ts';
import { asDamagedState, damagedState } from './keys/damaged-state.ts';
import { keyFiles, keyFolderName, keySettingsShape } from './keys/key-files.ts';
import { readKeyFolder, replaceKeyFolder, settleKeyFolder } from './keys/key-folder.ts';
import { loadKeys, type LoadedKeys } from './keys/load-keys.ts';
import { hierarchyContents } from './keys/new-authority.ts';
import { type KeyPassphrases, noPassphrases } from './keys/passphrases.ts';

export interface DirectoryQuestion {
  /** The state directory; it exists, and this process alone works in it. */
  readonly dir: string;
  /** What was asked for; absent: whatever is there. */
  readonly trustDomain?: string | undefined;
  readonly ledgerId: string;
  /** Whether the database holds certificates: then keys that are missing were lost, not never made. */
  readonly ledgerInUse: boolean;
  /** Default none: keys are made unencrypted, and only such ones can be read. */
  readonly passphrases?: KeyPassphrases | undefined;
  readonly clock: Clock;
}

/** For a first run on one's own machine; "internal" is reserved for private use (ICANN, 2024). */
export const defaultTrustDomain = 'dev.internal';

export async function openAuthorityDirectory(question: DirectoryQuestion): Promise<LoadedKeys> {
  const { dir, ledgerId, ledgerInUse, clock, passphrases = noPassphrases } = question;
  await settleKeyFolder(dir);
  const folder = join(dir, keyFolderName);
  const names = Object.keys((await readKeyFolder(dir)) ?? {});
  if (!names.includes(keyFiles.settings)) {
    if (names.includes(keyFiles.next))
      throw new Refusal('CS-ISSUER-012', { request: join(folder, keyFiles.nextRequest) });
    if (names.length > 0) throw damagedState(join(folder, keyFiles.settings), 'it is missing');
    if (ledgerInUse) throw damagedState(folder, 'the keys are missing, though certificates were issued with them');
    const trustDomain = question.trustDomain ?? defaultTrustDomain;
    const hierarchy = createOwnHierarchy({ trustDomain, clock });
    const settings = { version: 1, trustDomain, ledger: ledgerId } as const;
    await replaceKeyFolder(dir, hierarchyContents(hierarchy, settings, await passphrases.given()));
  }
  try {
    return await readWhole(folder, question);
  } catch (error) {
    throw asDamagedState(error);
  }
}

async function readWhole(folder: string, question: DirectoryQuestion): Promise<LoadedKeys> {
  const { ledgerId, passphrases = noPassphrases } = question;
  const { trustDomain, ledger } = await readJsonFile(join(folder, keyFiles.settings), keySettingsShape);
  if (question.trustDomain !== undefined && question.trustDomain !== trustDomain) {
    throw new Refusal('CS-STATE-003', { found: trustDomain, asked: question.trustDomain });
  }
  if (ledger !== ledgerId) {
    const rule = 'the database is another than the one that these keys were used with';
    throw damagedState(join(folder, keyFiles.settings), rule);
  }
  return loadKeys(folder, trustDomain, passphrases);
}
