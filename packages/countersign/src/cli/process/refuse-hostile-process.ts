/** Refuses to go on in a process whose environment or options weaken TLS (bypass class R). */
import { refuseHostileEnvironment } from '../../runtime/tls/index.ts';
import type { World } from '../call.ts';

export function refuseHostileProcess({ env, execArgv }: World): void {
  refuseHostileEnvironment(env, execArgv);
}
