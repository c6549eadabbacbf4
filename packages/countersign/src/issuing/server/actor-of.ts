/** Who a caller is to the audit log. */
import type { Actor } from '../../runtime/audit/index.ts';
import type { Caller } from './route.ts';

/** The local socket answers its owner alone, and root in his name. */
export function actorOf(_caller: Caller): Actor {
  return { kind: 'local-user', name: `uid ${String(process.geteuid?.() ?? 'not known')}` };
}
