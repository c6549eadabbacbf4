/** Whether an argument means a TLS server: HOST:PORT, and no file of that name. */
import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { World } from '../call.ts';
import type { HostAndPort } from '../option-values.ts';
import { parseAddress } from '../parse-arguments.ts';

export async function serverAddress(argument: string, { workingDirectory }: World): Promise<HostAndPort | undefined> {
  const address = parseAddress(argument);
  if (address === undefined || address.port === 0) return undefined;
  const isFile = await access(resolve(workingDirectory, argument)).then(
    () => true,
    () => false,
  );
  return isFile ? undefined : address;
}
