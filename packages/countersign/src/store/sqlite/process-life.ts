/** Whether a process goes on living: one that was killed holds its locks until the kernel has taken it apart, which on a busy machine takes a while. */
import { readFileSync } from 'node:fs';

export type ProcessLife = 'lives' | 'ends' | 'gone';

/** PF_EXITING of the kernel's sched.h, among the flags of /proc/PID/stat (proc_pid_stat(5)). */
const exiting = 0x4;

/** SIGKILL, the ninth, in the masks of /proc/PID/status (proc_pid_status(5)): sent, and not yet obeyed. */
const killed = 1n << 8n;

export function processLife(pid: number): ProcessLife {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return 'gone';
  }
  try {
    const [stat, status] = [readFileSync(`/proc/${String(pid)}/stat`, 'latin1'), statusOf(pid)];
    return isEnding(stat, status) ? 'ends' : 'lives';
  } catch {
    // No /proc, or gone since it was asked for: then the next look says so.
    return 'lives';
  }
}

function statusOf(pid: number): string {
  return readFileSync(`/proc/${String(pid)}/status`, 'latin1');
}

/** @param stat of /proc/PID/stat @param status of /proc/PID/status */
export function isEnding(stat: string, status: string): boolean {
  // The second field is the program's name in parentheses, which may hold anything.
  const [state = '', , , , , , flags = '0'] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const pending = [...status.matchAll(/^(?:SigPnd|ShdPnd):\s*([0-9a-f]+)$/gm)].map(([, mask = '0']) => mask);
  return (
    /^[ZXx]$/.test(state) ||
    (Number(flags) & exiting) !== 0 ||
    pending.some((mask) => (BigInt(`0x${mask}`) & killed) !== 0n)
  );
}
