/** Ends a hold, tells everybody, waits for them, and says where it is over. */
import { Refusal } from '../../ground/errors/index.ts';
import type { Actor } from '../../runtime/audit/index.ts';
import type { ReleaseResponse } from '../../runtime/api/index.ts';
import { type AwaitedEnforcement, awaitEnforcement } from './enforcement.ts';
import type { ServerParts } from './server-parts.ts';

export async function release(parts: ServerParts, serial: string, actor: Actor): Promise<ReleaseResponse> {
  const { feed, endpoints, clock, enforcementWaitMs: waitMs } = parts;
  const startMs = clock.monotonic();
  let enforcement: AwaitedEnforcement | undefined;
  const result = await feed.release(serial, actor, ({ number }) => {
    enforcement = awaitEnforcement({ endpoints, number, clock, startMs, waitMs });
  });
  if (result.outcome === 'revoked') throw new Refusal('CS-REVOKE-003', { serial, why: 'revoked for good' });
  if (result.outcome === 'not-held' || enforcement === undefined)
    throw new Refusal('CS-REVOKE-003', { serial, why: 'not held' });
  const { serialNumbers, change } = result;
  return { serials: [...serialNumbers], number: change.number, ...(await enforcement.settle()) };
}
