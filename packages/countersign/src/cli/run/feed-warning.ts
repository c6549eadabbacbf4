/** What of the feed's life a person must hear of: that revocations do not arrive, or that the authority's past has changed. */
import { isRefusal, type Refusal, toLogLine } from '../../ground/errors/index.ts';
import type { FeedEvent } from '../../traffic/revocation-sources/index.ts';

export function feedWarning(event: FeedEvent): { readonly text: string; readonly code: string | null } | undefined {
  switch (event.type) {
    case 'refused':
    case 'silent':
    case 'audit-contradicted':
      return { text: toLogLine(event.refusal), code: event.refusal.code };
    case 'interrupted':
      return { text: `revocations are not heard of: ${wordsOf(event.error)}`, code: codeOf(event.error) };
    case 'lease-ended':
      return {
        text: 'what is known of revocations is too old: everybody is refused until the authority is back',
        code: null,
      };
    default:
      return undefined;
  }
}

function codeOf(error: unknown): Refusal['code'] | null {
  return isRefusal(error) ? error.code : null;
}

function wordsOf(error: unknown): string {
  if (isRefusal(error)) return toLogLine(error);
  return error instanceof Error ? error.message : String(error);
}
