/** Users and groups of this machine by their names. Node cannot ask the system's name service, so its own programs do. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

import { Refusal } from '../../../ground/errors/index.ts';

const run = promisify(execFile);

/** A directory service that does not answer must not hold up the start for longer. Own choice. */
const longestMs = 5_000;

/** Throws CS-ADMIN-001. */
export async function uidOf(user: string): Promise<number> {
  if (/^\d+$/.test(user)) return Number(user);
  const known = numberIn(await readFile('/etc/passwd', 'utf8').catch(() => ''), user);
  return known ?? numeric(await answerOf('id', ['-u', '--', user])) ?? unknown('user', user);
}

/** Throws CS-ADMIN-001. */
export async function gidOf(group: string): Promise<number> {
  if (/^\d+$/.test(group)) return Number(group);
  const known = numberIn(await readFile('/etc/group', 'utf8').catch(() => ''), group);
  return known ?? numberIn(await answerOf('getent', ['group', '--', group]), group) ?? unknown('group', group);
}

/** For people who read a record; absent where the system has no name for the number. */
export async function userNameOf(uid: number): Promise<string | undefined> {
  const local = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const line = local.split('\n').find((one) => one.split(':')[2] === String(uid));
  const name = line?.split(':')[0] ?? (await answerOf('id', ['-un', '--', String(uid)])).trim();
  // `id` repeats a number that it does not know.
  return /^[A-Za-z_][\w.-]*\$?$/.test(name) ? name : undefined;
}

/** passwd(5) and group(5) both begin with the name, a password and the number. */
function numberIn(lines: string, name: string): number | undefined {
  const line = lines.split('\n').find((one) => one.startsWith(`${name}:`));
  return numeric(line?.split(':')[2] ?? '');
}

function numeric(text: string): number | undefined {
  return /^\d+\n?$/.test(text) ? Number(text) : undefined;
}

async function answerOf(program: string, parameters: readonly string[]): Promise<string> {
  try {
    return (await run(program, parameters, { timeout: longestMs, env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin' } }))
      .stdout;
  } catch {
    return '';
  }
}

function unknown(kind: 'user' | 'group', name: string): never {
  throw new Refusal('CS-ADMIN-001', { kind, name });
}
