/** The issuer that the next start will use, where it is another than the one in use: keys are read once. */
import { join } from 'node:path';

import { equalBytes } from '../../../ground/encoding/index.ts';
import { type Certificate, readCertificatesPem } from '../../../identity/x509/index.ts';
import { readTextFile } from '../../../runtime/config/index.ts';
import type { AuthorityKeys } from '../../authority/index.ts';
import { keyFiles, keyFolderName } from './key-files.ts';

/** What can not be read is no answer to this question; the start names it. */
export async function nextIssuer(
  { dir }: { readonly dir: string },
  { issuer }: Pick<AuthorityKeys, 'issuer'>,
): Promise<Certificate | undefined> {
  try {
    const [found] = readCertificatesPem(await readTextFile(join(dir, keyFolderName, keyFiles.issuer)));
    return found === undefined || equalBytes(found.raw, issuer.certificate.raw) ? undefined : found;
  } catch {
    return undefined;
  }
}
