/** What one view of revocations says that another did not. */
import type { RevocationView, RevokedEntry, RevokedScope } from '../../../identity/revocation/index.ts';

export interface RevokedSince {
  /** `undefined` where it is not known of whom. */
  readonly added: readonly RevokedEntry[] | undefined;
  readonly scopes: readonly RevokedScope[];
}

/** `undefined` where nothing was revoked or released: a heartbeat moves the lease alone. */
export function revokedSince(before: RevocationView, after: RevocationView): RevokedSince | undefined {
  const added = after.addedSince?.(before);
  const { scopes = [], released = false } = after.otherwiseSince?.(before) ?? {};
  return added?.length === 0 && scopes.length === 0 && !released ? undefined : { added, scopes };
}
