/** What the feed says of one certificate of a path. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import { equalBytes } from '../../ground/encoding/index.ts';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import { issuerKeyOf } from '../../identity/revocation/index.ts';
import { svidId } from '../../identity/spiffe/index.ts';
import { type Certificate, type ExaminedPath, naming, sameName } from '../../identity/x509/index.ts';
import { sha256 } from '../../runtime/cryptography/index.ts';
import type { HeardFeed } from './hear-feed.ts';

export type FeedAnswer =
  | { readonly status: 'good' }
  | {
      readonly status: 'revoked';
      readonly revokedAt: number;
      readonly reason: string | undefined;
      readonly refusal: Refusal;
    }
  /** Issued by somebody else, or the lease has ended. */
  | { readonly status: 'undetermined'; readonly refusal: Refusal };

/** @param index of the certificate in the path */
export function askFeed(feed: HeardFeed, path: ExaminedPath, index: number, at: number): FeedAnswer {
  const certificate = path.certificates[index];
  if (certificate === undefined) throw new TypeError('a certificate of the path');
  const peer = naming(certificate);
  const { serialNumber } = certificate;
  const { freshUntil } = feed.state;
  const keys = [...path.certificates, path.anchor].map((one) => issuerKeyOf(one, sha256));
  const found = entryOf(feed, path, index, keys);
  if (found !== undefined) {
    const { revokedAt, reason } = found;
    const moment = toRfc3339(revokedAt);
    const refusal =
      reason === 'certificateHold'
        ? new Refusal('CS-PEER-020', { peer, serialNumber, heldSince: moment })
        : new Refusal('CS-PEER-008', { peer, serialNumber, revokedAt: moment });
    return { status: 'revoked', revokedAt, reason, refusal };
  }
  const own = ownKeys(feed);
  // The feed tells of what its issuers have issued, and of themselves.
  const isTold = feed.bundle.anchors.some(({ raw }) => 'raw' in path.anchor && equalBytes(raw, path.anchor.raw));
  if (!isTold || ![keys[index], keys[index + 1]].some((key) => key !== undefined && own.has(key))) {
    const reason = 'the feed tells of what its own authority issued, and of nothing else';
    return { status: 'undetermined', refusal: new Refusal('CS-PEER-021', { peer, serialNumber, reason }) };
  }
  if (at < freshUntil) return { status: 'good' };
  return {
    status: 'undetermined',
    refusal: new Refusal('CS-PEER-010', { peer, freshUntil: toRfc3339(freshUntil) }),
  };
}

function entryOf(
  { state }: HeardFeed,
  { certificates }: ExaminedPath,
  index: number,
  keys: readonly string[],
): { readonly revokedAt: number; readonly reason: string } | undefined {
  const certificate = certificates[index];
  if (certificate === undefined) return undefined;
  const entry = state.isRevoked(keys[index + 1] ?? '', certificate.serialNumber);
  return (
    entry ??
    state.scopeOf({
      identity: identityOf(certificate),
      // An issuer's revoked key takes its own certificate with it.
      issuerKeys: () => keys.slice(Math.max(index, 1)),
      notBefore: () => certificate.notBefore,
    })
  );
}

function identityOf(certificate: Certificate): string | undefined {
  try {
    return svidId(certificate)?.toString();
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

/** Those that issued none of the others: above them are a corporate authority's, of which the feed knows nothing. */
function ownKeys({ bundle: { intermediates } }: HeardFeed): ReadonlySet<string> {
  const own = intermediates.filter(({ subject }) => !intermediates.some(({ issuer }) => sameName(issuer, subject)));
  return new Set(own.map((issuer) => issuerKeyOf(issuer, sha256)));
}
