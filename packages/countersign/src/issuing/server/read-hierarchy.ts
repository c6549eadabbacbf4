/** The certificates of an authority from its state directory, for who asks what it would issue; no key is read. */
import { join } from 'node:path';

import { z } from 'zod';

import { isRefusal } from '../../ground/errors/index.ts';
import { type Certificate, readCertificatesPem } from '../../identity/x509/index.ts';
import { readJsonFile, readTextFile } from '../../runtime/config/index.ts';
import type { PublicHierarchy } from '../authority/index.ts';

const settings: z.ZodType<{ readonly trustDomain: string }> = z.object({ trustDomain: z.string() });

/** `undefined` where there is no authority yet. */
export async function readHierarchy(dir: string): Promise<PublicHierarchy | undefined> {
  const file = (name: string): string => join(dir, 'authority', name);
  const facts = await unlessAbsent(readJsonFile(file('settings.json'), settings));
  if (facts === undefined) return undefined;
  const [issuer] = await certificates(file('issuer.pem'));
  const [anchor] = await certificates(file('root.pem'));
  const above = (await unlessAbsent(certificates(file('above.pem')))) ?? [];
  return issuer === undefined || anchor === undefined ? undefined : { ...facts, issuer, above, anchor };
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
