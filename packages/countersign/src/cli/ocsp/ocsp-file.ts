/** Under which name a web server finds an answer, whose path is a request in base64. */
import { join } from 'node:path';

/**
 * The slashes of base64 make folders, and two of them are one, for the web server as for us. A last one asks for what the folder's index is.
 * No answer is in the way of another's folder: no request begins with a whole other one, since both tell their lengths first.
 */
export function ocspFile(dir: string, path: string): string {
  return path.endsWith('/') ? join(dir, path, indexName) : join(dir, path);
}

const indexName = 'answer';
