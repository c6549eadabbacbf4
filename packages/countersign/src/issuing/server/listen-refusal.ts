/** Why an address could not be taken, in words with the system's code. */
import { Refusal } from '../../ground/errors/index.ts';

const words: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there',
  EADDRNOTAVAIL: 'it is no address of this machine',
  EACCES: 'this user may not take it; ports below 1024 need a right of their own',
  ENOTFOUND: 'the name is not known',
};

export function listenRefusal(error: unknown, address: string): Refusal {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  const known = words[code];
  const why = known === undefined ? code : `${known} (${code})`;
  return new Refusal('CS-AUTHORITY-007', { address, why }, { cause: error });
}
