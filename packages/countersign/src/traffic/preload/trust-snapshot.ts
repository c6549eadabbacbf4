/** Trust as plain data: what a process that follows the feed hands to one that does not. */
import { encodePem } from '../../ground/encoding/index.ts';
import {
  revocationKey,
  type RevocationState,
  type RevocationView,
  type RevokedEntry,
  type RevokedScope,
  ScopeSet,
} from '../../identity/revocation/index.ts';
import { type Bundle, BundleSet } from '../../identity/spiffe/index.ts';
import { type Certificate, readCertificatesPem } from '../../identity/x509/index.ts';

export interface BundleSnapshot {
  readonly trustDomain: string;
  /** PEM. */
  readonly anchors: string;
  /** PEM; empty where there is none. */
  readonly intermediates: string;
}

export interface RevocationSnapshot {
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly freshUntil: number;
  readonly revoked: readonly RevokedEntry[];
  readonly scopes: readonly RevokedScope[];
}

export interface TrustSnapshot {
  readonly bundle: BundleSnapshot;
  readonly revocations: RevocationSnapshot;
}

export function bundleSnapshot({ trustDomain, anchors, intermediates }: Bundle): BundleSnapshot {
  return { trustDomain, anchors: toPem(anchors), intermediates: toPem(intermediates) };
}

export function revocationSnapshot(state: RevocationState): RevocationSnapshot {
  return {
    number: state.number,
    freshUntil: state.freshUntil,
    revoked: [...state.entries()],
    scopes: [...state.scopes],
  };
}

export function bundlesOf({ trustDomain, anchors, intermediates }: BundleSnapshot): BundleSet {
  return new BundleSet(trustDomain, [
    { trustDomain, anchors: fromPem(anchors), intermediates: fromPem(intermediates), sequence: 0 },
  ]);
}

/** Nobody can say what was added since another one, so that each is a reason to look at every connection. */
export function revocationsOf({ number, freshUntil, revoked, scopes }: RevocationSnapshot): RevocationView {
  const entries = new Map(revoked.map((entry) => [revocationKey(entry.issuerKey, entry.serialNumber), entry]));
  // The time decides only what is forgotten of those before: there are none.
  const set = ScopeSet.empty.with(scopes, 0);
  return {
    number,
    freshUntil,
    scopeOf: (subject) => set.find(subject),
    isRevoked: (issuerKey, serialNumber) => entries.get(revocationKey(issuerKey, serialNumber)),
  };
}

function toPem(certificates: readonly Certificate[]): string {
  return certificates.map(({ raw }) => encodePem('CERTIFICATE', raw)).join('');
}

function fromPem(text: string): readonly Certificate[] {
  return text === '' ? [] : readCertificatesPem(text);
}
