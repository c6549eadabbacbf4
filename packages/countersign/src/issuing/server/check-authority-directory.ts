/** Whether a state directory holds one authority: its database goes with its keys, and each key with a certificate. Nothing is changed, nothing decrypted. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { equalBytes, parsePem } from '../../ground/encoding/index.ts';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import { type Certificate, parseCertificate } from '../../identity/x509/index.ts';
import { readFailure, readTextFile } from '../../runtime/config/index.ts';
import { parsePrivateKey } from '../../runtime/cryptography/index.ts';

export interface CheckedDirectory {
  readonly trustDomain: string;
}

/** Lenient: what else the settings say is read, strictly, by whoever serves from them. */
const belonging = z.object({ trustDomain: z.string().min(1), ledger: z.string().min(1) });

export async function checkAuthorityDirectory(dir: string, ledgerId: string): Promise<CheckedDirectory> {
  const folder = join(dir, 'authority');
  const { trustDomain, ledger } = await readBelonging(join(folder, 'settings.json'));
  if (ledger !== ledgerId)
    throw damaged(join(folder, 'settings.json'), 'the database is the one that these keys were used with');
  const names = await readdir(folder).catch((error: unknown) => {
    throw readFailure(error, folder);
  });
  const pems = names.filter((name) => name.endsWith('.pem')).map((name) => join(folder, name));
  const contents = await Promise.all(pems.map(readObjects));
  const certificates = contents.flatMap((found) => found.certificates);
  if (certificates.length === 0) throw damaged(folder, 'the certificates of an authority');
  for (const { file, keys } of contents) {
    for (const key of keys) {
      if (!certificates.some(({ publicKey }) => equalBytes(publicKey.raw, key)))
        throw damaged(file, 'the key belongs to one of the certificates');
    }
  }
  return { trustDomain };
}

async function readBelonging(file: string): Promise<z.infer<typeof belonging>> {
  const text = await readTextFile(file);
  try {
    return belonging.parse(JSON.parse(text));
  } catch (error) {
    throw damaged(file, 'the settings of an authority', error);
  }
}

interface Objects {
  readonly file: string;
  readonly certificates: readonly Certificate[];
  /** The public halves of keys that are not encrypted. */
  readonly keys: readonly Uint8Array[];
}

async function readObjects(file: string): Promise<Objects> {
  const text = await readTextFile(file);
  try {
    const blocks = parsePem(text);
    const labelled = (label: string): Uint8Array[] =>
      blocks.filter((block) => block.label === label).map(({ bytes }) => bytes);
    return {
      file,
      certificates: labelled('CERTIFICATE').map((der) => parseCertificate(der)),
      keys: labelled('PRIVATE KEY').length === 0 ? [] : [parsePrivateKey(text).publicKey.raw],
    };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw damaged(file, `${error.code} ${error.title}`, error);
  }
}

function damaged(file: string, rule: string, cause?: unknown): Refusal {
  return new Refusal('CS-STATE-002', { file, rule }, { cause });
}
