/** Whether a server is there, and its OpenSSL knows a group. */
import { spawnSync } from 'node:child_process';
import type { Group } from './tls-server.ts';

/**
 * @param printsVersion what makes the program tell which OpenSSL it runs on
 * @returns why it is absent
 */
export function absentUnlessKnown(
  program: string | undefined,
  name: string,
  printsVersion: readonly string[],
  group: Group,
): string | undefined {
  if (program === undefined) return `${name} is not installed`;
  if (group === 'X25519') return undefined;
  const { stdout, stderr } = spawnSync(program, printsVersion, { encoding: 'utf8' });
  const [, major, minor] =
    /running (?:with|on) OpenSSL(?: version)?\s*:?\s*(?:OpenSSL )?(\d+)\.(\d+)/i.exec(stdout + stderr) ?? [];
  // 3.5 is the first with ML-KEM.
  if (Number(major) * 100 + Number(minor) >= 305) return undefined;
  return `it runs on OpenSSL ${major ?? '?'}.${minor ?? '?'} here, and ${group} begins with 3.5`;
}
