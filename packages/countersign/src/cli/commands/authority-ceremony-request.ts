/** `authority ceremony request`: the next issuer's key, and its request as a file to carry. */
import { requestToFile } from '../authority/request-to-file.ts';
import type { Call } from '../call.ts';

export function run(call: Call): Promise<number> {
  process.umask(0o077);
  return requestToFile(call);
}
