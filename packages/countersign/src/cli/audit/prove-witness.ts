/** Whether an authority has signed what a file says that an endpoint remembers: the message of the feed in it must say the same head. */
import { isRefusal } from '../../ground/errors/index.ts';
import { type FeedMessage, verifyFeedMessage, withoutRevocation } from '../../identity/revocation/index.ts';
import type { Certificate } from '../../identity/x509/index.ts';
import { sha256, verifySignature } from '../../runtime/cryptography/index.ts';
import type { RememberedHead } from '../../traffic/revocation-sources/index.ts';

export interface WitnessedAuthority {
  readonly trustDomain: string;
  readonly root: Certificate;
}

/** @returns why it proves nothing; `undefined` where it does */
export function unprovenBecause(head: RememberedHead, { trustDomain, root }: WitnessedAuthority): string | undefined {
  let message: FeedMessage;
  try {
    message = verifyFeedMessage(head.message, {
      authority: head.authority,
      bundle: { trustDomain, anchors: [root], intermediates: [], sequence: 0 },
      // Of what has happened since, nothing takes back what was signed then.
      revocations: withoutRevocation,
      at: head.atMs,
      verifySignature,
      sha256,
    });
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return `${error.code} ${error.title}`;
  }
  const { audit, at } = message;
  if (audit.sequence === head.sequence && audit.hash === head.hash && at === head.atMs) return undefined;
  return `the signed message says entry ${audit.sequence}, ${audit.hash}`;
}
