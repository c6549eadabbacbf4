/** Lists that another run has left in the folder: the root's own, and the last ones of an issuer that was replaced. Handed out as they lie there. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import { systemCode } from '../../../runtime/config/index.ts';
import { LentFiles } from '../../crl/index.ts';
import type { PublishedAnswer } from './published-route.ts';

/** Nothing else is read of the file system, whatever was asked for. */
const form = /^[0-9a-f]{16}\/(?:all|\d{1,3}-\d{1,3})(?:-delta)?\.crl$/;

/** Own choice: it changes when a person makes a new one. */
const headers = { 'cache-control': 'public, max-age=600' };

/** By their paths, of which there are few; in memory is what somebody is being sent. */
const files = new LentFiles();

export async function otherList(folder: string, path: string): Promise<PublishedAnswer | undefined> {
  if (!form.test(path)) return undefined;
  const file = join(folder, path);
  try {
    const { mtimeMs, size } = await stat(file);
    const etag = `"${Math.floor(mtimeMs).toString(16)}-${size.toString(16)}"`;
    const modified = { etag, 'last-modified': new Date(mtimeMs).toUTCString(), ...headers };
    return { status: 200, type: 'application/pkix-crl', bytes: await files.read(file, etag), headers: modified };
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
