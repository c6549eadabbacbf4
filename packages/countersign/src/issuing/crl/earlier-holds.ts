/** Whom the lists of the run before have told to be held: what of it has ended meanwhile, delta lists must still tell (removeFromCRL). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { concatBytes } from '../../ground/encoding/index.ts';
import { isRefusal } from '../../ground/errors/index.ts';
import { entryExtensions, parseCertificateList } from '../../identity/x509/index.ts';
import { systemCode } from '../../runtime/config/index.ts';
import { deltaName, scopeName, wholeScope } from './list-scope.ts';

/** What may be as long as it is: our own. */
const mostOctets = 1024 * 1024 * 1024;

/** A list without either is not looked through: a million entries take a second. */
const signs: readonly Buffer[] = (['certificateHold', 'removeFromCRL'] as const).map((reason) =>
  Buffer.from(concatBytes(entryExtensions({ reason }))),
);

/**
 * Upper-case hexadecimal; `undefined` where the lists can not be read. Every hold that a list has told is in the whole one, or in its delta, which is
 * written before it.
 */
export function earlierHolds(folder: string): readonly string[] | undefined {
  const held = new Set<string>();
  for (const name of [scopeName(wholeScope), deltaName(wholeScope)]) {
    const list = read(join(folder, `${name}.crl`));
    if (list === undefined) return undefined;
    if (!signs.some((sign) => list.includes(sign))) continue;
    try {
      for (const { serialNumber, reason } of parseCertificateList(list, mostOctets).revoked)
        if (reason === 'certificateHold' || reason === 'removeFromCRL') held.add(serialNumber);
    } catch (error) {
      if (isRefusal(error)) return undefined;
      throw error;
    }
  }
  return [...held];
}

function read(file: string): Buffer | undefined {
  try {
    const list = readFileSync(file);
    // Not synced, so a loss of power may have left nothing of it.
    return list.length === 0 ? undefined : list;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
