/**
 * Takes back, from an endpoint, a message of the feed of an earlier life of this authority: whatever it revoked stays revoked. Who hands it back proves
 * nothing by that; the signature of the feed's key of then does.
 */
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import {
  type FeedMessage,
  parseFeedEnvelope,
  parseFeedPayload,
  type RevokedEntry,
  type RevokedScope,
  verifyFeedMessage,
} from '../../identity/revocation/index.ts';
import { auditEvent } from '../../runtime/audit/index.ts';
import { sha256, verifySignature } from '../../runtime/cryptography/index.ts';
import { type AuthorityKeys, issuerChain } from '../authority/index.ts';
import type { Clock } from '../../ground/clock/index.ts';
import type { Feed } from './feed.ts';
import type { Epoch } from './recovery-ledger.ts';

export interface TakeBackParts {
  readonly epoch: Epoch;
  readonly keys: AuthorityKeys;
  /** Of all issuers whose certificates are out. */
  readonly issuerKeys: ReadonlySet<string>;
  readonly feed: Feed;
  readonly clock: Clock;
  /** Lower-case hexadecimal SHA-256 of the anchor. */
  readonly rootSha256: string;
}

/** The number of revocations that were not known. */
export async function takeBack(parts: TakeBackParts, text: string, spiffeId: string): Promise<number> {
  const { epoch, issuerKeys, feed, clock } = parts;
  const message = verified(parts, text);
  if (message.number >= epoch.firstNumber) throw new Refusal('CS-BACKUP-009', { rule: 'a message of before' });
  const lost = 'revoked' in message ? message.revoked.filter((entry) => isLost(entry, issuerKeys, feed)) : [];
  const scopes: readonly RevokedScope[] = 'scopes' in message ? (message.scopes ?? []) : [];
  const lostScopes = scopes.filter((scope) => scope.expiresAt >= clock.now() && !feed.covers(scope));
  if (lost.length === 0 && lostScopes.length === 0) return 0;
  const event = auditEvent('certificate.revoke', {
    atMs: clock.now(),
    actor: { kind: 'service', name: spiffeId },
    facts: { returned: true, ofNumber: message.number },
  });
  return feed.relearn(lost, event, lostScopes);
}

/** In its own time, which is signed with the rest: the certificates of the feed's keys live for days, and their keys died with their process. */
function verified({ keys, rootSha256, feed }: TakeBackParts, text: string): FeedMessage {
  try {
    const { at } = parseFeedPayload(parseFeedEnvelope(text).payload);
    return verifyFeedMessage(text, {
      authority: rootSha256,
      bundle: { trustDomain: keys.trustDomain, anchors: [keys.anchor], intermediates: issuerChain(keys), sequence: 1 },
      // A key of the feed that was revoked vouches for nothing, whenever it is said to have.
      revocations: feed.revocations.current(),
      at,
      verifySignature,
      sha256,
    });
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw new Refusal('CS-BACKUP-009', { rule: `${error.code} ${error.title}` }, { cause: error });
  }
}

function isLost(entry: RevokedEntry, issuerKeys: ReadonlySet<string>, feed: Feed): boolean {
  const known = feed.revocations.current().isRevoked(entry.issuerKey, entry.serialNumber);
  return issuerKeys.has(entry.issuerKey) && known === undefined;
}
