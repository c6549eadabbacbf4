/** Whether a file holds revocation lists at all, for who is still being configured. */
import { Refusal } from '../../../ground/errors/index.ts';
import { fileReader } from './list-reader.ts';
import { mostBytesByDefault } from './open-lists.ts';
import { readLists } from './read-lists.ts';

/** @throws CS-CRL-001, CS-FILE-... */
export async function checkListFile(path: string): Promise<void> {
  const content = await fileReader(path, mostBytesByDefault).read(new AbortController().signal);
  const lists = content.kind === 'content' ? await readLists(content.bytes, mostBytesByDefault) : [];
  if (lists.length === 0) throw new Refusal('CS-CRL-001', { rule: 'no revocation list in it' });
}
