/** The messages of the feed as they are made from what is on disk, and what the log says of them. */
import type { ChangeMessage, FeedAuditHead, StateMessage } from '../../identity/revocation/index.ts';
import type { FeedChange, FeedState } from './revocation-ledger.ts';
import type { ServerEvent } from './server-event.ts';

interface Common {
  /** Lower-case hexadecimal SHA-256 of the root. */
  readonly authority: string;
  readonly audit: FeedAuditHead;
}

export function changeMessage(change: FeedChange, common: Common): ChangeMessage {
  const { number, atMs: at, revoked, bundle } = change;
  return {
    ...{ kind: 'change', ...common, number, at, revoked },
    ...widerOf(change),
    ...(bundle === undefined ? {} : { bundle }),
  };
}

export function stateMessage(
  { authority, leaseMs, heartbeatMs }: { authority: string; leaseMs: number; heartbeatMs: number },
  state: FeedState,
  at: number,
  audit: FeedAuditHead,
): StateMessage {
  const { number, revoked, bundle } = state;
  if (bundle === undefined) throw new TypeError('the bundle was not established');
  return {
    ...{ kind: 'state', authority, number, at, audit, revoked },
    ...widerOf(state),
    ...{ bundle, leaseMs, heartbeatMs },
  };
}

/** What people are told of a change. */
export function changeEvents({ number, revoked, scopes = [], released = [] }: FeedChange): readonly ServerEvent[] {
  const serialsOf = (entries: readonly { readonly serialNumber: string }[]): string[] =>
    entries.map(({ serialNumber }) => serialNumber);
  const held = revoked.filter(({ reason }) => reason === 'certificateHold');
  const ended = revoked.filter(({ reason }) => reason !== 'certificateHold');
  const widely = scopes.map((scope) => (scope.kind === 'identity' ? scope.identity : `issuer ${scope.issuerKey}`));
  return [
    ...(ended.length + widely.length === 0
      ? []
      : [{ event: 'revoked', serials: serialsOf(ended), number, widely } as const]),
    ...(held.length === 0 ? [] : [{ event: 'held', serials: serialsOf(held), number } as const]),
    ...(released.length === 0 ? [] : [{ event: 'released', serials: serialsOf(released), number } as const]),
  ];
}

function widerOf({
  scopes,
  released,
}: Pick<FeedChange, 'scopes' | 'released'>): Pick<FeedChange, 'scopes' | 'released'> {
  return { ...(scopes === undefined ? {} : { scopes }), ...(released === undefined ? {} : { released }) };
}
