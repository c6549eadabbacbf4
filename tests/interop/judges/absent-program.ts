/** Whether a program is on PATH, or in /usr/sbin, where some systems put servers that are not on everybody's PATH. */
import { spawnSync } from 'node:child_process';

export function findProgram(name: string): string | undefined {
  return [name, `/usr/sbin/${name}`].find((program) => spawnSync(program, ['--version']).error === undefined);
}

/** For a judge that a machine may do without, on CI too: why it is absent, or `false`. */
export function absentProgram(name: string): string | false {
  return findProgram(name) === undefined ? `${name} is not installed` : false;
}
