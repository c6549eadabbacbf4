/** One object of a file of vectors that holds several as PEM, with other text around them. */
import { readFileSync } from 'node:fs';

/** The first block with this label. */
export function vectorBlock(path: string, label: string): Uint8Array {
  const base64 = new RegExp(`-----BEGIN ${label}-----([^-]*)-----END ${label}-----`).exec(
    readFileSync(path, 'utf8'),
  )?.[1];
  if (base64 === undefined) throw new Error(`${path} holds no ${label}`);
  return new Uint8Array(Buffer.from(base64, 'base64'));
}
