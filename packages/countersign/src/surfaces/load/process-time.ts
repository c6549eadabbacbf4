/** How much CPU time a process of this machine has taken. */
import { readFileSync } from 'node:fs';
import { Refusal } from '../../ground/errors/index.ts';
import { systemCode } from '../../runtime/config/index.ts';

/** USER_HZ is 100 on every architecture that Node runs on. */
const tickUs = 10_000;

/** User and system time of all its threads in microseconds (proc(5): utime and stime, to the hundredth of a second). @throws CS-RUN-002 */
export function processTimeUs(pid: number): number {
  const stat = readStat(pid);
  // The name in parentheses may hold anything, blanks and parentheses too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickUs;
}

function readStat(pid: number): string {
  const path = `/proc/${pid}/stat`;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const evidence = { action: "read a process's CPU time", subject: path, reason: systemCode(error) };
    throw new Refusal('CS-RUN-002', evidence, { cause: error });
  }
}
