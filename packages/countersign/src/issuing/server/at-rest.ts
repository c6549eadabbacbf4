/** What the files of a state directory tell of its authority while nobody serves from it. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import { readCertificatesPem } from '../../identity/x509/index.ts';
import { readTextFile } from '../../runtime/config/index.ts';
import { sha256Hex } from '../../runtime/cryptography/index.ts';

export interface AuthorityAtRest {
  readonly trustDomain?: string | undefined;
  /** SHA-256 of the trust anchor. */
  readonly root?: string | undefined;
  readonly issuerNotAfterMs?: number | undefined;
  readonly databaseBytes?: number | undefined;
}

/** Each fact alone, as far as this user may read it; nothing is opened that the database's locks depend on. */
export async function authorityAtRest(dir: string): Promise<AuthorityAtRest> {
  const at = (...names: string[]): string => join(dir, ...names);
  const [settings, root, issuer, database] = await Promise.all([
    quietly(async () => JSON.parse(await readTextFile(at('authority', 'settings.json'))) as { trustDomain?: unknown }),
    quietly(async () => readCertificatesPem(await readTextFile(at('authority', 'root.pem')))[0]),
    quietly(async () => readCertificatesPem(await readTextFile(at('authority', 'issuer.pem')))[0]),
    quietly(() => stat(at('authority.db'))),
  ]);
  return {
    trustDomain: typeof settings?.trustDomain === 'string' ? settings.trustDomain : undefined,
    root: root === undefined ? undefined : sha256Hex(root.raw),
    issuerNotAfterMs: issuer?.notAfter,
    databaseBytes: database?.size,
  };
}

async function quietly<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch {
    return undefined;
  }
}
