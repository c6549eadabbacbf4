/** Where a call's enrolment token comes from: a file, stdin, the environment; never an argument. */
import { resolve } from 'node:path';
import { Refusal } from '../../ground/errors/index.ts';
import { readPrivateFile } from '../../runtime/config/index.ts';
import type { Call } from '../call.ts';
import { readInputText } from './read-input.ts';

export const tokenVariable = 'COUNTERSIGN_TOKEN';

/**
 * @param named whether the call itself says for whom it is, so that the local authority is meant and the environment is not looked at
 * @returns `undefined` where no token was given
 */
export async function tokenOf({ options, world }: Call, named: boolean): Promise<string | undefined> {
  const file = options.text('token-file');
  if (file === undefined) return named ? undefined : fromEnvironment(world.env[tokenVariable]);
  if (named) {
    throw new Refusal('CS-USAGE-006', { given: ['--token-file', 'a name'], rule: 'the token says the names' });
  }
  // A token is a secret as a key is: a file that others may read has given it away.
  return file === '-' ? readInputText('-', world) : readPrivateFile(resolve(world.workingDirectory, file));
}

function fromEnvironment(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value;
}
