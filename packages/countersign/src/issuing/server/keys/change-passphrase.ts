/** Changes, adds or removes the passphrase of all keys of an authority: of all of them or, where it fails or the machine stops, of none. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { tokenFolder, tokenKeysFolder } from '../../token-issuer/index.ts';
import { damagedState } from './damaged-state.ts';
import { isSecretFile, keyFiles, keyFolderName } from './key-files.ts';
import { keyText, openKeyText, requirePassphrase } from './key-file.ts';
import { readKeyFolder, replaceKeyFolder, settleKeyFolder } from './key-folder.ts';
import type { GivenPassphrase, KeyPassphrases } from './passphrases.ts';

export interface PassphraseChange {
  /** The state directory; this process alone works in it. */
  readonly dir: string;
  readonly current: KeyPassphrases;
  /** Asked for when all keys have been opened; `undefined`: they are written unencrypted. */
  readonly next: () => Promise<GivenPassphrase | undefined>;
}

export interface ChangedPassphrase {
  /** The names of the key files. */
  readonly files: readonly string[];
  readonly wasEncrypted: boolean;
}

export async function changePassphrase({ dir, current, next }: PassphraseChange): Promise<ChangedPassphrase> {
  await settleKeyFolder(dir);
  const folder = join(dir, keyFolderName);
  const contents = (await readKeyFolder(dir)) ?? {};
  const files = Object.keys(contents).filter(isSecretFile);
  if (files.length === 0) throw damagedState(join(folder, keyFiles.issuerKey), 'it is missing');
  const opened = [];
  for (const name of files) {
    const { privateKey, encrypted } = await openKeyText(join(folder, name), contents[name] ?? '', current);
    opened.push({ name, privateKey, encrypted });
  }
  const passphrase = await next();
  if (passphrase !== undefined) requirePassphrase(passphrase);
  const changed = opened.map(({ name, privateKey }) => [name, keyText(privateKey, passphrase)] as const);
  // Under the old passphrase nobody could open them: new ones are made, and tokens, which live for minutes, are asked for again.
  await rm(join(dir, tokenFolder, tokenKeysFolder), { recursive: true, force: true });
  await replaceKeyFolder(dir, { ...contents, ...Object.fromEntries(changed) });
  return { files, wasEncrypted: opened.some(({ encrypted }) => encrypted) };
}
