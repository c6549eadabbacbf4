/** What a library can do for the process that it is in: refuse a hostile environment, shut Node's debugger, and tell of core dumps. */
import { readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { Refusal, toLogLine } from '../../ground/errors/index.ts';
import { refuseHostileEnvironment } from './environment.ts';

/** How soft limits stand in proc(5). */
const coreLimit = /^Max core file size\s+(\S+)/m;

/** Where a debugger would be, were one opened, and the default of an option: Node's test runner gives them to every test. */
const opensNothing = /^--(?:inspect-port|debug-port|inspect-publish-uid|heapsnapshot-near-heap-limit=0$)/;

let warned = false;

/**
 * Only a shell, a service manager or a container can forbid core dumps: where they are allowed, that is a warning of the process, CS-ENV-006, once.
 * @throws CS-ENV-001 to -005
 */
export function hardenProcess(): void {
  refuseHostileEnvironment(
    process.env,
    process.execArgv.filter((option) => !opensNothing.test(option)),
  );
  shutDebugger();
  const refusal = coreDumpsAllowed(limitsOfThisProcess());
  if (refusal === undefined || warned) return;
  warned = true;
  process.emitWarning(`${toLogLine(refusal)}; ${refusal.remedy}`, { type: 'CountersignWarning', code: refusal.code });
}

/** SIGUSR1 opens Node's debugger to every process of this user, unless somebody listens to the signal (or --disable-sigusr1 is given). */
function shutDebugger(): void {
  // A thread has no signals, and its process has what the main thread has.
  if (isMainThread && process.listenerCount('SIGUSR1') === 0) process.on('SIGUSR1', () => undefined);
}

/** @param limits of /proc/PID/limits; where there is none nothing is known */
export function coreDumpsAllowed(limits: string): Refusal | undefined {
  const limit = coreLimit.exec(limits)?.[1] ?? '0';
  return limit === '0' ? undefined : new Refusal('CS-ENV-006', { limit });
}

function limitsOfThisProcess(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return '';
  }
}
