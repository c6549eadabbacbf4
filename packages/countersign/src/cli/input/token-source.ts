/** Where a call's enrolment token comes from: a file, stdin, the environment; never an argument. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Refusal } from '../../ground/errors/index.ts';
import type { Call } from '../call.ts';
import { readInputText } from './read-input.ts';

export const tokenVariable = 'COUNTERSIGN_TOKEN';

/**
 * @param named whether the call itself says for whom it is, so that the local authority is meant and the environment is not looked at
 * @returns `undefined` where no token was given
 */
export async function tokenOf(call: Call, named: boolean): Promise<string | undefined> {
  const { options, world } = call;
  const file = options.text('token-file');
  if (file === undefined) return named ? undefined : fromEnvironment(world.env[tokenVariable]);
  if (named) {
    throw new Refusal('CS-USAGE-006', { given: ['--token-file', 'a name'], rule: 'the token says the names' });
  }
  await warnIfOpen(file, call);
  return readInputText(file, world);
}

/** Warned of and not refused, other than a key: a shell's redirection makes such files, and this very call uses the token up. */
async function warnIfOpen(file: string, { output, world }: Call): Promise<void> {
  if (file === '-') return;
  const facts = await stat(resolve(world.workingDirectory, file)).catch(() => undefined);
  if (facts?.isFile() === true && (facts.mode & 0o077) !== 0) {
    output.hint(` note: other users of this machine could read ${file}; countersign token --out makes it yours alone`);
  }
}

function fromEnvironment(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value;
}
