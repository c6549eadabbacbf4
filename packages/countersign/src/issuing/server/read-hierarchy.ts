/** The certificates of an authority from its state directory, for who asks what it would issue; no key is read. */
import { join } from 'node:path';

import { isRefusal } from '../../ground/errors/index.ts';
import { type Certificate, readCertificatesPem } from '../../identity/x509/index.ts';
import { readJsonFile, readTextFile } from '../../runtime/config/index.ts';
import type { PublicHierarchy } from '../authority/index.ts';
import { keyFiles, keyFolderName, keySettingsShape } from './keys/key-files.ts';

/** `undefined` where there is no authority yet. */
export async function readHierarchy(dir: string): Promise<PublicHierarchy | undefined> {
  const file = (name: string): string => join(dir, keyFolderName, name);
  const facts = await unlessAbsent(readJsonFile(file(keyFiles.settings), keySettingsShape));
  if (facts === undefined) return undefined;
  const [issuer] = await certificates(file(keyFiles.issuer));
  const [anchor] = await certificates(file(keyFiles.anchor));
  const above = (await unlessAbsent(certificates(file(keyFiles.above)))) ?? [];
  const { trustDomain } = facts;
  return issuer === undefined || anchor === undefined ? undefined : { trustDomain, issuer, above, anchor };
}

async function certificates(path: string): Promise<readonly Certificate[]> {
  return readCertificatesPem(await readTextFile(path));
}

async function unlessAbsent<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isRefusal(error) && error.code === 'CS-FILE-001') return undefined;
    throw error;
  }
}
